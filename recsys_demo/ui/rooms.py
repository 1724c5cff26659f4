"""The rooms of the lab, in the order of the menu. Light: known before anything is loaded."""

from __future__ import annotations

from dataclasses import dataclass

NAME = "Recommender lab"
FIRST = "start"


@dataclass(frozen=True)
class Page:
    """A room: its name in addresses, in the menu, its icon and its heading. It is drawn by
    `recsys_demo.ui.KEY.room`; `needs_data` says that it shows nothing without a log."""

    key: str
    label: str
    icon: str
    heading: str
    needs_data: bool = True

    @property
    def file(self) -> str:
        """The file that Streamlit runs."""
        return "app.py" if self.key == FIRST else f"pages/{self.key}.py"


PAGES = [
    Page(FIRST, "Start", ":material/home:", "Who memorized, who generalized?"),
    Page(
        "lessons",
        "Lessons",
        ":material/school:",
        "Predict, commit, see",
        needs_data=False,
    ),
    Page("classroom", "Class", ":material/groups:", "Predict together", needs_data=False),
    Page("data", "Data", ":material/table:", "Know the log"),
    Page("crosses", "Crosses", ":material/join_inner:", "Invent features"),
    Page("train", "Train", ":material/play_arrow:", "Train and watch"),
    Page("compare", "Compare", ":material/balance:", "Who is better at what?"),
    Page("embeddings", "Embeddings", ":material/scatter_plot:", "What the vectors have learned"),
    Page("recommend", "Recommend", ":material/person:", "One person, one list per model"),
    Page("ablate", "Ablate", ":material/toggle_on:", "What is each part worth?"),
    Page(
        "glossary",
        "Glossary",
        ":material/menu_book:",
        "Every term in two sentences",
        needs_data=False,
    ),
]


def page_of(key: str) -> Page | None:
    """The page of this name, None if there is none."""
    return next((page for page in PAGES if page.key == key), None)
