"""What is projected so that a class comes in: the code in words, a QR code, the address."""

from __future__ import annotations

import html
from urllib.parse import urlencode, urlsplit

import segno
import streamlit as st

from recsys_demo.ui import session
from recsys_demo.ui.classroom.membership import JOIN, LEAD
from recsys_demo.ui.entrance import LOCAL, shared_address
from recsys_demo.ui.state import State, encode

QR_PIXELS = 5  # of a module: large enough for the back row


def invitation(code: str) -> None:
    """The code, the address to type, and a QR code that joins at once."""
    address = class_address()
    link = join_link(code)
    with st.container(key="class_invitation"):
        left, right = st.columns([3, 1], vertical_alignment="center")
        left.html(
            f'<p class="class-code" translate="no">{html.escape(code)}</p>'
            f"<p>Open <b>{html.escape(address)}</b> and type the three words, "
            "or scan the code.</p>"
        )
        right.html(qr_image(link))
    if urlsplit(address).hostname in LOCAL:
        st.warning(
            "Only this machine can open that address. Start the lab with "
            "`python -m recsys_demo serve --address 0.0.0.0` for others.",
            icon=":material/wifi_off:",
        )


def class_address() -> str:
    """The address of this page, as others can open it."""
    address = shared_address(st.context.url or "http://127.0.0.1:8501/classroom")
    return address if address.endswith("/classroom") else f"{address.rstrip('/')}/classroom"


def join_link(code: str) -> str:
    """The link that takes a seat, in the language that the teacher reads."""
    spoken = encode(State(language=session.current().language))
    return f"{class_address()}?{urlencode({JOIN: code, **spoken})}"


def lead_link(secret: str) -> str:
    """The teacher's own link."""
    return f"{class_address()}?{urlencode({LEAD: secret})}"


def qr_image(link: str) -> str:
    """The link as a QR code, black on white in either theme."""
    drawn = segno.make(link, micro=False, error="m").svg_data_uri(
        scale=QR_PIXELS, border=3, light="#fff"
    )
    return f'<img class="class-qr" src="{drawn}" alt="QR code of {html.escape(link)}">'
