"""The file in which classes lie: SQLite in the lab's folder, safe for two servers at once."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from recsys_demo.errors import InputError
from recsys_demo.lessons.classroom.schema import MIGRATIONS

FILE = "classes.sqlite3"
WAIT_SECONDS = 15.0  # for another server that is writing

Rows = sqlite3.Connection


class ClassStore:
    """Classes below one folder. The file is made with the first class; until then nothing is
    asked of the disk but whether it is there."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self._connection: Rows | None = None
        self._lock = threading.RLock()
        self._salt = b""

    @property
    def is_there(self) -> bool:
        """Whether there has been a class."""
        return self.path.exists()

    @contextmanager
    def reading(self) -> Iterator[Rows]:
        """What stands there. Raises InputError where the file cannot be used."""
        with self._lock, self._told():
            yield self._rows()

    @contextmanager
    def writing(self) -> Iterator[Rows]:
        """Everything that is written inside is there at the end, or nothing of it."""
        with self._lock, self._told():
            rows = self._rows()
            rows.execute("BEGIN IMMEDIATE")
            try:
                yield rows
            except BaseException:
                rows.execute("ROLLBACK")
                raise
            rows.execute("COMMIT")

    def digest(self, browser: str) -> bytes:
        """The name under which a browser is known here."""
        if not self._salt:
            with self.reading() as rows:
                self._salt = bytes(rows.execute("SELECT salt FROM salts").fetchone()[0])
        return hashlib.sha256(self._salt + browser.encode()).digest()

    def wipe(self) -> None:
        """What was deleted leaves the disk too."""
        with self._lock, self._told():
            self._rows().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Let the file go."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def _rows(self) -> Rows:
        if self._connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            rows = sqlite3.connect(
                self.path, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                _prepare(rows, self.path)
            except BaseException:
                rows.close()
                raise
            self._connection = rows
        return self._connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.DatabaseError, OSError) as error:
            raise InputError.of(
                what="the classes cannot be read or written",
                where=self.path.name,
                got=str(error),
                expected="a file of this lab on a disk with room",
                remedy="Ask whoever runs the lab; what was written before is kept.",
            ) from error


def _prepare(rows: Rows, path: Path) -> None:
    """Settings of the connection, and the tables as this lab knows them."""
    with suppress(OSError):
        path.chmod(0o600)
    rows.execute("PRAGMA journal_mode = WAL")
    rows.execute("PRAGMA synchronous = FULL")  # an answer that was taken survives a power cut
    rows.execute("PRAGMA foreign_keys = ON")
    rows.execute("PRAGMA secure_delete = ON")
    rows.execute("BEGIN IMMEDIATE")
    try:
        _migrate(rows, path)
    except BaseException:
        rows.execute("ROLLBACK")
        raise
    rows.execute("COMMIT")


def _migrate(rows: Rows, path: Path) -> None:
    known = int(rows.execute("PRAGMA user_version").fetchone()[0])
    if known > len(MIGRATIONS):
        raise InputError.of(
            what="the classes were kept by a newer lab",
            where=path.name,
            got=f"version {known}",
            expected=f"at most version {len(MIGRATIONS)}",
            remedy="Start that lab, or move the file away.",
        )
    for statements in MIGRATIONS[known:]:
        for statement in statements:
            rows.execute(statement)
    rows.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
