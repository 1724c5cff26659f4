"""Whatever happens in whatever order, and however often the server is killed: no answer is lost,
none counted twice, none changed after the question was closed."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from recsys_demo.errors import InputError
from recsys_demo.lessons.classroom.classes import open_class, teacher_at
from recsys_demo.lessons.classroom.polls import Move, count_hands, move_poll, vote
from recsys_demo.lessons.classroom.results import results
from recsys_demo.lessons.classroom.seats import seat_at
from recsys_demo.lessons.classroom.store import ClassStore
from recsys_demo.lessons.classroom.students import Student, join, leave
from recsys_demo.lessons.files import built_in
from recsys_demo.lessons.format import Question
from recsys_demo.lessons.progress import Prediction

STEPS = ("penguin", "gap")
OPTIONS = {"penguin": ("wide", "deep", "unknown"), "gap": ("rare", "medium", "unknown")}
BROWSERS = [f"browser {number}" for number in range(4)]
NEXT: dict[Move, dict[str, str]] = {
    "open": {"": "open 1"},
    "close": {"open 1": "closed 1", "open 2": "closed 2"},
    "reveal": {"closed 1": "revealed 1", "closed 2": "revealed 2"},
    "mark": {f"{phase} {n}": "marked" for phase in ("closed", "revealed") for n in (1, 2)},
    "revote": {"closed 1": "open 2", "revealed 1": "open 2"},
}


class AClass(RuleBasedStateMachine):
    """Beside the store stands a plain replay: a dictionary of what was said while it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.stores = [ClassStore(Path(self.folder.name)) for _ in range(2)]
        self.seats: dict[str, Student] = {}
        self.here: set[str] = set()
        self.phases = dict.fromkeys(STEPS, "")
        self.said: dict[tuple[str, int, str], str] = {}
        self.hands: dict[tuple[str, int], Counter[str]] = {}

    @initialize()
    def begin(self) -> None:
        self.opened = open_class(self.stores[0], "teacher", 3_600)

    @rule(browser=st.sampled_from(BROWSERS), at=st.integers(0, 1))
    def arrive(self, browser: str, at: int) -> None:
        """The first time, a reload, a second tab, after leaving: the seat is the same."""
        student = join(self.stores[at], self.opened.code, browser)
        assert student is not None
        assert self.seats.setdefault(browser, student) == student
        self.here.add(browser)

    @rule(browser=st.sampled_from(BROWSERS), at=st.integers(0, 1))
    def go(self, browser: str, at: int) -> None:
        if browser in self.seats:
            leave(self.stores[at], self.seats[browser])
            self.here.discard(browser)

    @rule(
        browser=st.sampled_from(BROWSERS),
        step=st.sampled_from(STEPS),
        choice=st.integers(0, 2),
        at=st.integers(0, 1),
    )
    def answer(self, browser: str, step: str, choice: int, at: int) -> None:
        if browser not in self.seats:
            return
        option, phase = OPTIONS[step][choice], self.phases[step]
        try:
            cast(self.stores[at], self.seats[browser], step, option)
        except InputError:
            assert not phase.startswith("open") or browser not in self.here
        else:
            assert phase.startswith("open")
            self.said[step, int(phase[-1]), browser] = option

    @rule(step=st.sampled_from(STEPS), move=st.sampled_from(list(NEXT)), at=st.integers(0, 1))
    def lead(self, step: str, move: Move, at: int) -> None:
        before = self.phases[step]
        try:
            move_poll(self.stores[at], self.opened.teacher, ("a", step), move)
        except InputError:
            assert before not in NEXT[move]
        else:
            self.phases[step] = NEXT[move].get(before, before)

    @rule(
        step=st.sampled_from(STEPS),
        raised=st.tuples(*[st.integers(0, 3)] * 3),
        at=st.integers(0, 1),
    )
    def count(self, step: str, raised: tuple[int, ...], at: int) -> None:
        """Hands are counted in place of those counted before in this round."""
        counts, phase = dict(zip(OPTIONS[step], raised, strict=True)), self.phases[step]
        place = ("a", step)
        try:
            count_hands(self.stores[at], self.opened.teacher, place, question_of(step), counts)
        except InputError:
            assert not phase.startswith(("open", "closed"))
        else:
            assert phase.startswith(("open", "closed"))
            self.hands[step, int(phase[-1])] = +Counter(counts)

    @rule(at=st.integers(0, 1))
    def kill(self, at: int) -> None:
        """What the process had in memory is gone; another one opens the file."""
        self.stores[at] = ClassStore(Path(self.folder.name))

    @invariant()
    def counts_are_those_of_the_replay(self) -> None:
        for step in STEPS:
            found = results(self.stores[0], self.opened.teacher, ("a", step))
            for number, one in ((1, found.first), (2, found.second)):
                said = {
                    self.seats[who].id: option
                    for (where, round_, who), option in self.said.items()
                    if (where, round_) == (step, number)
                }
                assert {who: vote.option for who, vote in one.votes.items()} == said
                hands = self.hands.get((step, number), Counter())
                assert one.counts() == Counter(said.values()) + hands
                assert one.answered == len(said) + hands.total()

    @invariant()
    def everybody_sees_the_own_answers_only(self) -> None:
        for browser in self.here:
            seat = seat_at(self.stores[1], browser)
            assert seat is not None
            own = {
                (place[1], number): vote.option
                for place, votes in seat.votes.items()
                for number, vote in votes.items()
            }
            said = {key[:2]: option for key, option in self.said.items() if key[2] == browser}
            assert own == said

    def teardown(self) -> None:
        for store in self.stores:
            store.close()
        self.folder.cleanup()


def cast(store: ClassStore, student: Student, step: str, option: str) -> None:
    vote(store, student, question_of(step), Prediction(lesson="a", step=step, option=option))


def question_of(step: str) -> Question:
    question = built_in("a").lesson.step(step).question
    assert question is not None
    return question


TestAClass = AClass.TestCase
TestAClass.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)


VOTES = """
import sys
from pathlib import Path
from recsys_demo.lessons.classroom.store import ClassStore
from recsys_demo.lessons.classroom.students import join
from recsys_demo.lessons.classroom.polls import vote
from recsys_demo.lessons.files import built_in
from recsys_demo.lessons.progress import Prediction
said = Prediction(lesson="a", step="penguin", option="deep")
question = built_in("a").lesson.step("penguin").question
store = ClassStore(Path(sys.argv[1]))
for number in range(10_000):
    student = join(store, sys.argv[2], f"browser {number}")
    vote(store, student, question, said)
    print(number, flush=True)
"""


def test_what_was_taken_survives_a_server_that_is_killed(tmp_path: Path) -> None:
    """Every answer that the killed process has confirmed is there, and at most one that it had no
    time to confirm."""
    store = ClassStore(tmp_path)
    opened = open_class(store, "teacher", 3_600)
    move_poll(store, opened.teacher, ("a", "penguin"), "open")
    server = subprocess.Popen(
        [sys.executable, "-c", VOTES, str(tmp_path), opened.code], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    confirmed = 0
    while confirmed < 20:
        confirmed = int(server.stdout.readline()) + 1
    server.kill()
    confirmed += len(server.stdout.read().splitlines())
    server.wait()
    found = results(store, opened.teacher, ("a", "penguin")).first.answered
    assert found in (confirmed, confirmed + 1)
    assert teacher_at(ClassStore(tmp_path), "teacher") == opened.teacher
