"""From columns to the integers and numbers a model reads; everything is fitted on training rows."""
