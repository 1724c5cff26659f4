"""Pictures in a page: an SVG written into it would be taken out."""

from __future__ import annotations

import base64
import html


def svg_image(svg: str, told: str) -> str:
    """HTML of a drawing as wide as its place; `told` is what it says in words, empty for an
    ornament."""
    code = base64.b64encode(svg.encode()).decode()
    alt = html.escape(told)
    return f'<img src="data:image/svg+xml;base64,{code}" alt="{alt}" style="width:100%">'
