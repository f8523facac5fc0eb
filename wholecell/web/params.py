"""Filters and cursors in the URL, read and written the same on every list."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask import Response, request, stream_with_context, url_for
from werkzeug.datastructures import MultiDict

from wholecell.services.keyset import Cursor


def cursor() -> Cursor:
    """The page asked for."""
    return Cursor(request.args.get("before", type=int), request.args.get("after", type=int))


def href(endpoint: str, values: Mapping[str, Any], **changes: Any) -> str:
    """The address of a list under these filters; empty ones are left out."""
    return url_for(endpoint, **{key: value for key, value in {**values, **changes}.items() if value not in ("", None)})


def is_from_today() -> bool:
    """Whether the button pressed stands on the Today page, and leads back there."""
    return request.form.get("next") == url_for("today.index")


def integers(values: MultiDict[str, str], name: str) -> list[int]:
    """All whole numbers under this name."""
    return values.getlist(name, type=int)


def csv_response(rows: Iterable[list[str]], filename: str) -> Response:
    """Rows as a CSV file, sent while they are read. The byte order mark tells spreadsheets that it is UTF-8."""
    answer = Response(stream_with_context(_csv(rows)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return answer


def _csv(rows: Iterable[list[str]]) -> Iterator[str]:
    yield "\ufeff"
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow(row)
        if buffer.tell() > 32_768:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()
