"""A cross as an equation."""

from __future__ import annotations

from recsys_demo.features.crosses import Cross, Part


def formula(cross: Cross) -> str:
    """phi_k in the notation of W&D, equation 1, filled in with this cross, as LaTeX.

    A free field stands for one k per combination of its values.
    """
    conditions = r"\wedge ".join(_condition(part, i) for i, part in enumerate(cross.parts, 1))
    product = r"\,".join(f"x_{{{_indicator(part, i)}}}" for i, part in enumerate(cross.parts, 1))
    return (
        r"\begin{aligned}\phi_k(\mathbf{x}) &= \prod_{i=1}^{d} x_i^{c_{ki}} = "
        + product
        + r"\\ &= \begin{cases}1 & \text{if } "
        + conditions
        + r"\\ 0 & \text{otherwise}\end{cases}\end{aligned}"
    )


def _condition(part: Part, number: int) -> str:
    value = rf"v_{{{number}}}" if part.value is None else _text(part.value)
    return f"{_text(part.field)} = {value}"


def _indicator(part: Part, number: int) -> str:
    return _condition(part, number).replace(" = ", "=")


def _text(name: str) -> str:
    """A name as LaTeX text: nothing in it is a command."""
    escapes = {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "_": r"\_",
        "^": r"\char`^",
        "#": r"\#",
        "%": r"\%",
        "&": r"\&",
        "~": r"\char`~",
    }
    return r"\text{" + "".join(escapes.get(letter, letter) for letter in name) + "}"
