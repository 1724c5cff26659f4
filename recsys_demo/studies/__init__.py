"""Questions asked of runs and logs, answered with numbers and a sentence."""
