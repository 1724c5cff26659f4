"""The forms in which MovieLens is downloaded: their files, and what their codes mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import Literal

# The 19 columns of u.item, as u.genre names them.
GENRES = (
    *("unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime"),
    *("Documentary", "Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery"),
    *("Romance", "Sci-Fi", "Thriller", "War", "Western"),
)
# The codes of users.dat, as the README of MovieLens 1M explains them.
AGES = {
    "1": "under 18",
    "18": "18-24",
    "25": "25-34",
    "35": "35-44",
    "45": "45-49",
    "50": "50-55",
    "56": "56 or more",
}
OCCUPATIONS = (
    *("other", "academic or educator", "artist", "clerical or admin", "college or grad student"),
    *("customer service", "doctor or health care", "executive or managerial", "farmer"),
    *("homemaker", "K-12 student", "lawyer", "programmer", "retired", "sales or marketing"),
    *("scientist", "self-employed", "technician or engineer", "tradesman or craftsman"),
    *("unemployed", "writer"),
)


@dataclass(frozen=True)
class Form:
    """The files of one form of the download, and how their lines become tables."""

    ratings: str
    movies: str
    users: str | None = None
    separators: Mapping[str, str] | None = None  # none: CSV with column names
    movie: Callable[[list[str]], list[str]] = list
    user: Callable[[list[str]], list[str]] = list
    widths: tuple[int, int, int] = (4, 3, 5)
    user_fields: tuple[str, ...] = ()
    user_kinds: tuple[Literal["categorical", "numeric"], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Ratings, films, and people where the form tells of them."""
        return (self.ratings, self.movies, *([self.users] if self.users is not None else []))


def _flagged(cells: list[str]) -> list[str]:
    """A line of u.item: the genres of a film are flags, one column each."""
    genres = [name for name, flag in zip(GENRES, cells[5:], strict=True) if flag == "1"]
    return [cells[0], cells[1], "|".join(name for name in genres if name != "unknown")]


def _person(cells: list[str]) -> list[str]:
    """A line of users.dat: codes become words."""
    user, gender, age, occupation, _ = cells
    told = int(occupation) if occupation.isdecimal() else len(OCCUPATIONS)
    job = OCCUPATIONS[told] if told < len(OCCUPATIONS) else occupation
    return [user, gender, AGES.get(age, age), job]


FORMS = (
    Form("ratings.csv", "movies.csv"),  # ml-latest, ml-latest-small, 20M, 25M, 32M
    Form(  # 1M; 10M, which tells nothing of people
        "ratings.dat",
        "movies.dat",
        "users.dat",
        {"ratings.dat": "::", "movies.dat": "::", "users.dat": "::"},
        user=_person,
        user_fields=("gender", "age", "occupation"),
        user_kinds=("categorical", "categorical", "categorical"),
    ),
    Form(  # 100K
        "u.data",
        "u.item",
        "u.user",
        {"u.data": "\t", "u.item": "|", "u.user": "|"},
        movie=_flagged,
        user=lambda cells: cells[:4],
        widths=(4, 24, 5),
        user_fields=("age", "gender", "occupation"),
        user_kinds=("numeric", "categorical", "categorical"),
    ),
)


def form_of(names: Set[str]) -> Form | None:
    """The form whose ratings and films are among the files; None if there is none."""
    return next((form for form in FORMS if {form.ratings, form.movies} <= names), None)
