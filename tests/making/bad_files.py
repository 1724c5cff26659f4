"""Strangers' files: those that are refused, those that are read, and those that a limit refuses."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import struct
import zipfile
from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pyarrow as pa

from tests.making.files import HEADER, ROWS, csv, parquet, text, zipped, zipped_as

Make = bytes | Callable[[], bytes]
N = len(ROWS)
USERS = [f"u{i % 7}" for i in range(N)]
ITEMS = [f"i{i % 5}" for i in range(N)]
LABELS = [i % 2 for i in range(N)]


def changed(column: int, *values: str) -> bytes:
    """The usual CSV, the first rows having these values in a column."""
    rows = [row.split(",") for row in ROWS]
    for row, value in zip(rows, values, strict=False):
        row[column] = value
    return text(*map(",".join, rows), header=HEADER)


def tailed(value: str) -> bytes:
    """The usual CSV with a comma behind every line, and this value behind the last one."""
    return csv(end=",\n", header=HEADER)[:-1] + value.encode() + b"\n"


def bomb() -> bytes:
    return zipped(log__csv=b"user,item\n" + b"a,b\n" * 3_000_000)


def lying_zip() -> bytes:
    """Says in its headers that a member unpacks to ten bytes."""
    content = bytearray(bomb())
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        size = struct.pack("<L", archive.infolist()[0].file_size)
    return bytes(content).replace(size, struct.pack("<L", 10))


def encrypted_zip() -> bytes:
    content = bytearray(zipped(log__csv=csv()))
    content[6] |= 1
    at = content.rfind(b"PK\x01\x02")
    content[at + 8] |= 1
    return bytes(content)


def many_members() -> bytes:
    return zipped_as({f"{i}.txt": b"" for i in range(1_500)})


def wide(columns: int) -> bytes:
    names = ",".join(f"c{i}" for i in range(columns))
    return text(names.replace("c", ""), header=names)


def nested() -> bytes:
    return parquet(user=USERS, item=[{"id": i} for i in ITEMS], label=LABELS)


REFUSED: dict[str, tuple[str, Make, str]] = {
    # files that are no tables
    "empty": ("a.csv", b"", "the file is empty"),
    "blank lines": ("a.csv", b"\n\r\n  \n\t\n", "the file is empty"),
    "byte order mark only": ("a.csv", b"\xef\xbb\xbf", "column names|no rows|no cells"),
    "header only": ("a.csv", b"user,item,label\n", "a header but no rows"),
    "header without line end": ("a.csv", b"user,item,label", "a header but no rows"),
    "picture": ("a.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" * 9, "a picture"),
    "workbook": ("a.csv", zipped_as({"[Content_Types].xml": b"<x/>"}), "Save As, 'CSV UTF-8"),
    "workbook, its parts in another order": (
        "a.xlsx",
        zipped_as({"xl/worksheets/sheet1.xml": b"<x/>" * 3_000, "[Content_Types].xml": b"<x/>"}),
        "an Excel workbook",
    ),
    "workbook of LibreOffice": (
        "a.ods",
        zipped_as({"mimetype": b"application/vnd.oasis", "content.xml": b"<x/>"}),
        "an Excel workbook",
    ),
    "workbook of 2003": ("a.xls", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "an Excel"),
    "random bytes": ("a.csv", bytes(range(1, 256)) * 20, "the text is not UTF-8"),
    "zero bytes late": ("a.csv", csv("u1,i1,3,a\x00b,1"), "not a text file"),
    "sqlite": ("a.csv", b"SQLite format 3\x00" + b"\x10\x00" * 99, "SQLite"),
    "html page": ("a.csv", b"<html>\n<body>Sign in</body>\n</html>\n", "HTML or XML"),
    "json": ("a.csv", b'[{"user": 1, "item": 2},\n{"user": 2, "item": 3}]\n', "."),
    "one word": ("a.csv", b"hello", "a header but no rows"),
    # encodings
    "no encoding": ("a.csv", b"user,item,label\nu,\x81,1\n", "line 2, byte 18"),
    "damaged UTF-8": ("a.csv", csv("\u20ac,\u20ac,3,\xe9,1\n") + b"u\xe9,i1,3,a,1\n", "not UTF-8"),
    "two encodings": ("a.csv", csv("\u00e9,i1,3,a,1") + b"\xe9,i1,3,a,1\n", "line 63, byte"),
    "utf-16 without mark": ("a.csv", csv().decode().encode("utf-16-le"), "not a text file"),
    "utf-16 cut": ("a.csv", csv().decode().encode("utf-16")[:-1], "not UTF-16"),
    "utf-32": ("a.csv", csv().decode().encode("utf-32"), "not a text file"),
    "half a character": ("a.csv", csv("u1,i1,3,\u20ac,1")[:-5], "not UTF-8"),
    # rows and cells
    "one row too short": ("a.csv", csv("u1,i1"), r"row 60 \(line 62\).*2 cells"),
    "one row too long": ("a.csv", csv("u1,i1,3,a,1,9"), r"row 60 \(line 62\).*6 cells"),
    "many ragged": ("a.csv", csv(*["u1"] * 90), "80 more such rows"),
    "ragged after blank lines": ("a.csv", b"\n\n" + csv("u1,i1"), r"row 60 \(line 64\)"),
    "trailing comma in some rows": ("a.csv", csv("u1,i1,3,a,1,"), "6 cells"),
    "a value behind the last name": ("a.csv", tailed("x"), "above a column with values"),
    "stray quotes": (
        "a.csv",
        text(
            *(f"{chr(34) * (i % 2 == 0)}i{i},u{i},{i % 2}" for i in range(60)),
            header="item,dev,label",
        ),
        r"line 2: a quote makes one row of 3 lines",
    ),
    "stray quotes inside": (
        "a.csv",
        csv('u1,"i1,3,a,1', "u1,i1,3,a,1", 'u1,i1",3,a,1'),
        r"line 62: a quote makes one row of 3 lines",
    ),
    "stray quotes after blank lines": (
        "a.csv",
        b"\r\n\r\n" + csv('"u1,i1,3,a,1', '"u1,i1,3,a,1', end="\r\n"),
        r"line 64: a quote makes one row of 2 lines",
    ),
    "stray quotes between semicolons": (
        "a.csv",
        csv('"u1,i1,3,a,1', "u2,i1,3,a,1", 'u1,i1,3,a,1"').replace(b",", b";"),
        r"line 62: a quote makes one row of 3 lines",
    ),
    "quote never closed": ("a.csv", csv('u1,i1,3,"a,1', "u1,i1,3,a,1"), "line 62: a quote makes"),
    "quote never closed at the end": ("a.csv", csv('u1,i1,3,a,"1', *ROWS), "line 62: a quote"),
    "space separated": ("a.csv", b"user item label\n1 2 0\n2 3 1\n" * 9, "not cut into columns"),
    "colon separated": ("a.csv", b"user:item:label\n1:2:0\n2:3:1\n", "not cut into columns"),
    "one column": ("a.csv", text(*["x"] * 30, header="name"), "not cut into columns"),
    "cell too long": ("a.csv", csv("u1," + "x" * 10_000 + ",3,a,1"), "longer than this lab allows"),
    "id of 10 kB": ("a.csv", changed(0, "u" * 10_240), r"10,240 characters"),
    "endless line": ("a.csv", b"x" * 300_000, "column names is too long"),
    # headers
    "no header": ("a.csv", text("1,2,0", "2,3,1", header="1,1,0"), "not the names of the columns"),
    "no header, words": ("a.csv", text(*ROWS, header=ROWS[0]), 'header = ."user", "item"'),
    "no header, one column": ("a.csv", text("2", "3", header="1"), "not cut into columns"),
    "no header, double colons": (
        "ratings.dat",
        text(*(f"{i % 7}::{i % 5}::{i % 5}::97830{i}" for i in range(9)), header="1::1::3::978300"),
        "expected the names of the 4 columns",
    ),
    "libffm, then words": ("a.txt", text("0 1:2:1 x", header="1 1:1:1 2:5:0.3"), "row 1 .line 2."),
    "libsvm": ("a.txt", text("-1 3:0.5 9:1", header="+1 1:1 7:0.3"), "a file of libsvm"),
    "same name twice": ("a.csv", text("1,2,3", header="user,item,user"), '"user" 2 times'),
    "name missing": ("a.csv", text("1,2,3", header="user,,item"), "column 2: a column has no"),
    "long column name": ("a.csv", text("1,2", header="user," + "i" * 3_000), "name is too long"),
    "a million columns": ("a.csv", lambda: wide(1_000_000), "more columns than this lab allows"),
    "501 columns": ("a.csv", lambda: wide(501), "501 columns"),
    # contents
    "no item column": (
        "a.csv",
        text(*(f"{i % 2},2024-01-{1 + i % 9:02}" for i in range(50)), header="label,day"),
        "which item",
    ),
    "all rows without item": (
        "a.csv",
        text(*[f"u{i},," + str(i % 2) for i in range(9)], header="user,item,label"),
        "which item",
    ),
    "one row": ("a.csv", text("a,b,1", header="user,item,label"), "same item.*1 times"),
    "one item": ("a.csv", changed(1, *["i"] * N), 'column "item": every row shows the same item'),
    # gzip and zip
    "gzip cut": ("a.csv.gz", gzip.compress(csv())[:-9], "gzip archive is damaged"),
    "gzip of nothing": ("a.csv.gz", gzip.compress(b""), "the file is empty"),
    "gzip head only": ("a.csv.gz", b"\x1f\x8b", "gzip archive is damaged"),
    "zip cut": ("a.zip", zipped(log__csv=csv())[:-30], "zip archive cannot be read"),
    "zip head only": ("a.zip", b"PK\x03\x04" + b"\x00" * 50, "zip archive cannot be read"),
    "zip of nothing": ("a.zip", zipped_as({}), "holds no table"),
    "zip of pictures": ("a.zip", zipped(a__png=b"x", b__doc=b"y"), "holds no table"),
    "zip with a password": ("a.zip", encrypted_zip, "zip archive cannot be read"),
    "zip that climbs": ("a.zip", zipped_as({"../../etc/log.csv": csv()}), "points out of it"),
    "zip from the root": ("a.zip", zipped_as({"/etc/log.csv": csv()}), "points out of it"),
    "zip that climbs backwards": ("a.zip", zipped_as({"..\\log.csv": csv()}), "points out of it"),
    "zip of 1,500 files": ("a.zip", many_members, "too many files"),
    "zip of nine tables": (
        "a.zip",
        zipped_as({f"{i}.csv": csv() for i in range(9)}),
        "too many tables",
    ),
    "zip in a zip": ("a.zip", zipped(log__csv=zipped(log__csv=csv())), "log.csv.*a zip archive"),
    "zip of unrelated tables": (
        "a.zip",
        zipped(a__csv=csv(), b__csv=b"x,y\n1,2\n"),
        "which table describes the items",
    ),
    "zip with a bad table": (
        "a.zip",
        zipped(a__csv=csv(), b__csv=b"user,item\n1\n"),
        "b.csv, row 0",
    ),
    # Parquet
    "parquet cut": ("a.parquet", parquet(user=USERS, item=ITEMS)[:-9], "cannot be read"),
    "parquet head only": ("a.parquet", b"PAR1", "cannot be read"),
    "parquet without rows": ("a.parquet", parquet(item=pa.array([], pa.string())), "no rows"),
    "parquet without columns": ("a.parquet", parquet, "no rows"),
    "parquet of bytes only": ("a.parquet", parquet(item=[b"a", b"b"]), "not cut into columns"),
    "parquet, items nested": ("a.parquet", nested, "which item|same label"),
    "parquet of 501 columns": (
        "a.parquet",
        lambda: parquet(**{f"c{i}": [1, 2] for i in range(501)}),
        "501 columns",
    ),
}


def content_of(make: Make) -> bytes:
    return make() if callable(make) else make


READ: dict[str, tuple[Make, int]] = {
    "latin 1": (csv("u1,caf\u00e9,3,a,1").decode().encode("latin-1"), N + 1),
    "cp1252": (csv("\u201eu\u201c,\u20ac,3,a,1").decode().encode("cp1252"), N + 1),
    "sep line": (b"sep=;\r\n" + csv(end="\r\n").replace(b",", b";"), N),
    "sep line of an odd separator": (b"SEP=^\n" + csv().replace(b",", b"^"), N),
    "trailing semicolons": (csv(end=";\n").replace(b",", b";"), N),
    "trailing commas in rows": (csv().replace(b"\n", b",\n").replace(b"label,", b"label"), N),
    "trailing tabs": (csv(end="\t\r\n").replace(b",", b"\t"), N),
    "double colons": (csv().replace(b",", b"::"), N),
    "a comment of several lines": (csv('u1,i1,3,"a, b\nand more",1'), N + 1),
    "criteo": (
        text(
            *(
                "\t".join([str(i % 2), *[str(i % 9)] * 13, *[f"{i % 5:07x}a"] * 26])
                for i in range(1, 60)
            ),
            header="\t".join(["0", *["1"] * 13, *["68fd1e64"] * 26]),
        ),
        60,
    ),
    "libffm": (
        text(
            *(f"{i % 2} 0:{i % 7}:1 1:{i % 5}:1 1:{i % 3}:1 2:20:0.{i}" for i in range(59)),
            header="1 0:1:1 1:9:1 2:20:0.3",
        ),
        60,
    ),
    "prices in euros": (changed(2, *[f"\u20ac {i}.50" for i in range(N)]), N),
    "blanks around": (changed(1, *[f" i{i % 5} " for i in range(N)]), N),
    "plain": (csv(), N),
    "byte order mark": (b"\xef\xbb\xbf" + csv(), N),
    "utf-16": (csv().decode().encode("utf-16"), N),
    "windows line ends": (csv(end="\r\n"), N),
    "old mac line ends": (csv(end="\r"), N),
    "no line end at the end": (csv().rstrip(), N),
    "blank lines around": (b"\n\n" + csv() + b"\n\n\n", N),
    "blank lines between": (csv("", "", ROWS[0]), N + 1),
    "semicolons": (csv().replace(b",", b";"), N),
    "tabs": (csv().replace(b",", b"\t"), N),
    "gzip": (gzip.compress(csv()), N),
    "unnamed row numbers": (
        text(*(f"{i},{r}" for i, r in enumerate(ROWS)), header="," + HEADER),
        N,
    ),
    "quoted separators": (csv('"u,1",i1,30,"a,b",1'), N + 1),
    "quoted line end": (csv('"u\n1",i1,30,a,1', ROWS[0]), N + 2),
    "doubled quotes": (csv('"u""1",i1,30,a,1'), N + 1),
    "a lone quote": (csv('u5" disk,i1,30,a,1'), N + 1),
    "control characters": (csv("u\x01\x1b[31m,i\x7f,30,a,1"), N + 1),
    "formula cells": (csv("=HYPERLINK(1),@SUM(A1),30,+1,1", "=1+1,-2,30,a,1"), N + 2),
    "html and script": (csv("<script>alert(1)</script>,<b>i</b>,30,a,1"), N + 1),
    "markdown": (csv("**u**,[i](javascript:alert(1)),30,$x$,1"), N + 1),
    "script in a column name": (csv(header="user,item,<img src=x onerror=alert(1)>,tags,label"), N),
    "right to left": (csv("\u202e\u05d3\u05d5\u05d3,\u0645\u0631\u062d\u0628\u0627,30,a,1"), N + 1),
    "emoji": (csv("\U0001f468\u200d\U0001f469\u200d\U0001f467,\U0001f427,30,a,1"), N + 1),
    "emoji column": (csv(header="user,item,\U0001f427,tags,label"), N),
    "percent and braces": (csv("%s%n{0},{item},30,a,1"), N + 1),
    "words that mean missing": (changed(2, "NA", "n/a", "null", "", "-"), N),
    "labels as words": (changed(4, "true", "false", "yes", "no"), N),
    "labels missing": (changed(4, "", ""), N - 2),
    "labels not 0 or 1": (changed(4, *["2"] * 3), N - 3),
    "labels all 1": (changed(4, *["1"] * N), N),  # nothing but positives
    "labels all odd": (changed(4, *["maybe"] * N), N),
    "two rows": (text("a,b,1", "c,d,1", header="user,item,label"), 2),
    "numbers not finite": (changed(2, "inf"), N - 1),
    "numbers too large": (changed(2, "1e999"), N - 1),
    "a word among numbers": (changed(2, "old"), N - 1),
    "users missing": (changed(0, "", ""), N - 2),
    "items missing": (changed(1, "", "", ""), N - 3),
    "one user": (changed(0, *["u"] * N), N),
    "every row a user": (changed(0, *[f"u{i}" for i in range(N)]), N),
    "a column empty": (changed(3, *[""] * N), N),
    "whole numbers as ids": (changed(0, *[str(i % 9) for i in range(N)]), N),
    "ids like floats": (changed(0, *[f"{i % 9}.0" for i in range(N)]), N),
    "100 columns": (
        text(
            *(f"{row}," + ",".join([str(i % 17)] * 95) for i, row in enumerate(ROWS)),
            header=HEADER + "," + ",".join(f"c{i}" for i in range(95)),
        ),
        N,
    ),
    "parquet": (parquet(user=USERS, item=ITEMS, label=LABELS), N),
    "parquet, typed": (
        parquet(
            user=pa.array([i % 7 for i in range(N)], pa.uint64()),
            item=pa.array(ITEMS).dictionary_encode(),
            label=pa.array([bool(v) for v in LABELS]),
            date=pa.array([dt.date(2024, 1, 1 + i % 28) for i in range(N)]),
            price=pa.array([Decimal(i % 9) / 4 for i in range(N)]),
            half=pa.array(np.arange(N, dtype=np.float16)),
            nothing=pa.nulls(N),
            span=pa.array([dt.timedelta(days=i % 3) for i in range(N)]),
            clock=pa.array([dt.time(i % 24) for i in range(N)]),
        ),
        N,
    ),
    "parquet, nested beside": (
        parquet(user=USERS, item=ITEMS, label=LABELS, deep=[{"a": [1]}] * N, raw=[b"\x00"] * N),
        N,
    ),
    "parquet, lists": (
        parquet(
            user=USERS, item=ITEMS, label=LABELS, tags=[["a", None], [], None, ["b", "a"]] * 15
        ),
        N,
    ),
    "parquet, numbers not finite": (
        parquet(
            user=USERS,
            item=ITEMS,
            label=LABELS,
            age=[float("nan"), float("inf"), *[float(i % 20) for i in range(N - 2)]],
        ),
        N - 1,
    ),
    "zip of one": (zipped(log__csv=csv()), N),
    "zip of two": (
        zipped(
            log__csv=csv(), items__csv=text(*(f"i{i},c{i}" for i in range(5)), header="item,kind")
        ),
        N,
    ),
    "zip with words about it": (
        zipped_as(
            {
                "x/log.csv": csv(),
                "x/README.txt": csv(),
                "x/LICENSE.csv": b"x",
                "x/notes.txt": b'Collected in May, for\n"fun',
                "x/more.txt": b"what,it,is\na,b,c\n",
            }
        ),
        N,
    ),
    "zip from a mac": (
        zipped_as({"log.csv": csv(), "__MACOSX/._log.csv": b"\x00\x05", ".DS_Store": b"\x00"}),
        N,
    ),
}


LIMITED: dict[str, tuple[Make, dict[str, int], str]] = {
    "rows": (csv(), {"rows": 20}, "60 rows; expected at most 20"),
    "parquet rows": (parquet(item=ITEMS), {"rows": 20}, "60 rows; expected at most 20"),
    "columns": (csv(), {"columns": 3}, "5 columns; expected at most 3"),
    "gzip bomb": (gzip.compress(b"a,b\n" * 10**6), {"unpacked_bytes": 10**6}, "unpacked file"),
    "zip bomb": (bomb, {"unpacked_bytes": 10**6}, "the archive is larger"),
    "zip bomb that lies": (lying_zip, {"unpacked_bytes": 10**6}, "zip archive|the archive"),
    "parquet bomb": (
        lambda: parquet(item=np.zeros(10**6, dtype=np.int64)),
        {"unpacked_bytes": 10**6},
        "unpacked file is larger",
    ),
    "parquet list bomb": (
        lambda: parquet(item=[[0] * 10**6]),
        {"unpacked_bytes": 10**6},
        "unpacked file is larger",
    ),
    "cells": (csv("u1,i-much-too-long,3,a,1"), {"cell_characters": 10}, "at most 10 characters"),
    "parquet cells": (parquet(item=["x" * 99]), {"cell_characters": 10}, "at most 10 characters"),
}
