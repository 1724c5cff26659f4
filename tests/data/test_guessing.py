"""Guesses of what columns mean."""

from __future__ import annotations

import random

import pytest

from recsys_demo.data.guessing import column_names
from recsys_demo.data.guessing.column_names import plain_name
from recsys_demo.data.guessing.headers import guess_header
from recsys_demo.data.guessing.roles import likely_positive
from recsys_demo.data.guessing.schemas import guess_schema
from recsys_demo.data.interactions import build_interactions
from recsys_demo.data.item_tables import log_and_items
from recsys_demo.data.profiles import profiles
from recsys_demo.data.reading import RawTable, read_bytes
from recsys_demo.data.schema import Schema
from recsys_demo.errors import InputError
from tests.making.files import csv, parquet, table, text


def messy() -> RawTable:
    """Semicolons, decimal commas, a byte order mark, missing labels, dates by day."""
    draw = random.Random(1)
    people = [(draw.randint(18, 70), draw.choice(["DE", "FR"])) for _ in range(40)]
    apps = [
        (f"{draw.random() * 5:.2f}".replace(".", ","), draw.choice(["game|music", "music", "news"]))
        for _ in range(25)
    ]
    rows = ["Nutzer;App;Datum;Preis;Tags;Alter;Land;Netz;installed"]
    for index in range(900):
        user, app = draw.randrange(40), draw.randrange(25)
        day = f"{draw.randint(1, 28):02}.{draw.randint(1, 12):02}.2024"
        label = "" if index % 30 == 0 else draw.choice("01")
        price, tags = apps[app]
        age, land = people[user]
        net = draw.choice(["wlan", "mobil"])
        rows.append(f"u{user};app {app};{day};{price};{tags};{age};{land};{net};{label}")
    return read_bytes(b"\xef\xbb\xbf" + "\r\n".join(rows).encode(), "messy.csv")


def test_a_messy_file() -> None:
    raw = messy()
    guess = guess_schema(raw)
    schema = guess.schema
    assert (schema.label, schema.user, schema.item) == ("installed", "Nutzer", "App")
    assert (schema.time, schema.formats["Datum"].order) == ("Datum", "dmy")
    assert schema.formats["Preis"].decimal == ","
    found = {name: (field.kind, field.side) for name, field in schema.fields.items()}
    assert found == {
        "Nutzer": ("categorical", "user"),
        "App": ("categorical", "item"),
        "Preis": ("numeric", "item"),
        "Tags": ("multi", "item"),
        "Alter": ("numeric", "user"),
        "Land": ("categorical", "user"),
        "Netz": ("categorical", "context"),
    }
    assert set(guess.reasons) == set(raw.frame.columns)
    log, report = build_interactions(raw, schema, bad_rows="drop")
    assert report.refused == 30
    assert report.problems[0].where == 'messy.csv, row 0 (line 2), column "installed"'
    assert log.frame["Preis"].between(0, 5).all()
    with pytest.raises(InputError, match="20 more such rows"):
        build_interactions(raw, schema)


def test_ratings_get_the_threshold_that_balances_them() -> None:
    raw = table(
        userId=[str(i % 9) for i in range(100)],
        movieId=[str(i % 11) for i in range(100)],
        rating=["5"] * 30 + ["4"] * 25 + ["3"] * 25 + ["1"] * 20,
        timestamp=[str(964_982_703 + i) for i in range(100)],
    )
    schema = guess_schema(raw).schema
    assert (schema.label, schema.positive) == ("rating", ">= 4")
    assert (schema.user, schema.item, schema.time) == ("userId", "movieId", "timestamp")


def test_a_log_of_positives_gets_negatives() -> None:
    raw = table(
        user=[str(i % 9) for i in range(50)],
        item=[str(i % 11) for i in range(50)],
        cnt=[str(1 + i % 4) for i in range(50)],
    )
    guess = guess_schema(raw)
    assert guess.schema.negatives_per_positive == 2
    assert "cnt" not in guess.schema.fields
    assert guess.reasons["cnt"] == "left out: it says what happened"


def test_the_file_of_items_says_which_column_the_item_is() -> None:
    log = table(who=["a", "b", "a", "c"] * 5, thing=["x", "y", "z", "x"] * 5, taken=["0", "1"] * 10)
    items = table(thing=["x", "y", "z"], title=["Xylo", "Yak", "Zebra"], kind=["k", "k", "l"])
    guess = guess_schema(log, items)
    assert guess.schema.item == "thing"
    assert guess.schema.item_name == "title"
    assert guess.schema.fields["kind"].side == "item"
    assert build_interactions(log, guess.schema, items)[0].item_names()["y"] == "Yak"
    assert log_and_items([items, log]) == (log, items)


def test_columns_that_say_nothing_are_left_out_with_the_reason() -> None:
    rows = [
        f"{i},u{i % 7},i{i % 5},same,,2024-01-{1 + i % 28},2023-02-{1 + i % 28},note {i},{i % 2}"
        for i in range(60)
    ]
    header = "nr,user,item,constant,empty,date,birth,note,label"
    guess = guess_schema(read_bytes(text(*rows, header=header), "a.csv"))
    assert set(guess.schema.fields) == {"user", "item"}
    assert "numbers the rows" in guess.reasons["nr"]
    assert "same value" in guess.reasons["constant"]
    assert "empty" in guess.reasons["empty"]
    assert "date" in guess.reasons["birth"]
    assert "nearly every row" in guess.reasons["note"]


def test_numbers_that_only_tell_things_apart_are_no_quantities() -> None:
    """A ZIP code 02134 read as a number is another one."""
    rows = range(240)
    raw = table(
        user=[str(1000 + i % 40) for i in rows],
        item=[f"{i % 30:03}" for i in rows],
        region=[f"{i % 24:04}" for i in rows],
        campaign=[str(100 + i % 25) for i in rows],
        age=[str(18 + i % 35) for i in rows],
        label=[str(i % 2) for i in rows],
    )
    kinds = {name: field.kind for name, field in guess_schema(raw).schema.fields.items()}
    codes = dict.fromkeys(("user", "item", "region", "campaign"), "categorical")
    assert kinds == {**codes, "age": "numeric"}


def test_lists_of_a_parquet_file_are_multi_valued() -> None:
    raw = read_bytes(
        parquet(
            user=["a", "b"] * 20,
            item=["x", "y", "z", "w"] * 10,
            got=[["a", "b"], ["b"]] * 20,
            click=[0, 1, 1, 0] * 10,
        ),
        "a.parquet",
    )
    schema = guess_schema(raw).schema
    assert schema.fields["got"].kind == "multi"
    log, _ = build_interactions(raw, schema)
    assert log.frame["got"].iloc[0].split(log.separator("got")) == ["a", "b"]


@pytest.mark.parametrize("cell", ["1,5", "1.234,5", "-0,25"])
def test_decimal_commas(cell: str) -> None:
    raw = table(item=["a", "b"] * 12, price=[cell, "2,5"] * 12, label=["0", "1"] * 12)
    assert guess_schema(raw).schema.formats["price"].decimal == ","


def test_a_stray_word_among_whole_numbers_says_nothing_about_the_decimal_sign() -> None:
    label = ["0", "1"] * 12 + ["maybe"]
    raw = table(item=["a", "b"] * 12 + ["a"], price=["1,5", "2,5"] * 12 + ["3,5"], label=label)
    guess = guess_schema(raw).schema
    assert guess.formats["price"].decimal == ","
    assert guess.fields["price"].kind == "numeric"


def test_each_column_has_its_own_decimal_sign() -> None:
    raw = table(item=["a", "b"] * 12, price=["1.5", "2.5"] * 12, cost=["1,5", "2,5"] * 12)
    formats = guess_schema(raw).schema.formats
    assert "price" not in formats
    assert formats["cost"].decimal == ","


@pytest.mark.parametrize(("other", "decimal"), [("1,5", ","), ("1.5", "."), ("1", ".")])
def test_three_digits_after_a_mark_are_what_the_other_columns_say(other: str, decimal: str) -> None:
    """1,234 is a thousand where the log writes 1.5, and one and a bit where it writes 1,5."""
    rows = range(24)
    raw = table(
        item=[f"i{i % 5}" for i in rows],
        price=[f"{1 + i % 12},{100 + i}" for i in rows],
        cost=[other, "2"] * 12,
        label=["0", "1"] * 12,
    )
    schema = guess_schema(raw).schema
    assert schema.formats["price"].decimal == decimal
    log, _ = build_interactions(raw, schema)
    assert log.frame["price"].iloc[0] == pytest.approx(1100 if decimal == "." else 1.1)


def test_lists_of_numbers_are_no_decimal_commas() -> None:
    raw = table(item=["a", "b"] * 12, got=["1,2,3", "2,3"] * 12, price=["1.5", "2"] * 12)
    schema = guess_schema(raw).schema
    assert "got" not in schema.formats
    assert schema.fields["got"].separator == ","


def test_a_column_of_parts_is_the_split() -> None:
    rows = [f"u{i % 7},i{i % 5},{i % 2},{['train', 'valid', 'test'][i % 3]}" for i in range(60)]
    raw = read_bytes(text(*rows, header="user,item,label,split"), "a.csv")
    assert guess_schema(raw).schema.split == "split"


def test_the_usual_log() -> None:
    schema = guess_schema(read_bytes(csv(), "a.csv")).schema
    assert (schema.label, schema.user, schema.item) == ("label", "user", "item")
    assert schema.fields["tags"].kind == "multi"
    assert schema.fields["age"].kind == "numeric"


@pytest.mark.parametrize(
    ("words", "positive"),
    [
        (["view", "addtocart", "transaction"], "transaction"),
        (["impression", "Click"], "Click"),
        (["not opened", "opened"], "opened"),
        (["bought", "returned", "viewed"], "bought"),
    ],
)
def test_words_of_what_people_did_are_the_label_under_any_name(
    words: list[str], positive: str
) -> None:
    rows = range(60)
    raw = table(
        user=[f"u{i % 7}" for i in rows],
        what=[words[i % len(words)] for i in rows],
        item=[f"i{i % 5}" for i in rows],
        channel=["web", "app", "shop"] * 20,
    )
    guess = guess_schema(raw)
    assert (guess.schema.label, guess.schema.positive) == ("what", positive)
    assert "its words" in guess.reasons["what"]


@pytest.mark.parametrize("words", [["web", "app"], ["m", "f"], ["red", "not blue"]])
def test_other_words_are_no_label(words: list[str]) -> None:
    raw = table(item=[f"i{i % 5}" for i in range(60)], what=words * 30, more=["a", "b", "c"] * 20)
    assert guess_schema(raw).schema.label is None


def test_what_a_chosen_label_most_likely_means() -> None:
    raw = table(
        bits=["1", "0"] * 12,
        words=["no sale", "sale"] * 12,
        stars=["1", "5", "4"] * 8,
        plays=["0", "0", "7"] * 8,
        kinds=["a", "a", "b"] * 8,
        days=["NA", "2000-01-01", "2000-01-01"] * 8,
        gaps=["NA", "", "NA"] * 8,
    )
    said = {name: likely_positive(profile) for name, profile in profiles(raw).items()}
    assert said == {
        "bits": None,
        "words": "sale",
        "stars": ">= 4",
        "plays": "> 0",
        "kinds": "b",
        "days": "2000-01-01",
        "gaps": "NA",
    }


def test_a_column_without_marks_is_not_asked_about() -> None:
    """0 and 1 are the same with a decimal comma and without."""
    rows = range(60)
    raw = table(
        item=[f"i{i % 5}" for i in rows],
        price=[f"{i % 11},5" for i in rows],
        age=[str(20 + i % 30) for i in rows],
        new=[str(i % 2) for i in rows],
        label=[str(i * 7 // 3 % 2) for i in rows],
    )
    assert set(guess_schema(raw).schema.formats) == {"price"}


def test_a_price_is_no_item() -> None:
    raw = table(
        label=["0", "1"] * 50,
        who=[f"u{i % 9}" for i in range(100)],
        price=[f"{i % 25}.5" for i in range(100)],
    )
    assert guess_schema(raw).schema.item == "who"


def test_a_file_of_users_is_not_one_of_items() -> None:
    log = table(user_id=["a", "b", "c"] * 9, thing=["x", "y", "z"] * 9, taken=["0", "1", "1"] * 9)
    users = table(user_id=["a", "b", "c"], age=["20", "30", "40"])
    with pytest.raises(InputError, match="describes users, not items"):
        guess_schema(log, users)


def test_columns_without_names_are_named_by_what_stands_in_them() -> None:
    rows = [f"{i % 9}\t{i % 50}\t{1 + i % 5}\t{964982703 + i}\tnote {i}" for i in range(200)]
    raw = read_bytes("\n".join([*rows, ""]).encode(), "u.data")
    assert raw.names == "missing"
    assert guess_header(raw) == ("user", "item", "rating", "time", "column_5")
    with pytest.raises(InputError, match="not the names of the columns"):
        guess_schema(raw)
    assert guess_schema(raw.with_names(guess_header(raw))).schema.item == "item"


@pytest.mark.parametrize(
    ("names", "plain"),
    [
        ("userId User-ID USERID userid user_id UserID", "user_id"),
        ("storeid StoreID store-id", "store_id"),
        ("uid UID", "u_id"),
        ("paid PAID Paid", "paid"),
        ("isPaid is_paid", "is_paid"),
        ("maxbid", "maxbid"),
        ("lastBid last-bid", "last_bid"),
        ("valid", "valid"),
        ("isvalid", "isvalid"),
        ("trackid", "track_id"),
        ("HTTPStatus httpStatus", "http_status"),
        ("userIDs", "user_ids"),
        ("Größe", "grosse"),
        ("prénom", "prenom"),
        ("年龄", "年龄"),
        ("用户ID", "用户_id"),
    ],
)
def test_names_are_taken_apart_between_words_only(names: str, plain: str) -> None:
    assert {plain_name(name) for name in names.split()} == {plain}


def test_every_known_name_is_plain() -> None:
    lists = (value for key, value in vars(column_names).items() if key.isupper() and key[0] != "_")
    known = [name for names in lists for name in names]
    assert [plain_name(name) for name in known] == known


def test_what_was_paid_is_a_quantity() -> None:
    draw = random.Random(3)
    rows = [(f"u{draw.randrange(30)}", f"p{draw.randrange(20)}") for _ in range(300)]
    cells = [(user, item, draw.randrange(1, 400), draw.randrange(900)) for user, item in rows]
    lines = ["uid,product,paid,shopid", *(",".join(map(str, cell)) for cell in cells)]
    schema = guess_schema(read_bytes("\n".join(lines).encode(), "log.csv")).schema
    assert schema.user == "uid"
    assert schema.fields["paid"].kind == "numeric"
    assert schema.fields["shopid"].kind == "categorical"


@pytest.mark.parametrize("name", ["InvoiceNo", "order_number", "Rechnungs-Nr"])
def test_a_number_that_tells_things_apart_is_no_quantity(name: str) -> None:
    rows = [f"u{k % 9},i{k % 7},{536365 + k // 3},{(k * 5 // 3) % 2}" for k in range(300)]
    log = read_bytes("\n".join([f"user,item,{name},label", *rows]).encode(), "log.csv")
    assert guess_schema(log).schema.fields[name].kind == "categorical"


def counted(*columns: str) -> Schema:
    """What is guessed of rows of these columns that hold 0 to 4."""
    cells = [",".join(str(k * (n + 3) // 2 % 5) for n in range(len(columns))) for k in range(300)]
    rows = [f"u{k % 9},i{k % 7},{row}" for k, row in enumerate(cells)]
    lines = [",".join(("user", "item", *columns)), *rows]
    return guess_schema(read_bytes("\n".join(lines).encode(), "log.csv")).schema


def test_counted_deeds_are_the_label_where_nothing_else_is() -> None:
    schema = counted("clicks", "impressions")
    assert (schema.label, schema.positive) == ("clicks", "> 0")
    assert counted("orders", "rating").label == "rating"
    assert "orders" in counted("orders", "rating").fields
