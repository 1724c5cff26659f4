"""The lab as a scikit-learn classifier: the same engine, from a DataFrame to lists."""
