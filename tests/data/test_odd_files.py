"""Files as spreadsheets, databases and other programs leave them: each is read with nothing lost
but what is said, or refused with what it is."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import pickle
import tarfile

import pyarrow as pa
import pytest

from recsys_demo.data.archive import tables_of
from recsys_demo.data.guessing.schemas import guess_schema
from recsys_demo.data.interactions import ReadReport, build_interactions
from recsys_demo.data.item_tables import log_and_items
from recsys_demo.data.schema import Schema
from recsys_demo.errors import InputError
from tests.making.files import HEADER, ROWS, csv, parquet, text, zipped, zipped_as

N = len(ROWS)
IDS = {"user": [f"u{i % 7}" for i in range(N)], "item": [f"i{i % 5}" for i in range(N)]}
TYPED = IDS | {"label": [i * 7 // 3 % 2 for i in range(N)]}


def changed(column: int, *values: str) -> bytes:
    """The usual rows with these values in a column, in turn."""
    rows = [row.split(",") for row in ROWS]
    for number, row in enumerate(rows):
        row[column] = values[number % len(values)]
    return text(*map(",".join, rows), header=HEADER)


def tarred() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("log.csv")
        member.size = len(csv())
        archive.addfile(member, io.BytesIO(csv()))
    return buffer.getvalue()


MAPS = pa.array([[("a", 1)]] * N, pa.map_(pa.string(), pa.int64()))
BYTES = pa.array([user.encode() for user in IDS["user"]])
TOKYO = pa.array(range(N), pa.timestamp("s", "Asia/Tokyo"))
DATES = ("2024-01-05", "05.01.2024", "2024/01/05", "Jan 5 2024", "5 January 2024 10:00")
AGAIN = [line for i, row in enumerate(ROWS) for line in ([HEADER] * (i % 20 == 19) + [row])]
MARKED = "\u200buser,item\u200b,age,tags,\ufefflabel"
# What a file is: its content, the rows read and kept, words of what is told of the rest.
READ: dict[str, tuple[bytes, int, int, str]] = {
    "Excel's own CSV": (b"\xef\xbb\xbfsep=,\r\n" + csv(end="\r\n"), N, N, ""),
    "two exports in one": (csv() + b"\xef\xbb\xbf" + csv(), 2 * N, 2 * N, "line of names"),
    "names again and again": (text(*AGAIN, header=HEADER), N, N, "are left out: 3"),
    "mixed line ends": (csv().replace(b"\n", b"\r\n", 20), N, N, ""),
    "doubled carriage returns": (csv(end="\r\r\n"), N, N, ""),
    "end of file of DOS": (csv() + b"\x1a", N, N, ""),
    "a title above": (b"Sales 2024\n\n" + csv(), N, N, 'left out: "Sales 2024"'),
    "a title above, padded": (b"Sales 2024,,,,\r\n,,,,\r\n" + csv(), N, N, "left out"),
    "comments above": (b"# shop 3.1\n# by: me, you\n" + csv(), N, N, '"# shop 3.1"'),
    "units below the names": (text("-,-,years,,0/1", *ROWS, header=HEADER), N + 1, N, "a label"),
    "a row of totals": (csv("Total,,1860,,30"), N + 1, N, "does not say who or what"),
    "merged cells": (changed(0, "u1", "", "u2"), N, N * 2 // 3, "does not say who or what"),
    "kilograms": (changed(2, *(f"{i} kg" for i in range(30))), N, N, ""),
    "percent": (changed(2, *(f"{i}.5 %" for i in range(N))), N, N, ""),
    "dates in five forms": (changed(2, *DATES), N, N, ""),
    "letters that look alike": (changed(0, "u\u0430", "ua"), N, N, ""),
    "one letter written in two ways": (changed(0, "e\u0301", "\u00e9", "a"), N, N, ""),
    "marks nobody sees in names": (csv(header=MARKED), N, N, ""),
    "marks nobody sees in cells": (changed(0, "\u200bu1", "u1\ufeff", "\u00a0u1", "u2"), N, N, ""),
    "wide digits": (changed(2, "\uff11\uff12", "\uff13"), N, N, ""),
    "null of MySQL": (changed(2, "\\N", *map(str, range(20))), N, N, ""),
    "quotes after backslashes": (csv('u1,i1,3,"a \\"b\\" c",1'), N + 1, N + 1, ""),
    "a name of two lines": (csv(header='user,item,"age\n(years)",tags,label'), N, N, ""),
    "minus signs of typesetters": (changed(2, *(f"\u2212{i}" for i in range(N))), N, N, ""),
    "thin blanks": (changed(2, *(f"1\u202f{i:03}" for i in range(N))), N, N, "between blanks"),
    "truth in German": (changed(4, "WAHR", "FALSCH"), N, N, '"WAHR" means taken'),
    "labels in quotes": (changed(4, "'yes'", "'no'"), N, N, "\"'yes'\" means taken"),
    "labels with a decimal": (changed(4, "1.0", "0.0", "1"), N, N, ""),
    "ids with a decimal": (changed(1, "1.0", "2", "2.0", "1"), N, N, ""),
    "another folder in the zip": (zipped_as({"a/": b"", "a/log.CSV": csv()}), N, N, ""),
    "gzip in a zip": (zipped_as({"log.csv.gz": gzip.compress(csv())}), N, N, ""),
    "gzipped Parquet": (gzip.compress(parquet(**TYPED)), N, N, "repeat an earlier row"),
    "Parquet with a map": (parquet(**TYPED, m=MAPS), N, N, "repeat"),
    "Parquet with a nameless column": (parquet(**TYPED, **{"": IDS["item"]}), N, N, "repeat"),
    "Parquet with bytes": (parquet(**TYPED, raw=BYTES), N, N, "repeat"),
    "Parquet of Tokyo": (parquet(**TYPED, t=TOKYO), N, N, ""),
}
REFUSED: dict[str, tuple[bytes, str]] = {
    "zeros behind it": (csv() + bytes(512), "not a text file"),
    "a footnote": (csv("", "Source: the shop"), 'row 60: .*"Source: the shop"'),
    "an empty file in the zip": (zipped(log__csv=csv(), b__csv=b""), "b.csv: the file is empty"),
    "a zip in the zip": (zipped(inner__zip=zipped(log__csv=csv())), "holds no table.*inner.zip"),
    "tar": (tarred(), "a tar archive"),
    "bzip2": (bz2.compress(csv()), "a bzip2 archive"),
    "xz": (lzma.compress(csv()), "an xz archive"),
    "Zstandard": (bytes.fromhex("28b52ffd") + bytes(60), "a Zstandard archive"),
    "7-Zip": (b"7z\xbc\xaf\x27\x1c" + bytes(60), "a 7-Zip archive"),
    "RAR": (b"Rar!\x1a\x07\x01\x00" + bytes(60), "a RAR archive"),
    "Feather": (b"ARROW1" + bytes(60), "a Feather or Arrow file"),
    "PDF": (b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n" * 9, "a PDF"),
    "a pickle": (pickle.dumps({"user": ["a"] * 9}, 4), "a Python pickle"),
    "HDF5": (b"\x89HDF\r\n\x1a\n" + bytes(60), "an HDF5 file"),
    "JSON lines": (b'{"user": "a", "item": "b", "label": 1}\n' * 60, "Got JSON"),
    "JSON": (json.dumps([{"user": "a", "item": "b"}] * 9, indent=1).encode(), "Got JSON"),
    "XML": (b'<?xml version="1.0"?>\n<rows>\n<row a="1"/>\n</rows>\n', "HTML or XML"),
    "a page saved as .xls": (b"<table><tr><td>user</td></tr>\n</table>\n", "HTML or XML"),
    "an SQL dump": (b"INSERT INTO log VALUES (1,2,0),(1,3,1);\n" * 20, "an SQL dump"),
    "ARFF": (b"@relation log\n@attribute user string\n@data\nu1,i1,1\n", "an ARFF file"),
    "quotes only": (b'"\n' * 30, "no name|quote"),
    "lines that end otherwise": (csv(end="\x0b"), "line 1"),
    "100,000 columns": (
        (",".join(map("c{}".format, range(100_000))) + "\n" + ",".join("1" * 100_000)).encode(),
        "more columns than this lab",
    ),
    "Parquet with blanks in names": (parquet(user=IDS["user"], **{" x ": IDS["item"]}), "item"),
}


def taken(content: bytes) -> tuple[Schema, ReadReport]:
    log, items = log_and_items(tables_of(content, "file.csv"))
    schema = guess_schema(log, items).schema
    return schema, build_interactions(log, schema, items, "drop")[1]


@pytest.mark.parametrize("case", READ)
def test_nothing_is_lost_but_what_is_told(case: str) -> None:
    content, read, kept, words = READ[case]
    schema, report = taken(content)
    assert (report.read, report.kept) == (read, kept)
    assert (schema.label, schema.item) == ("label", "item")
    assert words in " ".join([*report.notes, *map(str, report.problems)])
    assert bool(report.problems) == (read > kept)


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_said_what_the_file_is(case: str) -> None:
    content, message = REFUSED[case]
    with pytest.raises(InputError, match=f"(?s){message}") as caught:
        taken(content)
    assert len(caught.value.problems) <= 12


def test_what_looks_alike_is_the_same_or_is_not() -> None:
    def users(case: str) -> int:
        return int(tables_of(READ[case][0], "file.csv")[0].frame["user"].nunique())

    assert users("letters that look alike") == 2
    assert users("one letter written in two ways") == 2
    assert users("marks nobody sees in cells") == 2


def test_numbers_keep_their_value() -> None:
    def ages(case: str) -> list[float]:
        raw = tables_of(READ[case][0], "file.csv")[0]
        ages = build_interactions(raw, guess_schema(raw).schema)[0].frame["age"]
        return [float(age) for age in ages]

    assert ages("percent")[:3] == [0.5, 1.5, 2.5]
    assert ages("minus signs of typesetters")[:3] == [0, -1, -2]
    assert ages("thin blanks")[:3] == [1000, 1001, 1002]
    assert ages("null of MySQL")[1:3] == [0, 1]
