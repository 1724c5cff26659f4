"""Maps of what a model has learned, and numbers that say how far the eye may trust them."""
