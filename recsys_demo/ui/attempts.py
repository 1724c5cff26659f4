"""Attempts at a password: few at once, slower the more are wrong, nobody locked out.

Whoever guesses learns no more per second than the lines let through, however many guesses are under
way. A class may share one address with whoever attacks it, so nothing is refused for what others
did: attempts of a browser that was shown the form have a line of their own beside those of scripts,
and in each line the newest comes first. Of too many, the oldest go.
"""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field

# Attempts looked at together: of one address, and of all. Each wrong one keeps its place a while.
AT_ONCE, AT_ONCE_IN_ALL = 10, 40
# Seconds a wrong one keeps it: at first, and at most, after MANY wrong ones within WINDOW.
SHORTEST, LONGEST, MANY, WINDOW = 1.0, 5.0, 100, 600.0
# Attempts that may be under way: of one address, and of all; and seconds each may take.
UNDER_WAY, UNDER_WAY_IN_ALL, PATIENCE = 200, 1_000, 60.0
KEPT = 1_000  # addresses


class Line:
    """Places, given to the newest who waits."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place, and keep it while the block runs."""
        if self._free:
            self._free -= 1
        else:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._leave()
                raise
        try:
            yield
        finally:
            self._leave()

    def _leave(self) -> None:
        while self._waiting:
            turn = self._waiting.pop()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


@dataclass
class Address:
    """What is known of one address: its lines (scripts, browsers), what is under way, what was
    wrong lately."""

    lines: tuple[Line, Line] = field(default_factory=lambda: (Line(AT_ONCE), Line(AT_ONCE)))
    under_way: deque[asyncio.Timeout] = field(default_factory=deque)
    wrong: deque[float] = field(default_factory=lambda: deque(maxlen=MANY))


class Attempts:
    """All attempts at the password of one server."""

    def __init__(self) -> None:
        self._lines = (Line(AT_ONCE_IN_ALL), Line(AT_ONCE_IN_ALL))
        self._under_way: deque[asyncio.Timeout] = deque()
        self._known: OrderedDict[str, Address] = OrderedDict()

    @contextmanager
    def _clocked(self, address: Address, clock: asyncio.Timeout) -> Iterator[None]:
        """Count one; of too many, the oldest has no more time."""
        counted = (address.under_way, UNDER_WAY), (self._under_way, UNDER_WAY_IN_ALL)
        for clocks, most in counted:
            clocks.append(clock)
            if len(clocks) > most and not (oldest := clocks.popleft()).expired():
                oldest.reschedule(0)
        try:
            yield
        finally:
            for clocks, _ in counted:
                if clock in clocks:
                    clocks.remove(clock)

    @asynccontextmanager
    async def attempt(self, client: str) -> AsyncIterator[Address]:
        """Begin one, before anything of it is read. Raises TimeoutError inside when it takes too
        long or too many came after it."""
        address = self._address(client)
        async with asyncio.timeout(PATIENCE) as clock:
            with self._clocked(address, clock):
                yield address

    @asynccontextmanager
    async def turn(self, address: Address, in_browser: bool) -> AsyncIterator[None]:
        """Wait until this one may be looked at, and keep the place while the block runs."""
        async with AsyncExitStack() as places:
            for lines in (address.lines, self._lines):
                await places.enter_async_context(lines[in_browser].place())
            yield

    def _address(self, client: str) -> Address:
        known = self._known.setdefault(network(client), Address())
        self._known.move_to_end(network(client))
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return known


async def keep_waiting(address: Address) -> None:
    """After a wrong one: longer, the more were wrong at this address."""
    now = time.monotonic()
    address.wrong.append(now)
    recent = sum(now - then < WINDOW for then in address.wrong)
    await asyncio.sleep(SHORTEST + (LONGEST - SHORTEST) * recent / MANY)


def network(client: str) -> str:
    """What one person can have many addresses of counts as one: an IPv6 network of 64 bits."""
    try:
        address = ipaddress.ip_address(client.split("%", maxsplit=1)[0])
    except ValueError:
        return client
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
