"""Tables for spreadsheets: CSV that no spreadsheet takes for formulas. Called by every export.

Source: OWASP, "CSV Injection"; RFC 4180.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """Hands back what it is given to write."""

    def write(self, line: str) -> str:
        """The line."""
        return line


def lines(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """CSV, line by line. A text that a spreadsheet would calculate gets a `'` before it."""
    writer = csv.writer(_Echo())
    yield writer.writerow(heading)
    for row in rows:
        yield writer.writerow([cell(value) for value in row])


def answer(
    filename: str, heading: Sequence[str], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """The table as a file to keep."""
    response = StreamingHttpResponse(lines(heading, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["Cache-Control"] = "no-store"
    return response


def cell(value: object) -> object:
    """A value that no spreadsheet takes for a formula; numbers stay numbers."""
    is_formula = isinstance(value, str) and value.startswith(_FORMULA)
    return f"'{value}" if is_formula else value
