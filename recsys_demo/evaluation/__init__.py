"""Numbers of labels and scores: metrics, slices, intervals, verdicts; and what the papers print."""
