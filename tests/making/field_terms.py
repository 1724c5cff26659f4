"""Terms of the field that a reader of a label cannot be expected to know, independent of what the
glossary holds."""

from __future__ import annotations

import re

from recsys_demo.lessons.glossary import glossary

FIELD_TERMS = """
ablation; activation; adagrad; adam; affinity; alignment; attention; autoencoder; average precision;
backpropagation; bagging; base rate; batch; batch normalization; bias; bootstrap; calibration;
candidate generator; categorical; cold start; collaborative filtering; continuity; cosine; coverage;
cross network; cross-entropy; cross-validated; crosses; ctr; decay; delong; density; dropout;
early stopping; embedding; embeddings; ensemble; entropy; epoch; epochs; euclidean; exposure;
factorization; false positive rate; feature importance; fine-tuning; ftrl; funnel; gradient;
hashing; hit rate; hyperparameter; implicit feedback; information gain; inner product; interaction;
kernel; l1; l2; latency; learning rate; lift; likelihood; log loss; log-odds; log-q; logistic;
logit; logits; long tail; margin; matrix factorization; mean reciprocal rank; momentum;
multi-task; multi-valued; ndcg; negative sampling; negatives; neuron; normalized entropy; novelty;
one-hot; optimizer; overcross; overfitting; patience; perplexity; popularity bias; position bias;
posterior; pr auc; precision; principal components; prior; probe; procrustes; propensity; purity;
quantile; quantile loss; rank correlation; recall; regret; regularization; residual; retrieval; roc;
seed; seeds; serendipity; shapley; sigmoid; slice; slices; smoothing; softmax; standard deviation;
stratified; support; t-sne; threshold; transformer; trustworthiness; two-tower; umap;
validation; variance; vector; vectors; weight decay; welch
"""
# Abbreviations of file formats and computers.
KNOWN = {
    *("CSV", "TSV", "JSON", "TOML", "HTML", "PNG", "SVG", "ZIP"),
    *("CPU", "GPU", "KB", "MB", "GB", "QR", "URL", "OK", "ID", "UTF-8"),
}
_LONGEST_FIRST = sorted((one.strip() for one in FIELD_TERMS.split(";")), key=len, reverse=True)
_PATTERN = re.compile(
    r"(?<![\w-])(?:" + "|".join(map(re.escape, _LONGEST_FIRST)) + r")(?![\w-])", re.IGNORECASE
)
_ABBREVIATION = re.compile(r"(?<![\w@-])(?:[A-Z][A-Z0-9]+(?:-[A-Z0-9]+)?|[A-Z]\d+|[A-Z]²)(?![\w-])")


def unexplained(label: str) -> list[str]:
    """The terms of the field in this label that no word of the glossary holds, sorted."""
    found = {match.group() for match in _PATTERN.finditer(label)}
    found |= {match.group() for match in _ABBREVIATION.finditer(label)} - KNOWN
    known = {word.casefold() for term in glossary().terms for word in term.words}
    return sorted(one for one in found if not _is_known(one.casefold(), known))


def _is_known(term: str, known: set[str]) -> bool:
    """Whether it is a word of the glossary, a part of one, or made of such words."""
    if term in known or any(f" {term} " in f" {word} " for word in known):
        return True
    parts = term.split()
    return len(parts) > 1 and all(part in known for part in parts)
