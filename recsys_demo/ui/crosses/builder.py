"""Building a cross by clicking fields and values, or by writing it."""

from __future__ import annotations

import streamlit as st

from recsys_demo.crosses.coded import CodedLog
from recsys_demo.crosses.definition import Cross
from recsys_demo.data.schema import Schema
from recsys_demo.encoding.fields import FieldEncoder
from recsys_demo.errors import InputError
from recsys_demo.limits import Limits
from recsys_demo.ui.crosses.drafts import composed, read, taken_apart
from recsys_demo.ui.frame import show_error

DRAFT = "crosses.draft"
_TEXT = "crosses.text"
_FIELDS = "crosses.fields"
OFFERED = 1000


def builder(log: CodedLog, first: str, limits: Limits) -> Cross | None:
    """Draw both forms of the draft, `first` to begin with; returns its cross once it is one."""
    schema = log.encoder.schema
    st.session_state.setdefault(DRAFT, first)
    _seed_widgets(schema, limits)
    st.pills(
        "Fields to cross",
        list(schema.fields),
        selection_mode="multi",
        key=_FIELDS,
        on_change=_clicked,
        args=(schema, limits),
        wrap=True,
        help="Click two or more. Each combination of their values gets a weight of its own.",
    )
    chosen = st.session_state[_FIELDS] or []
    if chosen:
        with st.expander("Only some values", expanded=_has_values(chosen)):
            for name in chosen:
                _value_choice(name, log.encoder, schema, limits)
    st.text_input(
        "The same as text",
        key=_TEXT,
        on_change=_written,
        args=(schema, limits),
        placeholder="installed x app",
        help='Fields joined by x, conditions field=value joined by &. Put "" around names that '
        "contain & = or x.",
    )
    draft = read(st.session_state[_TEXT], schema, limits)
    if isinstance(draft, InputError):
        show_error(draft)
        return None
    if draft is None:
        st.info("Choose at least two fields: a single one is already in the linear part.")
    return draft


def put(text: str) -> None:
    """Make this text the draft; the widgets take it over when they are drawn next."""
    st.session_state[DRAFT] = text
    for key in [name for name in st.session_state if _is_widget(str(name))]:
        del st.session_state[key]


def _value_choice(name: str, encoder: FieldEncoder, schema: Schema, limits: Limits) -> None:
    multi = schema.fields[name].kind == "multi"
    key = _values_key(name)
    offered = _offered(name, encoder)
    # A value that was typed stays selectable although it is not among the offered ones.
    extra = [value for value in st.session_state.get(key, []) if value not in offered]
    st.multiselect(
        name,
        [*extra, *offered],
        key=key,
        max_selections=limits.cross_order if multi else 1,
        placeholder="all values",
        format_func=lambda value: value or "(missing)",
        on_change=_clicked,
        args=(schema, limits),
    )


@st.cache_data(max_entries=500, show_spinner=False, hash_funcs={FieldEncoder: id})
def _offered(name: str, encoder: FieldEncoder) -> list[str]:
    """The most frequent values of a field."""
    if name in encoder.quantiles:
        quantiles = encoder.quantiles[name]
        return [quantiles.bin_name(i) for i in range(1, quantiles.n_bins + 1)]
    vocabulary = encoder.vocabularies[name]
    counted = sorted(zip(vocabulary.counts, vocabulary.values, strict=True), key=lambda v: -v[0])
    return [value for _, value in counted[:OFFERED]]


def _seed_widgets(schema: Schema, limits: Limits) -> None:
    """Give widgets that are new, or forgot their value with the page, what the draft says."""
    if _TEXT in st.session_state and _FIELDS in st.session_state:
        return
    text = st.session_state[DRAFT]
    st.session_state[_TEXT] = text
    st.session_state[_FIELDS] = [text] if text in schema.fields else []
    _spread(text, schema, limits)


def _written(schema: Schema, limits: Limits) -> None:
    text = st.session_state[_TEXT]
    st.session_state[DRAFT] = text
    _spread(text, schema, limits)


def _spread(text: str, schema: Schema, limits: Limits) -> None:
    """Set the clicks to what the text says, if it can be read."""
    cross = read(text, schema, limits)
    if not isinstance(cross, Cross):
        return
    fields, values = taken_apart(cross)
    st.session_state[_FIELDS] = fields
    for name in schema.fields:
        st.session_state[_values_key(name)] = values.get(name, [])


def _clicked(schema: Schema, limits: Limits) -> None:
    before = read(st.session_state[_TEXT], schema, limits)
    values = {name: st.session_state.get(_values_key(name), []) for name in schema.fields}
    text = composed(
        st.session_state[_FIELDS] or [], values, before if isinstance(before, Cross) else None
    )
    st.session_state[_TEXT] = text
    st.session_state[DRAFT] = text


def _has_values(fields: list[str]) -> bool:
    return any(st.session_state.get(_values_key(name)) for name in fields)


def _values_key(name: str) -> str:
    return f"crosses.values.{name}"


def _is_widget(key: str) -> bool:
    return key in (_TEXT, _FIELDS) or key.startswith("crosses.values.")
