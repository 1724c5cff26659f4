"""The rooms of the lab, in the order of the menu. Light: known before anything is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAME = "Recommender lab"


@dataclass(frozen=True)
class Page:
    """A room: its file, its name, its icon and its heading."""

    key: str
    file: str
    label: str
    icon: str
    heading: str


PAGES = (
    Page("start", "app.py", "Start", ":material/home:", "Who memorized, who generalized?"),
    Page("data", "pages/data.py", "Data", ":material/table:", "Know the log"),
    Page("crosses", "pages/crosses.py", "Crosses", ":material/join_inner:", "Invent features"),
    Page("train", "pages/train.py", "Train", ":material/play_arrow:", "Train and watch"),
    Page("compare", "pages/compare.py", "Compare", ":material/balance:", "Who is better at what?"),
    Page(
        "embeddings",
        "pages/embeddings.py",
        "Embeddings",
        ":material/scatter_plot:",
        "What the vectors have learned",
    ),
    Page(
        "recommend",
        "pages/recommend.py",
        "Recommend",
        ":material/person:",
        "One person, one list per model",
    ),
    Page("ablate", "pages/ablate.py", "Ablate", ":material/toggle_on:", "What is each part worth?"),
)
