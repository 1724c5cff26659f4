"""MovieLens in the forms in which it is downloaded, people and films made up."""

from __future__ import annotations

RATINGS = b"userId,movieId,rating,timestamp\n1,1,4.0,964982703\n1,2,3.5,964982704\n2,10,5.0,9\n"
MOVIES = (
    "movieId,title,genres\n1,Ants (1998),Comedy|Drama\n2,Untitled,(no genres listed)\n"
    '10,"Bear, The (L\u2019ours) (1988) ",Drama\n11,Unrated (2001),Drama\n'
).encode()
FILES = {"ratings.csv": RATINGS, "movies.csv": MOVIES, "links.csv": b"\x00", "README.txt": b"x"}


# The layouts of the other downloads; 1M and 100K are Latin-1.
FLAGS = {"Comedy": 5, "Drama": 8}


def _item(movie: str, title: str, *genres: str) -> str:
    flags = ["1" if place in {FLAGS[g] for g in genres} else "0" for place in range(19)]
    return "|".join([movie, title, "01-Jan-1998", "", "http://x", *flags])


def _latin(*lines: str) -> bytes:
    return "\n".join([*lines, ""]).encode("latin-1")


FORMS = {
    "ml-100k": {
        "u.data": b"1\t1\t4\t964982703\n1\t2\t3\t964982704\n2\t10\t5\t9\n",
        "u.item": _latin(
            _item("1", "Ants (1998)", "Comedy", "Drama"),
            _item("2", "Untitled"),
            _item("10", '"Ours, L\xe9" (1988)', "Drama"),
            _item("11", "Unrated (2001)", "Drama"),
        ),
        "u.user": b"1|24|M|technician|85711\n2|53|F|other|94043\n",
        "u.genre": b"unknown|0\n",
        "ua.base": b"1\t1\t4\t964982703\n",
        "README": b"x",
    },
    "ml-1m": {
        "ratings.dat": b"1::1::4::964982703\n1::2::3::964982704\n2::10::5::9\n",
        "movies.dat": _latin(
            "1::Ants (1998)::Comedy|Drama",
            "2::Untitled::(no genres listed)",
            '10::"Ours, L\xe9" (1988)::Drama',
            "11::Unrated (2001)::Drama",
        ),
        "users.dat": b"1::M::25::12::85711\n2::F::56::0::94043\n",
        "README": b"x",
    },
    "ml-10M100K": {
        "ratings.dat": b"1::1::4.0::964982703\n1::2::3.5::964982704\n2::10::5::9\n",
        "movies.dat": "1::Ants (1998)::Comedy|Drama\n2::Untitled::\n"
        '10::"Ours, L\xe9" (1988)::Drama\n11::Unrated (2001)::Drama\n'.encode(),
        "tags.dat": b"1::1::a tag::9\n",
        "README.html": b"x",
    },
    "ml-25m": {
        "ratings.csv": RATINGS,
        "movies.csv": MOVIES.replace(b"Bear, The (L\xe2\x80\x99ours) (1988) ", b"Ours (1988)"),
        "genome-scores.csv": b"movieId,tagId,relevance\n1,1,0.5\n",
        "README.txt": b"x",
    },
}
