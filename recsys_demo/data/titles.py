"""Lines above a table: the title of a report, or comments."""

from __future__ import annotations

from recsys_demo.data.headers import delimiter_of, parsed_head
from recsys_demo.errors import excerpt

MOST_LINES = 12
SHOWN_LINES = 3
LEAST_ROWS = 2  # under the first line of a table
MOST_ALIKE = 0.9  # of the rows are as wide as the first


def title_lines(text: str) -> list[str]:
    """The lines above the first one of the table, with their ends; none where it begins at once or
    cannot be told."""
    lines = text.splitlines(keepends=True)
    if not lines or "\n" not in text or not _may_be_title(lines[0]):
        return []
    for count in range(1, min(MOST_LINES, len(lines) - LEAST_ROWS) + 1):
        if lines[count].strip() and _is_table("".join(lines[count:])):
            return lines[:count]
        if not _may_be_title(lines[count]):
            return []
    return []


def above_note(name: str, lines: list[str]) -> str | None:
    """What is left out, as a sentence."""
    told = [excerpt(line.strip()) for line in lines if line.strip()]
    if not told:
        return None
    return f"Lines above the table in {name} were left out: {', '.join(told[:SHOWN_LINES])}."


def _may_be_title(line: str) -> bool:
    """A comment, or a line of one cell at most, whatever separates the others."""
    if line.startswith(("#", "//", "%")):
        return True
    cells = line.strip().split(delimiter_of(line))
    return sum(bool(cell.strip(' "\t')) for cell in cells) <= 1


def _is_table(text: str) -> bool:
    rows = [row for row in parsed_head(text, delimiter_of(text)) if row]
    if len(rows) <= LEAST_ROWS:
        return False
    first, widths = rows[0], [len(row) for row in rows]
    filled = sum(bool(cell.strip()) for cell in first)
    alike = widths.count(len(first)) >= MOST_ALIKE * len(widths)
    return alike and filled >= 2 and not _may_be_title(",".join(first))
