"""Cross-product transformations: definitions a person writes, and their fitted dictionaries."""
