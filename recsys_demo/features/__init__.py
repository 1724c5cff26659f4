"""Values to numbers: vocabularies, quantiles and cross dictionaries, fitted on training rows."""
