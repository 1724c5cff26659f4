"""Building a cross by clicking fields and values, or by writing it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from recsys_demo.data.schema import Schema
from recsys_demo.errors import InputError
from recsys_demo.features.crosses import Cross
from recsys_demo.features.fields import FieldEncoder
from recsys_demo.limits import Limits
from recsys_demo.studies.crosses.log_codes import LogCodes
from recsys_demo.ui.crosses.drafts import cross_text, fields_and_values, read
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import show_error
from recsys_demo.ui.widgets import keyed

_TEXT = "crosses.text"
_FIELDS = "crosses.fields"
OFFERED = 1000
LONGEST = 500  # characters of a cross in the list
Save = Callable[[str], None]


def builder(log: LogCodes, draft: str, save: Save, limits: Limits) -> Cross | None:
    """Draw both forms of the draft; `save` takes a changed one over. Returns its cross once it is
    one."""
    schema = log.encoder.schema
    _show(draft, schema, limits)
    st.pills(
        "Fields to cross",
        list(schema.fields),
        format_func=plain,
        selection_mode="multi",
        wrap=True,
        help="Click two or more. Each combination of their values gets a weight of its own.",
        **keyed(_FIELDS, partial(_clicked, save, schema, limits)),
    )
    chosen = st.session_state[_FIELDS] or []
    if chosen:
        with st.expander("Only some values", expanded=_has_values(chosen)):
            for name in chosen:
                _value_choice(name, log.encoder, save, limits)
    st.text_input(
        "Edit as text",
        placeholder="installed x app",
        max_chars=LONGEST,
        help='Fields joined by x, conditions field=value joined by &. Put "" around names that '
        "contain & = or x.",
        **keyed(_TEXT, partial(_written, save, schema, limits)),
    )
    cross = read(draft, schema, limits)
    if isinstance(cross, InputError):
        show_error(cross)
        return None
    if cross is None:
        st.info("Choose at least two fields: a single one is already in the linear part.")
    return cross


def built(schema: Schema, limits: Limits) -> Cross | None:
    """The cross as it stands in the builder when a button is pressed: the button may have been
    drawn for another. None while it is none. Raises InputError for a text that is wrong."""
    cross = read(st.session_state[_TEXT], schema, limits)
    if isinstance(cross, InputError):
        raise cross
    return cross


def _value_choice(name: str, encoder: FieldEncoder, save: Save, limits: Limits) -> None:
    schema = encoder.schema
    offered = _offered(name, encoder)
    # A value that was typed stays selectable although it is not among the offered ones.
    extra = [value for value in _values(name) if value not in offered]
    common: dict[str, Any] = {
        "options": [*extra, *offered],
        "placeholder": "all values",
        "format_func": lambda value: value or "(missing)",
        **keyed(_values_key(name), partial(_clicked, save, schema, limits)),
    }
    if schema.fields[name].kind == "multi":
        st.multiselect(plain(name), max_selections=limits.cross_order, **common)
    else:
        st.selectbox(plain(name), index=None, **common)


def _values(name: str) -> list[str]:
    """What is chosen of a field: of most fields one value or none, of a multi-valued one some."""
    chosen = st.session_state.get(_values_key(name))
    return [] if chosen is None else [chosen] if isinstance(chosen, str) else list(chosen)


@st.cache_data(max_entries=500, show_spinner=False, hash_funcs={FieldEncoder: id})
def _offered(name: str, encoder: FieldEncoder) -> list[str]:
    """The most frequent values of a field."""
    if name in encoder.quantiles:
        quantiles = encoder.quantiles[name]
        return [quantiles.bin_name(i) for i in range(1, quantiles.n_bins + 1)]
    vocabulary = encoder.vocabularies[name]
    counted = sorted(zip(vocabulary.counts, vocabulary.values, strict=True), key=lambda v: -v[0])
    return [value for _, value in counted[:OFFERED]]


def _show(draft: str, schema: Schema, limits: Limits) -> None:
    """Make the widgets say what the draft says, where they are new, forgot their values with the
    page, or the draft was changed elsewhere: undone, taken from the list, brought by a link."""
    memory = st.session_state
    if memory.get(_TEXT) == draft and _FIELDS in memory:
        return
    memory[_TEXT] = draft
    memory[_FIELDS] = [draft] if draft in schema.fields else []
    _spread(draft, schema, limits)


def _written(save: Save, schema: Schema, limits: Limits) -> None:
    text = st.session_state[_TEXT]
    _spread(text, schema, limits)
    save(text)


def _spread(text: str, schema: Schema, limits: Limits) -> None:
    """Set the clicks to what the text says, if it can be read."""
    cross = read(text, schema, limits)
    if not isinstance(cross, Cross):
        return
    fields, values = fields_and_values(cross)
    st.session_state[_FIELDS] = fields
    for name in schema.fields:
        several = schema.fields[name].kind == "multi"
        found = values.get(name, [])
        st.session_state[_values_key(name)] = found if several else next(iter(found), None)


def _clicked(save: Save, schema: Schema, limits: Limits) -> None:
    before = read(st.session_state[_TEXT], schema, limits)
    values = {name: _values(name) for name in schema.fields}
    text = cross_text(
        st.session_state[_FIELDS] or [], values, before if isinstance(before, Cross) else None
    )
    st.session_state[_TEXT] = text
    save(text)


def _has_values(fields: list[str]) -> bool:
    return any(_values(name) for name in fields)


def _values_key(name: str) -> str:
    return f"crosses.values.{name}"
