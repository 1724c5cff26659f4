"""A newcomer in the Data and the Crosses room: a messy file, and crosses by mouse alone."""

from __future__ import annotations

import random
import re
import tomllib
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.making.driving import PATIENCE_MS, Tab, pick

pytestmark = pytest.mark.browser
APPS = [f"App {name}" for name in ("Ant", "Bee", "Cat", "Dog", "Eel", "Fox", "Gnu", "Hen")]
ROWS, EMPTY, WRONG = 1_200, 24, 6


def messy_csv() -> bytes:
    """Semicolons, decimal commas, a byte order mark, missing and wrong labels, dates; `seen` looks
    like a label and is none."""
    draw = random.Random(5)
    rows = ["user;app;gender;language;installed;price;date;clicked;bought"]
    for row in range(ROWS):
        user, app = draw.randrange(60), draw.randrange(len(APPS))
        gender, language = ("female", "male")[user % 2], ("en", "de", "fr")[user % 3]
        installed = "|".join(sorted({APPS[user % 8], APPS[(user * 3 + 1) % 8]}))
        taken = draw.random() < (0.8 if user % 8 == app else 0.2)
        label = "" if row % 50 == 3 else "perhaps" if row % 200 == 7 else str(int(taken))
        price = f"{app * 1.25:.2f}".replace(".", ",")
        day = f"2024-{1 + row % 12:02}-{1 + row % 28:02}"
        rows.append(
            f"u{user};{APPS[app]};{gender};{language};{installed};{price};{day};"
            f"{draw.randrange(2)};{label}"
        )
    return b"\xef\xbb\xbf" + "\r\n".join(rows).encode()


def says(tab: Tab, name: str, value: str) -> None:
    """Wait until a metric says this."""
    metric = tab.page.get_by_test_id("stMetric").filter(has_text=name).first
    expect(metric.get_by_test_id("stMetricValue")).to_have_text(value, timeout=PATIENCE_MS)


def pill(tab: Tab, field: str) -> None:
    """Click a field of the builder."""
    tab.page.get_by_role("toolbar", name="Fields to cross").get_by_role(
        "button", name=field, exact=True
    ).click()
    tab.rest()


def text_form(tab: Tab) -> Locator:
    return tab.page.get_by_role("textbox", name="Edit as text")


def test_a_messy_file_is_corrected_told_about_used_and_trained_on(tab: Tab, tmp_path: Path) -> None:
    file = tmp_path / "messy.csv"
    file.write_bytes(messy_csv())
    tab.open("data")
    tab.page.get_by_role("radio", name="Your own file").click()
    tab.sees("Choose a file.")
    tab.page.wait_for_url(re.compile(r"[?&]s="))  # the choice is in the link
    tab.rest()
    tab.page.locator("input[type=file]").set_input_files(file)
    tab.sees("What will happen")
    # The guess took the first column that looks like a label; the other one is meant.
    expect(tab.page.get_by_role("combobox", name="Label: was it taken")).to_have_value("clicked")
    expect(tab.page.get_by_role("combobox", name="How price is written")).to_have_value(
        "numbers with decimal comma"
    )
    pick(tab, "Label: was it taken", "bought")
    tab.sees(f"Why {EMPTY + WRONG} rows are refused")
    tab.sees(re.compile(r"not a label .*row 3 \(line 5\).*an empty cell; expected 0 or 1"))
    says(tab, "Rows kept", f"{ROWS - EMPTY - WRONG:,}")
    with tab.page.expect_download() as download:
        tab.press("Save the schema (TOML)")
    schema = tomllib.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert schema["label"] == "bought"
    assert "clicked" not in schema["fields"]
    tab.press("Use this log")
    tab.sees("is in use. Its rows and what its columns mean")
    tab.sees(re.compile(rf"{ROWS - EMPTY - WRONG:,} rows .* {len(APPS)} items"))
    trains_on_it(tab)
    # Nothing is lost on the way: neither by leaving the room nor by opening the link elsewhere.
    tab.go("Data")
    tab.sees("is in use. Its rows and what its columns mean")
    tab.page.wait_for_url(re.compile(r"[?&]s="))  # the link is written last
    tab.page.reload()
    tab.rest()
    tab.sees("is in use. Its rows and what its columns mean")


def trains_on_it(tab: Tab) -> None:
    tab.page.get_by_test_id("stMain").get_by_role("link", name="Cross its fields").click()
    tab.rest()
    expect(text_form(tab)).to_have_value("installed x app")
    pill(tab, "app")
    pill(tab, "installed")
    pill(tab, "gender")
    pill(tab, "language")
    tab.page.get_by_text("Only some values").click()
    pick(tab, "gender", "female")
    pick(tab, "language", "en")
    expect(text_form(tab)).to_have_value("gender=female & language=en")
    tab.sees(re.compile("People with gender=female and language=en"))
    tab.press("Add this cross")
    tab.sees("2 of 2 on")
    tab.go("Start")
    tab.press("Train four models")
    tab.sees("Highest AUC on all rows")


def memorized(tab: Tab) -> float:
    """AUC on what must be memorized, of the one model on the Start page, once it is trained."""
    expect(tab.button("Retrain with a new seed")).to_be_visible(timeout=PATIENCE_MS)
    row = tab.page.locator(".standings").get_by_role("row").nth(1)
    return float(row.get_by_role("cell").first.inner_text())


def test_crosses_built_by_mouse_move_the_exceptions(tab: Tab) -> None:
    tab.open("crosses", models="wide")
    more = tab.page.get_by_test_id("stPopover").filter(has_text="more_vert").first
    more.get_by_role("button").click()
    tab.press("Delete")
    tab.sees("0 of 0 on")
    tab.go("Start")
    tab.press("Train one model")
    without = memorized(tab)
    tab.go("Crosses")
    pill(tab, "installed")
    tab.sees("Choose at least two fields")
    pill(tab, "app")
    expect(text_form(tab)).to_have_value("installed x app")
    tab.sees(re.compile("90,000 possible combinations"))
    tab.press("Add this cross")
    pill(tab, "installed")
    pill(tab, "app")
    pill(tab, "gender")
    pill(tab, "country")
    tab.page.get_by_text("Only some values").click()
    pick(tab, "gender", "female")
    pick(tab, "country", "India")
    tab.press("Add this cross")
    tab.sees("2 of 2 on")
    tab.go("Start")
    tab.press("Train one model")
    assert memorized(tab) > without + 0.1
    tab.press("Undo")  # the last click of the Crosses room: the second cross leaves the list
    tab.go("Crosses")
    tab.sees("1 of 1 on")


def test_what_is_typed_shows_in_the_clicks_and_the_overcross_is_trained_in_a_worker(
    tab: Tab,
) -> None:
    tab.open("crosses")
    text_form(tab).fill("hour=night & app")
    text_form(tab).press("Enter")
    tab.rest()
    fields = tab.page.get_by_role("toolbar", name="Fields to cross")
    pressed = fields.locator("button[aria-pressed=true]")
    expect(pressed).to_have_text(["app", "hour"])
    text_form(tab).fill("hour x nowhere")
    text_form(tab).press("Enter")
    tab.sees(re.compile("nowhere"))
    tab.sees("Compose a cross above, and its combinations are counted here.")
    tab.press("Undo")
    expect(text_form(tab)).to_have_value("hour=night & app")
    tab.page.get_by_role("tab", name="Overcross").click()
    tab.press("Overcross it")
    tab.sees(re.compile(r"more weights.* the training loss goes from .* that of held-out rows"))
    expect(tab.page.get_by_role("figure", name=re.compile("more weights"))).to_be_visible()


def test_dials_make_another_world_and_the_truth_is_hidden_until_asked_for(tab: Tab) -> None:
    tab.open("data")
    tab.page.get_by_role("tab", name="The truth").click()
    tab.sees("Guess first which pairs are exceptions")
    tab.page.get_by_test_id("stMain").get_by_text("Reveal the truth").click()
    tab.sees("600 planted exceptions.")
    tab.press("Nothing to memorize")
    tab.sees("This world has no planted exceptions.")
    tab.press("Undo")
    tab.sees("600 planted exceptions.")
    tab.page.reload()
    tab.sees("600 planted exceptions.")
