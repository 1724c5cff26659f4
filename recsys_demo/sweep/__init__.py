"""Many runs over many workers: each trained once, kept by its content, done again when lost."""
