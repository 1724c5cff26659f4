"""Switches are pure and mean something; grids hold what was asked for, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys_demo.config.component_kinds import joint_kinds
from recsys_demo.config.components import DeepConfig, FmConfig
from recsys_demo.config.model import ModelConfig
from recsys_demo.config.presets import PRESETS, with_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.studies.ablation import switches as to
from recsys_demo.studies.ablation.axes import Axis, axes, hide_field
from recsys_demo.studies.ablation.grid import (
    BASE,
    Grid,
    Timed,
    estimate,
    grid_cells,
    separate_configs,
    subset_cells,
    whole_model,
)
from recsys_demo.sweep.records import record_key
from tests.making.sweeping import ALL_FOUR, CROSSES, run_config, schema, trained, write_log


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> RunConfig:
    return run_config(write_log(tmp_path_factory.mktemp("log")))


def axis(base: RunConfig, key: str) -> Axis:
    return next(a for a in axes(base, schema()) if a.key == key)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_option_of_every_preset_is_another_valid_model(base: RunConfig, preset: str) -> None:
    model = with_crosses(PRESETS[preset].model, CROSSES)
    start = base.model_copy(update={"model": model})
    before = start.model_dump_json()
    keys = []
    for one in axes(start, schema()):
        assert one.options
        for option in one.options:
            keys.append(option.key)
            changed = option.change(start)
            assert changed is not None
            RunConfig.model_validate(changed.model_dump(mode="json"))
            assert option.apart or changed != start
    assert len(set(keys)) == len(keys)
    assert start.model_dump_json() == before


def test_every_kind_cross_and_field_of_the_whole_model_has_a_switch(base: RunConfig) -> None:
    found = {one.key for one in axes(base, schema())}
    crosses = {f"cross:{cross}" for cross in CROSSES}
    fields = {f"field:{name}" for name in schema().fields}
    assert found >= {*joint_kinds(), *crosses, *fields}


def test_every_option_of_the_whole_model_trains(base: RunConfig, tmp_path: Path) -> None:
    cells = grid_cells(base, axes(base, schema()), "one")
    grid = Grid(cells, (0,))
    records = trained(grid.configs(), tmp_path)
    assert all(record_key(config) in records for config in grid.configs())


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (to.without(ALL_FOUR, "fm"), ("linear", "crosses", "deep")),
        (to.without(PRESETS["deep"].model, "deep"), None),
        (to.without(PRESETS["deep"].model, "fm"), None),
        (to.with_component(PRESETS["deep"].model, "linear"), ("linear", "deep")),
        (to.with_component(ALL_FOUR, "linear"), None),
        (to.without_cross(ALL_FOUR, CROSSES[0]), ("linear", "crosses", "fm", "deep")),
        (
            to.without_cross(with_crosses(ALL_FOUR, CROSSES[:1]), CROSSES[0]),
            ("linear", "fm", "deep"),
        ),
    ],
)
def test_components_come_and_go(changed: ModelConfig | None, expected: tuple[str] | None) -> None:
    assert (changed and tuple(part.kind for part in changed.components)) == expected


def test_sizes_and_layers() -> None:
    def hidden(model: ModelConfig | None) -> tuple[int, ...]:
        assert model is not None
        deep = model.component(DeepConfig)
        assert deep is not None
        return deep.hidden

    assert hidden(to.with_layers(ALL_FOUR, -1)) == (6,)
    assert hidden(to.with_layers(ALL_FOUR, 1)) == (6, 4, 4)
    assert hidden(to.with_width(ALL_FOUR, 0.5)) == (3, 2)
    one = to.with_layers(ALL_FOUR, -1)
    assert one is not None
    assert to.with_layers(one, -1) is None
    third = to.with_order(ALL_FOUR, 3)
    assert third is not None
    fm = third.component(FmConfig)
    assert fm is not None
    assert fm.order == 3
    assert to.with_order(PRESETS["deep"].model, 3) is None
    assert to.with_sharing(PRESETS["wide_deep"].model, False) is None


def test_hiding_a_field_takes_its_crosses_away(base: RunConfig) -> None:
    hidden = hide_field(base, "installed", schema())
    assert hidden is not None
    assert hidden.without_fields == ("installed",)
    assert hidden.model.crosses == ("country x app",)
    assert hide_field(hidden, "installed", schema()) is None
    both = hide_field(hidden, "app", schema())
    assert both is not None
    assert not both.model.has("crosses")


def test_one_by_one_and_all_combinations(base: RunConfig) -> None:
    chosen = [axis(base, "fm"), axis(base, "l1")]
    one = grid_cells(base, chosen, "one")
    assert one[0].key == BASE
    assert len(one) == 1 + 1 + 4
    every = grid_cells(base, chosen, "all")
    assert len(every) == 2 * 5
    assert len({cell.key for cell in every}) == 10


def test_combinations_without_meaning_are_left_out(base: RunConfig) -> None:
    chosen = [axis(base, "deep"), axis(base, "dropout"), axis(base, "joint")]
    keys = {cell.key for cell in grid_cells(base, chosen, "all")}
    assert keys == {
        BASE,
        "no-deep",
        "dropout-0.2",
        "dropout-0.5",
        "apart",
        "dropout-0.2 + apart",
        "dropout-0.5 + apart",
    }


def test_apart_is_the_deep_part_and_all_the_rest(base: RunConfig) -> None:
    first, second = separate_configs(base)
    assert [part.kind for part in first.model.components] == ["linear", "crosses", "fm"]
    assert [part.kind for part in second.model.components] == ["deep"]
    assert separate_configs(first) == ()


def test_every_subset_once(base: RunConfig) -> None:
    cells = subset_cells(base)
    assert len(cells) == len({cell.key for cell in cells}) == 2 ** len(base.model.components)
    assert [cell.label for cell in cells if not cell.runs] == ["bias only"]


def test_the_whole_model_has_every_kind(base: RunConfig) -> None:
    for preset in (one for one in PRESETS.values() if not one.model.alone):
        start = base.model_copy(update={"model": preset.model})
        whole = whole_model(start, schema()).model
        assert [part.kind for part in whole.components] == list(joint_kinds())
        assert whole.crosses == ("installed x app",)


def test_runs_come_once_and_seed_by_seed(base: RunConfig) -> None:
    cells = grid_cells(base, [axis(base, "joint"), axis(base, "deep")], "one")
    configs = Grid(cells, (3, 1)).configs()
    # the model as it is, and the two trained apart, one of which is the model without deep
    assert [config.seed for config in configs] == [3, 3, 3, 1, 1, 1]


def test_an_estimate_uses_what_was_measured() -> None:
    wide = PRESETS["wide"].model
    done = [Timed(wide, 2.0), Timed(wide, 4.0)]
    told = estimate(runs=20, missing=[wide] * 7, done=done, slots=2, rows=100)
    assert (told.seconds, told.missing, told.measured) == (12.0, 7, True)


def test_an_estimate_knows_what_each_kind_costs() -> None:
    """Trees take several times what a network takes: what others took does not hide it."""
    trees, deepfm = PRESETS["trees"].model, PRESETS["deepfm"].model

    def seconds(missing: list[ModelConfig], done: list[Timed]) -> float:
        return estimate(4, missing, done, 2, 100_000).seconds

    guessed = seconds([deepfm], [])
    assert seconds([trees, deepfm], []) == seconds([trees], []) > 2 * guessed
    faster = [Timed(deepfm, guessed / 3)]
    assert seconds([trees], faster) == pytest.approx(seconds([trees], []) / 3)
    assert seconds([trees, trees, trees], [*faster, Timed(trees, 9.0)]) == pytest.approx(18)
