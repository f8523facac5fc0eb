"""Reading what was sent, and answering in JSON: one shape for everything that goes wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

import msgspec
from flask import Response, request
from msgspec import UNSET, Struct, inspect, structs
from werkzeug.exceptions import HTTPException

from wholecell.services.api_records import Problem

T = TypeVar("T", bound=Struct)

PREFIX = "/api/"
YEARS = (1990, 2200)
WHOLE = re.compile("-?[0-9]{1,30}")
PLACE = re.compile(r"^(.*?)(?: - at `(?:key in )?\$\.?([^`]*)`)?$", re.DOTALL)
# status -> error, message: what the framework refuses by itself
WORDS: dict[int, tuple[str, str]] = {
    400: ("bad_request", "That request cannot be read."),
    404: ("not_found", "There is nothing here that this token may see."),
    405: ("method_not_allowed", "This address does not take that method."),
    413: ("too_large", "A request may have up to 1 MB."),
    421: ("misdirected", "WholeCell is not known under this address."),
    500: ("failed", "Something went wrong here. It is in the log; nothing was half saved."),
}


class ApiError(Exception):
    """A call that is not carried out, and what the caller is told."""

    def __init__(
        self, status: int, error: str, message: str, *, field: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.error, self.message, self.field = status, error, message, field
        self.headers = dict(headers or {})


def answer(record: Struct, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A record as JSON."""
    return Response(msgspec.json.encode(record), status, mimetype="application/json", headers=dict(headers or {}))


def problem(error: ApiError) -> Response:
    """What went wrong, as JSON."""
    said = Problem(error=error.error, message=error.message, field=error.field or UNSET)
    return answer(said, error.status, error.headers)


def plain_problem(status: int) -> Response:
    """What the framework refused, as JSON."""
    error, message = WORDS.get(status, ("refused", "That request was refused."))
    return problem(ApiError(status, error, message))


def is_api() -> bool:
    """Whether the answer goes to another system, which reads JSON."""
    return request.path.startswith(PREFIX)


def found(record: T | None) -> T:
    """The record, or the answer that there is none."""
    if record is None:
        raise ApiError(404, *WORDS[404])
    return record


def read_query(shape: type[T]) -> T:
    """The query of the address as this shape; unknown names and repeated ones are refused."""
    values: dict[str, str] = {}
    for name, given in request.args.lists():
        if len(given) > 1:
            raise ApiError(422, "invalid", "Give it once.", field=_shown(name))
        values[name] = given[0]
    try:
        return _in_utc(msgspec.convert(_typed(values, shape), shape))
    except msgspec.ValidationError as error:
        raise _invalid(error) from None


def _typed(values: Mapping[str, str], shape: type[Struct]) -> dict[str, object]:
    """Whole numbers and yes or no are text in an address. What is written otherwise stays text, and is refused."""
    found: dict[str, object] = dict(values)
    for name, value in values.items():
        kinds = _kinds(shape).get(name, frozenset())
        if inspect.IntType in kinds and WHOLE.fullmatch(value):
            found[name] = int(value)
        elif inspect.BoolType in kinds and value in ("true", "false"):
            found[name] = value == "true"
    return found


@cache
def _kinds(shape: type[Struct]) -> dict[str, frozenset[type]]:
    """What each field may be."""
    info = inspect.type_info(shape)
    assert isinstance(info, inspect.StructType)
    return {field.name: frozenset(_leaves(field.type)) for field in info.fields}


def _leaves(found: inspect.Type) -> Iterator[type]:
    if isinstance(found, inspect.UnionType):
        for each in found.types:
            yield from _leaves(each)
    elif isinstance(found, inspect.Metadata):  # what is said of it in the document
        yield from _leaves(found.type)
    else:
        yield type(found)


def read_body(shape: type[T]) -> T:
    """The body as this shape. It must be JSON, and say so."""
    if request.mimetype != "application/json":
        raise ApiError(415, "not_json", "Send JSON, with the header Content-Type: application/json.")
    try:
        body = request.get_data()
    except HTTPException as error:
        raise ApiError(error.code or 400, *WORDS.get(error.code or 400, WORDS[400])) from None
    try:
        return _in_utc(msgspec.json.decode(body, type=shape))
    except msgspec.ValidationError as error:
        raise _invalid(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ApiError(400, "bad_json", "The body is not JSON in UTF-8.") from None


def _invalid(error: msgspec.ValidationError) -> ApiError:
    said = PLACE.match(str(error))
    message, field = said.groups() if said else (str(error), "")
    unknown = re.search(r"unknown field `(.*)`", message, re.DOTALL)
    name = unknown[1] if unknown else ""
    return ApiError(422, "invalid", f"{_shown(message)}.", field=_shown(".".join(filter(None, (field, name)))))


def _shown(text: str) -> str:
    """What was sent stands in the answer: shortened, and without what JSON in UTF-8 cannot hold."""
    return text[:200].encode("utf-8", "replace").decode()


def _in_utc(record: T, within: str = "") -> T:
    """The record with its times in UTC, each one that a page can show."""
    changes: dict[str, Any] = {}
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if isinstance(value, datetime):
            if not YEARS[0] <= value.year <= YEARS[1]:
                wrong = f"Expected a time within the years {YEARS[0]} to {YEARS[1]}."
                raise ApiError(422, "invalid", wrong, field=within + name)
            changes[name] = value.astimezone(UTC)
    return structs.replace(record, **changes) if changes else record
