"""Frappe in both its forms: the real log where it lies, the original's form with made-up rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys_demo.data.frappe import read_frappe
from recsys_demo.data.negatives import sample_negatives
from recsys_demo.data.splits import SplitConfig, split
from recsys_demo.errors import InputError
from tests.making.frappe import FRAPPE, LOG, needs_frappe

# Frappe_x1 of BARS: shuffled, then 7:2:1 into training, validation and test.
PUBLISHED_SPLIT = SplitConfig(kind="random", valid=0.2, test=0.1)
META = (
    "item\tpackage\tcategory\tdownloads\tdeveloper\ticon\tlanguage\tdescription\tname\tprice\t"
    "rating\tshort desc\n"
    '0\tcom.a\tTools\t1,000 - 5,000\tA\thttp://x\ten\t"Long ' + "text " * 900 + '"\tTorch\tFree\t'
    "4.1\tlight\n"
    "7\tcom.b\tunknown\tunknown\tunknown\tunknown\tunknown\tunknown\tunknown\tunknown\tunknown\t\n"
    '9\tcom.c\tGames\t10\tC\thttp://y\tes\t"Two\nlines"\tChess\t$1.99\t3.9\tplay\n'
)


@needs_frappe
def test_published_protocol_on_the_real_log() -> None:
    log, report = read_frappe(FRAPPE)
    assert (report.read, report.kept, report.problems) == (94_716, 94_716, ())
    assert len(log.schema.fields) == 9
    assert "cnt" not in log.frame
    assert len(log.items) == 3_923
    assert log.frame["user"].nunique() == 585
    assert {"category", "downloads", "price"} <= set(log.items.columns)
    sampled = sample_negatives(log, 2, 0)
    parts = split(sampled, PUBLISHED_SPLIT)
    sizes = [len(part) for part in (parts.train, parts.valid, parts.test)]
    assert sizes == [198_903, 56_830, 28_415]
    assert abs(parts.test.base_rate - 1 / 3) < 0.01


def test_original_download(tmp_path: Path) -> None:
    (tmp_path / "frappe.csv").write_text(LOG, encoding="utf-8")
    (tmp_path / "meta.csv").write_text(META, encoding="utf-8")
    log, _ = read_frappe(tmp_path, negatives=1)
    assert list(log.schema.fields)[:4] == ["user", "item", "daytime", "weekday"]
    assert len(log.schema.fields) == 10
    assert log.frame["cost"].tolist() == ["free", "paid"]
    assert log.item_names().to_dict() == {"0": "Torch", "7": "unknown", "9": "Chess"}
    assert log.items.loc["9", "category"] == "Games"
    assert "description" not in log.items


def test_the_log_alone_is_enough(tmp_path: Path) -> None:
    (tmp_path / "frappe.csv").write_text(LOG, encoding="utf-8")
    log, _ = read_frappe(tmp_path)
    assert log.items.index.tolist() == ["0", "7"]


def test_another_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no file frappe\.csv"):
        read_frappe(tmp_path)
    (tmp_path / "frappe.csv").write_text("user,item,day\n1,2,3\n", encoding="utf-8")
    with pytest.raises(InputError, match="a column is missing"):
        read_frappe(tmp_path)
