"""Standing orders: what tabs that train live want now, and nothing of what they wanted before.

A tab places an order whenever what it shows is another: jobs by slot, one slot per model. What it
wanted before ends at once, unless somebody else wants it. The new jobs begin when the hand has
rested for a moment, one per slot of a browser at a time, so that dragging a dial begins nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from recsys_demo.errors import InputError
from recsys_demo.jobs.people import Anybody, People
from recsys_demo.jobs.store import Command, JobSpec
from recsys_demo.jobs.workers import Workers

REST_SECONDS = 0.2
TEND_SECONDS = 0.05
Slots = Mapping[str, Sequence[JobSpec]]


@dataclass(eq=False)
class _Order:
    """The order of one tab. `tried` are jobs it has begun: what failed is not begun again."""

    visitor: str
    slots: Slots
    due: float
    tried: set[str] = field(default_factory=set)
    is_settled: bool = False
    refusal: InputError | None = None


class Orders:
    """The standing orders of all tabs. `most` browsers may have one at a time."""

    def __init__(
        self,
        workers: Workers,
        most: int,
        people: People | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._workers = workers
        self._most = most
        self._people = people or Anybody()
        self._clock = clock
        self._orders: dict[str, _Order] = {}
        # The job that a browser's slot is at, and whether it began here.
        self._under_way: dict[tuple[str, str], tuple[str, bool]] = {}
        self._lock = threading.RLock()
        self._something = threading.Event()

    @property
    def are_allowed(self) -> bool:
        """Whether this server takes any."""
        return self._most > 0

    def place(self, tab: str, visitor: str, slots: Slots) -> bool:
        """Want these jobs from now on, in this order within each slot. False where too many other
        browsers have orders."""
        with self._lock:
            known = self._orders.get(tab)
            if known is not None and known.slots == slots:
                return True
            if known is None and not self._has_room(visitor):
                return False
            self._orders[tab] = _Order(visitor, slots, self._clock() + REST_SECONDS)
            self._end_stale()
            self._something.set()
            return True

    def withdraw(self, tab: str) -> None:
        """Want nothing any more."""
        with self._lock:
            if self._orders.pop(tab, None) is not None:
                self._end_stale()

    def is_awaited(self, tab: str) -> bool:
        """Whether something that this tab wants is still to come."""
        with self._lock:
            order = self._orders.get(tab)
            return order is not None and not order.is_settled

    def refusal(self, tab: str) -> InputError | None:
        """Why the last job that this tab wanted could not begin."""
        with self._lock:
            order = self._orders.get(tab)
            return None if order is None else order.refusal

    def tend(self) -> None:
        """Begin what is due. To be called often while there is an order."""
        with self._lock:
            for key, (job_id, _) in list(self._under_way.items()):
                status = self._workers.store.status(job_id)
                if status is None or status.has_ended:
                    del self._under_way[key]
            self._forget_who_left()
            for order in self._orders.values():
                if not order.is_settled and order.due <= self._clock():
                    waiting = [self._begin(order, slot) for slot in order.slots]
                    order.is_settled = not any(waiting)
            if all(order.is_settled for order in self._orders.values()):
                self._something.clear()

    def _begin(self, order: _Order, slot: str) -> bool:
        """Begin the slot's next job if it can; whether anything of the slot is to come."""
        key = (order.visitor, slot)
        if key in self._under_way:
            return True
        store = self._workers.store
        for spec in order.slots[slot]:
            status = store.status(spec.id)
            if status is not None and status.state == "done":
                continue
            is_active = status is not None and not status.has_ended
            if spec.id in order.tried and not is_active:
                continue
            order.tried.add(spec.id)
            try:
                self._workers.submit(spec, order.visitor)
            except InputError as error:
                order.refusal = error
                continue
            self._under_way[key] = (spec.id, not is_active)
            return True
        return False

    def _end_stale(self) -> None:
        """End what was begun here and no tab of its browser wants any more."""
        wanted = {
            (order.visitor, slot, spec.id)
            for order in self._orders.values()
            for slot, specs in order.slots.items()
            for spec in specs
        }
        for (visitor, slot), (job_id, is_ours) in list(self._under_way.items()):
            if (visitor, slot, job_id) in wanted:
                continue
            goes_on = is_ours and not self._workers.command(
                job_id, Command(command="cancel"), visitor
            )
            if goes_on or not is_ours:  # for others: this slot is free
                del self._under_way[visitor, slot]

    def _has_room(self, visitor: str) -> bool:
        """Whether this browser may have an order."""
        self._forget_who_left()
        others = {order.visitor for order in self._orders.values()} - {visitor}
        return len(others) < self._most

    def _forget_who_left(self) -> None:
        """Nothing more is begun for a browser that has left. What is under way goes on as long as
        any job does: a lost connection loses nothing."""
        for tab, order in list(self._orders.items()):
            if not self._people.is_here(order.visitor):
                del self._orders[tab]

    def wait(self) -> None:
        """Until there is something to tend."""
        self._something.wait()


def standing_orders(workers: Workers, most: int, people: People) -> Orders:
    """The orders of a server, tended in a thread of their own."""
    orders = Orders(workers, most, people)
    threading.Thread(target=_tend_for_ever, args=(orders,), daemon=True).start()
    return orders


def _tend_for_ever(orders: Orders) -> None:
    while True:
        orders.wait()
        orders.tend()
        time.sleep(TEND_SECONDS)
