"""Numbers that papers print, each with its source. What has no number there has none here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

WD = "Cheng et al., Wide & Deep Learning for Recommender Systems, DLRS 2016, arXiv 1606.07792"
DEEPFM = "Guo et al., DeepFM, IJCAI 2017, arXiv 1703.04247"
BARS = "Zhu et al., BARS: Towards Open Benchmarking for Recommender Systems, arXiv 2205.09626"


@dataclass(frozen=True)
class PaperTable:
    """A table of a paper: `columns` are its number columns, `rows` a model's name and its numbers
    as they are printed, None where there is none. `presets` maps the paper's names to ours."""

    title: str
    source: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str | None, ...]], ...]
    presets: Mapping[str, str]

    def printed(self, preset: str, column: str) -> str | None:
        """What it prints for one of our presets, to the digit; None if nothing."""
        at = self.columns.index(column)
        found = (numbers[at] for name, numbers in self.rows if self.presets.get(name) == preset)
        return next(found, None)

    def number(self, preset: str, column: str) -> float | None:
        """The same as a number."""
        text = self.printed(preset, column)
        return None if text is None else float(text)


OFFLINE, ONLINE = "offline AUC", "online acquisition gain, %"
WD_ONLINE = PaperTable(
    title="Wide & Deep, Table 1",
    source=f"{WD}, Table 1",
    about="Google Play, over 500 billion training examples; online: 3 weeks, 1 % of users per arm.",
    columns=(OFFLINE, ONLINE),
    rows=(
        ("Wide (control)", ("0.726", "0")),
        ("Deep", ("0.722", "+2.9")),
        ("Wide & Deep", ("0.728", "+3.9")),
    ),
    presets=MappingProxyType(
        {"Wide (control)": "wide", "Deep": "deep", "Wide & Deep": "wide_deep"}
    ),
)
WD_SERVING = PaperTable(
    title="Wide & Deep, Table 2",
    source=f"{WD}, Table 2",
    about="Serving latency: batch size and threads.",
    columns=("batch", "threads", "ms"),
    rows=(
        ("200 on 1 thread", ("200", "1", "31")),
        ("100 on 2 threads", ("100", "2", "17")),
        ("50 on 4 threads", ("50", "4", "14")),
    ),
    presets=MappingProxyType({}),
)
_DEEPFM_COLUMNS = ("Company* AUC", "Company* log loss", "Criteo AUC", "Criteo log loss")
DEEPFM_RESULTS = PaperTable(
    title="DeepFM, Table 2",
    source=f"{DEEPFM}, Table 2",
    about="Company*: an app store's game centre, about 1 billion records. Criteo: 45 million.",
    columns=_DEEPFM_COLUMNS,
    rows=(
        ("LR", ("0.8640", "0.02648", "0.7686", "0.47762")),
        ("FM", ("0.8678", "0.02633", "0.7892", "0.46077")),
        ("FNN", ("0.8683", "0.02629", "0.7963", "0.45738")),
        ("IPNN", ("0.8664", "0.02637", "0.7972", "0.45323")),
        ("OPNN", ("0.8658", "0.02641", "0.7982", "0.45256")),
        ("PNN*", ("0.8672", "0.02636", "0.7987", "0.45214")),
        ("LR & DNN", ("0.8673", "0.02634", "0.7981", "0.46772")),
        ("FM & DNN", ("0.8661", "0.02640", "0.7850", "0.45382")),
        ("DeepFM", ("0.8715", "0.02618", "0.8007", "0.45083")),
    ),
    presets=MappingProxyType(
        {
            "LR": "lr",
            "FM": "fm",
            "LR & DNN": "wide_deep_plain",
            "FM & DNN": "fm_dnn",
            "DeepFM": "deepfm",
        }
    ),
)
BARS_FRAPPE = "Frappe_x1 AUC"
BARS_RESULTS = PaperTable(
    title="BARS, independent re-runs",
    source=BARS,
    about="Tuned with equal budgets; test AUC. Its wide part has no crosses. Means are of 5 seeds; "
    "the first two columns are the leaderboard, the first of its runs.",
    columns=(
        BARS_FRAPPE,
        "Frappe_x1 log loss",
        "Frappe_x1 AUC, mean",
        "MovieLens tags AUC, mean",
        "Criteo_x1 AUC, mean",
    ),
    rows=(
        ("LR", (".9356", ".3076", None, None, ".7886")),
        ("FM", (".9671", ".2065", None, None, ".8022")),
        ("DNN only", (".9833", ".1622", ".98404", ".96768", ".81368")),
        ("Wide&Deep", (".9841", ".1490", ".98307", ".96839", ".81382")),
        ("DeepFM", (".9842", ".1482", ".98395", ".96822", ".81381")),
    ),
    presets=MappingProxyType(
        {
            "LR": "lr",
            "FM": "fm",
            "DNN only": "deep",
            "Wide&Deep": "wide_deep_plain",
            "DeepFM": "deepfm",
        }
    ),
)
TABLES = (WD_ONLINE, WD_SERVING, DEEPFM_RESULTS, BARS_RESULTS)
