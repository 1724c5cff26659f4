"""The vectors of a field are the rows the model reads, with what is known of each value."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from recsys_demo.config.presets import PRESETS
from recsys_demo.errors import InputError
from recsys_demo.features.encoder import fit_encoder
from recsys_demo.models.components.base import as_batch, read_vectors
from recsys_demo.models.ranker import Ranker
from recsys_demo.studies.embeddings.export import map_csv, metadata_tsv, vectors_tsv
from recsys_demo.studies.embeddings.vectors import (
    NORM,
    SUPPORT,
    attributes_of,
    common_values,
    embedded_fields,
    field_vectors,
    positions,
    table_names,
    untrained_vectors,
    vectors_of_run,
)
from recsys_demo.training.runs import load_run, load_stored, save_run
from tests.making.embeddings_world import APPS, planted_log, segment, trained
from tests.making.logs import log
from tests.making.runs import make_run


def test_vectors_are_what_the_model_reads() -> None:
    ranker, encoder = trained("deepfm")
    field = field_vectors(ranker.state(), encoder, "app")
    rows = planted_log().take(np.arange(50))
    batch = as_batch(encoder.encode(rows))
    with torch.no_grad():
        read = read_vectors(ranker.embeddings["embedding"], batch).categorical
    column = encoder.fields.single_fields.index("app")
    for row, app in enumerate(rows.frame["app"]):
        np.testing.assert_array_equal(field.vectors[field.values.index(app)], read[row, column])


@pytest.mark.parametrize(
    ("preset", "table"),
    [("deepfm", "embedding"), ("fm_dnn", "embedding"), ("fm_dnn", "embedding_fm")],
)
def test_a_stored_run_has_the_vectors_of_the_loaded_one(
    preset: str, table: str, tmp_path: Path
) -> None:
    """To the last digit, though it is read without torch."""
    save_run(make_run(preset), tmp_path / "run")
    stored, back = load_stored(tmp_path / "run"), load_run(tmp_path / "run")
    fresh = Ranker(back.model, back.encoder, back.seed)
    for field in embedded_fields(stored.encoder):
        first = back.encoder.fields.offsets()[field] + 1
        for ranker, start in ((back.ranker, False), (fresh, True)):
            found = vectors_of_run(stored, field, table, start)
            rows = ranker.embeddings[table].weight[first : first + len(found)]
            np.testing.assert_array_equal(found.vectors, rows.double().numpy(), strict=True)
            lengths = found.metadata[NORM].to_numpy()
            np.testing.assert_array_equal(lengths, np.linalg.norm(found.vectors, axis=1))


def test_support_counts_rows_and_set_members() -> None:
    ranker, encoder = trained("deep")
    train = planted_log().take(np.arange(len(planted_log()) * 4 // 5))
    shown = field_vectors(ranker.state(), encoder, "app")
    counts = train.frame["app"].astype(str).value_counts()
    assert [counts[value] for value in shown.values] == shown.metadata[SUPPORT].tolist()
    installed = field_vectors(ranker.state(), encoder, "installed")
    cells = train.frame["installed"].astype(str).str.split("|").explode().value_counts()
    assert [cells[value] for value in installed.values] == installed.metadata[SUPPORT].tolist()
    np.testing.assert_allclose(
        installed.metadata[NORM], np.sqrt((installed.vectors**2).sum(axis=1))
    )


def test_a_copy_does_not_move_with_training() -> None:
    ranker, encoder = trained("deep")
    field = field_vectors(ranker.state(), encoder, "app")
    field.vectors[:] = 7
    assert not (ranker.embeddings["embedding"].weight == 7).any()


def test_untrained_table_is_the_start_of_this_seed() -> None:
    ranker, encoder = trained("deep")
    field = field_vectors(ranker.state(), encoder, "app").most_supported(10)
    start = untrained_vectors(ranker.config, encoder, 0, field)
    fresh = field_vectors(Ranker(ranker.config, encoder, 0).state(), encoder, "app")
    assert start.values == field.values
    np.testing.assert_array_equal(start.vectors, fresh.vectors[positions(fresh, field.values)])


def test_most_supported_keeps_the_largest_in_order() -> None:
    ranker, encoder = trained("deep")
    field = field_vectors(ranker.state(), encoder, "app")
    few = field.most_supported(5)
    support = field.metadata[SUPPORT].to_numpy()
    assert sorted(few.metadata[SUPPORT]) == sorted(support)[-5:]
    assert list(few.values) == [v for v in field.values if v in few.values]
    assert field.most_supported(10_000) is field


def test_separate_tables_of_fm_and_deep() -> None:
    model = PRESETS["fm_dnn"].model
    encoder = fit_encoder(planted_log(), model)
    ranker = Ranker(model, encoder, 0)
    assert table_names(model) == {"embedding_fm": "fm", "embedding": "deep"}
    assert table_names(PRESETS["deepfm"].model) == {"embedding": "fm and deep"}
    deep = field_vectors(ranker.state(), encoder, "app")
    fm = field_vectors(ranker.state(), encoder, "app", "embedding_fm")
    assert not np.allclose(deep.vectors, fm.vectors)


def test_refusals_say_what_to_do() -> None:
    ranker, encoder = trained("deep")
    with pytest.raises(InputError, match="Choose one of its tables"):
        field_vectors(ranker.state(), encoder, "app", "embedding_fm")
    with pytest.raises(InputError, match="categorical or multi-valued"):
        field_vectors(ranker.state(), encoder, "nothing")
    wide = PRESETS["wide"].model
    plain = fit_encoder(planted_log(), wide)
    with pytest.raises(InputError, match="no embeddings"):
        field_vectors(Ranker(wide, plain, 0).state(), plain, "app")


def test_item_first_then_by_size() -> None:
    _, encoder = trained("deep")
    assert embedded_fields(encoder) == ["app", "user", "installed"]


def test_attributes_of_items_sets_of_items_and_users() -> None:
    ranker, encoder = trained("deep")
    apps = [f"app{i}" for i in range(APPS)]
    items = pd.DataFrame({"segment": [segment(a) for a in apps]}, index=pd.Index(apps))
    queries = pd.DataFrame({"installed": ["app1", "app0|app4"]}, index=pd.Index(["u1", "u0"]))
    for field in ("app", "installed"):
        known = attributes_of(field, encoder, items, queries)
        described = field_vectors(ranker.state(), encoder, field, metadata=known)
        assert described.metadata["segment"].tolist() == [segment(v) for v in described.values]
    users = field_vectors(
        ranker.state(), encoder, "user", metadata=attributes_of("user", encoder, items, queries)
    )
    by_user = dict(zip(users.values, users.metadata["installed"], strict=True))
    assert by_user["u0"] == "app0|app4"
    assert pd.isna(by_user["u7"])


def test_names_from_the_catalogue_and_missing_values() -> None:
    schema = 'label="y"\nitem="i"\nitem_name="title"\n[fields]\ni={side="item"}\nc={}\n'
    rows = log({"y": [0, 1, 0, 1], "i": ["a", "b", "c", "a"], "c": ["x", None, "y", "z"]}, schema)
    model = PRESETS["deep"].model
    encoder = fit_encoder(rows, model)
    ranker = Ranker(model, encoder, 0)
    items = pd.DataFrame({"title": ["Apple", None]}, index=["a", "b"])
    assert field_vectors(ranker.state(), encoder, "i", metadata=items).names == ("Apple", "b", "c")
    assert "(missing)" in field_vectors(ranker.state(), encoder, "c").names


def test_common_values_in_the_first_order() -> None:
    ranker, encoder = trained("deep")
    field = field_vectors(ranker.state(), encoder, "app")
    a, b = field.take(np.array([3, 1, 2])), field.take(np.array([2, 3, 9]))
    assert common_values([a, b]) == [field.values[3], field.values[2]]


def test_tsv_pair_reads_back_and_survives_hostile_names() -> None:
    ranker, encoder = trained("deep")
    field = field_vectors(ranker.state(), encoder, "app").take(np.arange(4))
    names = ("tab\there", "line\nbreak\r\n", "\u2028<b>", '"quoted", =1+1')
    hostile = type(field)(field.field, field.values, names, field.vectors, field.metadata)
    numbers = [
        [float(x) for x in line.split("\t")]
        for line in vectors_tsv(hostile).decode().rstrip("\n").split("\n")
    ]
    np.testing.assert_array_equal(numbers, field.vectors)
    header, *lines = metadata_tsv(hostile).decode().rstrip("\n").split("\n")
    assert len(lines) == 4
    assert {line.count("\t") for line in lines} == {header.count("\t")}
    assert header.split("\t")[:3] == ["name", "value", SUPPORT]


def test_map_csv_has_places_and_metadata() -> None:
    from io import BytesIO

    ranker, encoder = trained("deep")
    field = field_vectors(ranker.state(), encoder, "app").take(np.arange(4))
    places = np.arange(12.0).reshape(4, 3)
    frame = pd.read_csv(BytesIO(map_csv(field, places)))
    assert frame["value"].tolist() == list(field.values)
    np.testing.assert_array_equal(frame[["x", "y", "z"]].to_numpy(), places)
    assert frame[SUPPORT].tolist() == field.metadata[SUPPORT].tolist()
