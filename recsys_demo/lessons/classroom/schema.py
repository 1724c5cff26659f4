"""The tables of classes, one list of statements for each version: a file of an earlier lab is
brought up to date where it lies."""

from __future__ import annotations

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        # `turn` grows with whatever the teacher does, so that students' pages look again.
        """CREATE TABLE classes (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            code TEXT NOT NULL UNIQUE,
            secret BLOB NOT NULL UNIQUE,
            opened REAL NOT NULL,
            ends REAL NOT NULL,
            turn INTEGER NOT NULL DEFAULT 0,
            ahead INTEGER NOT NULL DEFAULT 0 CHECK (ahead IN (0, 1)),
            held TEXT NOT NULL DEFAULT '',
            holds INTEGER NOT NULL DEFAULT 0,
            paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
            challenge TEXT NOT NULL DEFAULT '')""",
        """CREATE TABLE teachers (
            class INTEGER NOT NULL REFERENCES classes ON DELETE CASCADE,
            browser BLOB NOT NULL PRIMARY KEY)""",
        """CREATE TABLE students (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            class INTEGER NOT NULL REFERENCES classes ON DELETE CASCADE,
            browser BLOB NOT NULL,
            alias TEXT NOT NULL,
            here INTEGER NOT NULL DEFAULT 1 CHECK (here IN (0, 1)),
            UNIQUE (class, browser),
            UNIQUE (class, alias))""",
        # A browser sits in one class at a time.
        "CREATE UNIQUE INDEX seats ON students (browser) WHERE here = 1",
        """CREATE TABLE polls (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            class INTEGER NOT NULL REFERENCES classes ON DELETE CASCADE,
            lesson TEXT NOT NULL,
            step TEXT NOT NULL,
            phase TEXT NOT NULL
                CHECK (phase IN ('ahead', 'open', 'closed', 'revealed', 'marked')),
            round INTEGER NOT NULL CHECK (round IN (1, 2)),
            solution TEXT NOT NULL DEFAULT '',
            UNIQUE (class, lesson, step))""",
        """CREATE TABLE votes (
            poll INTEGER NOT NULL REFERENCES polls ON DELETE CASCADE,
            round INTEGER NOT NULL CHECK (round IN (1, 2)),
            student INTEGER NOT NULL REFERENCES students ON DELETE CASCADE,
            answer TEXT NOT NULL,
            PRIMARY KEY (poll, round, student)) WITHOUT ROWID""",
        """CREATE TABLE hands (
            poll INTEGER NOT NULL REFERENCES polls ON DELETE CASCADE,
            round INTEGER NOT NULL CHECK (round IN (1, 2)),
            option TEXT NOT NULL,
            count INTEGER NOT NULL CHECK (count BETWEEN 1 AND 1000),
            PRIMARY KEY (poll, round, option)) WITHOUT ROWID""",
        """CREATE TABLE states (
            student INTEGER PRIMARY KEY REFERENCES students ON DELETE CASCADE,
            room TEXT NOT NULL,
            link TEXT NOT NULL)""",
        """CREATE TABLE entries (
            student INTEGER NOT NULL REFERENCES students ON DELETE CASCADE,
            challenge TEXT NOT NULL,
            model TEXT NOT NULL,
            x REAL NOT NULL,
            y REAL NOT NULL,
            quality REAL NOT NULL,
            weights INTEGER NOT NULL,
            crosses INTEGER NOT NULL,
            PRIMARY KEY (student, challenge)) WITHOUT ROWID""",
        """CREATE TABLE quiz_answers (
            student INTEGER NOT NULL REFERENCES students ON DELETE CASCADE,
            form TEXT NOT NULL CHECK (form IN ('first', 'second')),
            question TEXT NOT NULL,
            chosen TEXT NOT NULL,
            PRIMARY KEY (student, form, question)) WITHOUT ROWID""",
        # Browsers are known by a digest that means nothing outside of this file.
        "CREATE TABLE salts (salt BLOB NOT NULL)",
        "INSERT INTO salts VALUES (randomblob(32))",
        "CREATE INDEX ending ON classes (ends)",
    ),
    # What estimates are measured against, once a question is marked.
    ("ALTER TABLE polls ADD COLUMN targets TEXT NOT NULL DEFAULT ''",),
)
