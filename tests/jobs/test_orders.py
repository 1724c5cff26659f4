"""Standing orders: in the end exactly what was wanted last is trained, whatever came before."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys_demo.jobs.orders import REST_SECONDS, Orders
from recsys_demo.jobs.people import Anybody
from recsys_demo.jobs.settings import Quota
from recsys_demo.jobs.store import JobSpec, JobStore
from recsys_demo.jobs.workers import Workers
from tests.making.hand import DONE, Hand, spec

CANCELLED = {"state": "cancelled", "message": "Cancelled."}


class World:
    """A lab with one worker that ends its jobs when told, and a clock that stands still."""

    def __init__(self, folder: Path, most: int = 9) -> None:
        self.now = 0.0
        self.hand = Hand()
        self.workers = Workers(JobStore(folder), [self.hand], Quota(queue=50), clock=self.clock)
        self.orders = Orders(self.workers, most, clock=self.clock)

    def clock(self) -> float:
        return self.now

    def rest(self, seconds: float = REST_SECONDS) -> None:
        self.now += seconds
        self.orders.tend()

    def state(self, job: JobSpec) -> str | None:
        status = self.workers.store.status(job.id)
        return None if status is None else status.state

    @property
    def under_way(self) -> list[str]:
        """Jobs that wait or run."""
        there = ((job, self.workers.store.status(job)) for job in self.workers.store.ids())
        return [job for job, status in there if status is not None and not status.has_ended]

    def end_running(self) -> None:
        """The worker ends what it is at as it would: cancelled if it was told so."""
        job_id, future = self.hand.calls[-1]
        if not future.done():
            told = self.workers.store.wanted(job_id).command == "cancel"
            self.hand.end(CANCELLED if told else DONE)

    def work(self) -> None:
        """Until nothing is to come."""
        for _ in range(100):
            self.rest()
            if not self.under_way:
                self.rest()
                return
            self.end_running()
        raise AssertionError("it never ends")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


A, B = spec("a"), spec("b")


def test_nothing_begins_before_the_hand_rests(world: World) -> None:
    for number in range(20):
        world.orders.place("tab", "me", {"wide": [spec(str(number))]})
        world.rest(REST_SECONDS / 2)
    assert world.hand.order == []
    assert world.orders.is_awaited("tab")
    world.rest()
    assert world.hand.order == [spec("19").id]


def test_what_is_stale_is_told_to_end_at_once_and_waited_for(world: World) -> None:
    world.orders.place("tab", "me", {"wide": [A]})
    world.rest()
    world.orders.place("tab", "me", {"wide": [B]})
    assert world.workers.store.wanted(A.id).command == "cancel"
    world.rest()
    assert world.state(B) is None  # one job of a slot at a time
    world.end_running()
    world.rest()
    assert (world.state(A), world.state(B)) == ("cancelled", "running")


def test_who_turns_back_gets_what_was_cancelled(world: World) -> None:
    for wanted in (A, B, A):
        world.orders.place("tab", "me", {"wide": [wanted]})
        world.rest()
    world.work()
    assert world.state(A) == "done"
    assert not world.orders.is_awaited("tab")


def test_a_job_that_others_want_goes_on(world: World) -> None:
    world.workers.submit(A, "other")
    world.orders.place("tab", "me", {"wide": [A]})
    world.rest()
    world.orders.place("tab", "me", {"wide": [B]})
    assert world.workers.store.wanted(A.id).command == "run"
    world.work()
    assert (world.state(A), world.state(B)) == ("done", "done")


def test_what_failed_is_not_begun_again_until_something_changes(world: World) -> None:
    world.orders.place("tab", "me", {"wide": [A]})
    world.rest()
    world.hand.end({"state": "failed", "message": "diverged"})
    for _ in range(3):
        world.rest()
    assert world.hand.order == [A.id]
    assert not world.orders.is_awaited("tab")


def test_as_many_browsers_as_the_server_allows(tmp_path: Path) -> None:
    world = World(tmp_path, most=1)
    assert world.orders.place("tab", "me", {"wide": [A]})
    assert world.orders.place("second tab", "me", {"wide": [A]})
    assert not world.orders.place("theirs", "other", {"wide": [B]})
    world.orders.withdraw("tab")
    world.orders.withdraw("second tab")
    assert world.orders.place("theirs", "other", {"wide": [B]})
    assert not World(tmp_path, most=0).orders.place("tab", "me", {"wide": [A]})


def test_a_withdrawn_order_leaves_nothing_under_way(world: World) -> None:
    world.orders.place("tab", "me", {"wide": [A], "deep": [B]})
    world.rest()
    world.orders.withdraw("tab")
    world.work()
    assert {world.state(A), world.state(B)} == {"cancelled"}


class Away(Anybody):
    """Nobody is here while they are away."""

    away = False

    def is_here(self, visitor: str) -> bool:
        return not self.away


def test_who_loses_the_connection_loses_no_job_and_takes_no_place(tmp_path: Path) -> None:
    world, people = World(tmp_path), Away()
    world.orders = Orders(world.workers, 1, people, world.clock)
    world.orders.place("tab", "me", {"wide": [A, B]})
    world.rest()
    people.away = True
    world.rest()
    assert (world.state(A), world.state(B)) == ("running", None)
    assert world.workers.store.wanted(A.id).command == "run"
    assert world.orders.place("theirs", "other", {"wide": [B]})
    people.away = False
    assert not world.orders.place("tab", "me", {"wide": [A, B]})


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("want"), st.sampled_from("xy"), st.integers(0, 3)),
        st.tuples(st.just("rest"), st.just(""), st.integers(1, 5)),
        st.tuples(st.just("end"), st.just(""), st.just(0)),
        st.tuples(st.just("withdraw"), st.sampled_from("xy"), st.just(0)),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(moves=MOVES)
def test_in_the_end_exactly_the_last_wishes_are_trained(moves: list[tuple[str, str, int]]) -> None:
    with TemporaryDirectory() as folder:
        world, last = World(Path(folder)), dict[str, dict[str, list[JobSpec]]]()
        for move, tab, number in moves:
            if move == "want":
                last[tab] = {m: [spec(f"{m}{number}{s}") for s in (0, 1)] for m in ("wide", "deep")}
                world.orders.place(tab, "me", last[tab])
            elif move == "rest":
                world.rest(REST_SECONDS * number / 3)
            elif move == "withdraw":
                last.pop(tab, None)
                world.orders.withdraw(tab)
            elif world.hand.calls:
                world.end_running()
            running = [world.workers.store.spec(job) for job in world.under_way]
            slots = Counter(str(job.payload["name"])[:4] for job in running if job is not None)
            assert max(slots.values(), default=0) <= 1
        world.work()
        wanted = {job.id for slots in last.values() for jobs in slots.values() for job in jobs}
        states = {job: world.workers.store.status(job) for job in wanted}
        assert all(status is not None and status.state == "done" for status in states.values())
        assert not any(map(world.orders.is_awaited, last))
        # What was begun and is wanted by nobody ran to its end before or was cancelled, never both.
        assert world.under_way == []
