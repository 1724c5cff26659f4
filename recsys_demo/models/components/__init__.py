"""Parts of a ranker, each adding its own logit. To add one: see CONTRIBUTING, "A component"."""
