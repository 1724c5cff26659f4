"""Where the server is reached from, when not by its own address on this machine."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, field_validator

from recsys_demo.limits import PREFIX
from recsys_demo.values import Frozen, validated

EVERYWHERE = ("0.0.0.0", "::")
Host = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]+$", max_length=253)]
Site = Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9_.:*\[\]-]+$", max_length=300)]


def _network(text: str) -> str:
    ipaddress.ip_network(text)  # its ValueError says what is wrong
    return text


class ServerSettings(Frozen):
    """Options of `serve`; environment variables set them too: `RECSYS_DEMO_` and the name in
    capitals, commas between several."""

    base_path: str = Field(
        "",
        pattern=r"^(/[A-Za-z0-9_.~-]+)*/?$",
        description="folder of the address at which the lab lies, as /lab",
    )
    allow_host: tuple[Host, ...] = Field(
        (), description="names by which browsers reach the lab through a proxy, without port"
    )
    trust_proxy: tuple[Annotated[str, AfterValidator(_network)], ...] = Field(
        (), description="addresses or networks of proxies whose X-Forwarded headers are believed"
    )
    public_url: str = Field(
        "",
        pattern=r"^(https?://[A-Za-z0-9_.:\[\]-]+(/[A-Za-z0-9_.~-]+)*/?)?$",
        description="address in the links that people share, as https://lab.example",
    )
    frame_ancestors: tuple[Site, ...] = Field(
        (), description="sites whose pages may show the lab in a frame, as https://school.example"
    )

    @field_validator("base_path", "public_url")
    @classmethod
    def _without_last_slash(cls, text: str) -> str:
        return text.rstrip("/")

    @property
    def hosts(self) -> tuple[str, ...]:
        """Names that are said to be this lab's."""
        public = urlsplit(self.public_url).hostname
        names = (*self.allow_host, public) if public else self.allow_host
        return tuple(name.lower() for name in names)

    @classmethod
    def given(cls, options: Mapping[str, object]) -> ServerSettings:
        """These options, else the environment's, else the defaults. Raises InputError."""
        content: dict[str, object] = {}
        for name, field in cls.model_fields.items():
            text = os.environ.get(PREFIX + name.upper(), "")
            if options.get(name):
                content[name] = options[name]
            elif text:
                content[name] = text if field.annotation is str else text.split(",")
        return validated(cls, content, "serve")


@dataclass(frozen=True)
class ServerAddress:
    """How people reach the server that is about to start."""

    settings: ServerSettings
    address: str
    port: int
    password: str | None
    network_addresses: tuple[str, ...] = ()  # this machine's, where others are let in

    @property
    def is_local(self) -> bool:
        """Whether it listens to this machine only."""
        return is_local(self.address)

    @property
    def is_private(self) -> bool:
        """Whether only the person at this machine can be meant: who asks for a password, names an
        address or sets up a proxy lets others in."""
        return self.is_local and self.password is None and self.settings == ServerSettings()

    @property
    def local_url(self) -> str:
        """Where a browser of this machine finds it."""
        return self._url("127.0.0.1" if self.address in EVERYWHERE else self.address)

    @property
    def network_url(self) -> str:
        """Where others find it; empty if they are not let in."""
        return next(iter(self.network_urls), "")

    @property
    def network_urls(self) -> list[str]:
        """All addresses at which others may find it."""
        if self.address in EVERYWHERE:
            return [self._url(address) for address in self.network_addresses]
        return [] if self.is_local else [self.local_url]

    def _url(self, name: str) -> str:
        shown = f"[{name}]" if ":" in name else name
        return f"http://{shown}:{self.port}{self.settings.base_path}"


def is_local(address: str) -> bool:
    """Whether only this machine can reach that address."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
