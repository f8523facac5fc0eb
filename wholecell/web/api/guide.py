"""The API's document as people read it: one entry for each thing that can be called, with tables of its fields."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from wholecell.services.api_records import OrderEntry, QuantitiesEntry
from wholecell.web.api.document import OPERATIONS, Operation, as_openapi

EXAMPLES: dict[type, object] = {
    OrderEntry: {
        "external_id": "1001",
        "status": "paid",
        "lines": [{"external_id": "1", "sku": "IP12-128-A", "ordered": 1, "price_cents": 25900}],
        "ship_to": {"name": "Kim Lee", "street": "1 Main Street", "city": "Austin", "state": "TX", "country": "US"},
    },
    QuantitiesEntry: {"quantities": [{"listing_id": 7, "quantity": 3}]},
}


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a body or an answer."""

    name: str
    kind: str
    is_needed: bool
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Fields that stand together."""

    head: str
    fields: tuple[Field, ...]
    is_asked: bool  # sent to us, so that some are needed


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be called; `example` is its body as JSON."""

    name: str
    method: str
    path: str
    scope: str
    summary: str
    text: str
    tables: tuple[Table, ...]
    example: str


@lru_cache(maxsize=1)
def guide() -> tuple[Entry, ...]:
    """All entries, in the order of the document. What an answer holds is told once, with the first that gives it."""
    document = as_openapi()
    told: set[str] = set()
    return tuple(_entry(operation, document, told) for operation in OPERATIONS)


def _entry(operation: Operation, document: Mapping[str, Any], told: set[str]) -> Entry:
    schemas = document["components"]["schemas"]
    said = document["paths"][operation.path][operation.method]
    asked = [each for each in said["parameters"] if each["in"] == "query"]
    tables = [Table("In the address", tuple(_parameter(each) for each in asked), True)] if asked else []
    if operation.body is not None:
        tables += _tables(schemas, operation.body.__name__, "In the body", True, set())
    tables += _tables(schemas, operation.answer.__name__, "In the answer", False, told)
    return Entry(
        operation.name,
        operation.method.upper(),
        operation.path,
        operation.scope,
        operation.summary,
        _plain(operation.text),
        tuple(tables),
        json.dumps(EXAMPLES[operation.body], indent=2) if operation.body else "",
    )


def _tables(schemas: Mapping[str, Any], name: str, head: str, is_asked: bool, told: set[str]) -> Iterator[Table]:
    """The fields of a schema, and of those in it that were not told before."""
    if name in told or "properties" not in schemas[name]:
        return
    told.add(name)
    found = schemas[name]["properties"]
    rows = tuple(
        _field(schemas, each, schema, is_asked and each in schemas[name]["required"]) for each, schema in found.items()
    )
    yield Table(head, rows, is_asked)
    for each, schema in found.items():
        for ref in (schema.get("$ref"), schema.get("items", {}).get("$ref")):
            if ref:
                yield from _tables(schemas, _name(ref), f"In {each}", is_asked, told)


def _parameter(said: Mapping[str, Any]) -> Field:
    return _field({}, said["name"], {**said["schema"], "description": said.get("description", "")}, False)


def _field(schemas: Mapping[str, Any], name: str, schema: Mapping[str, Any], is_needed: bool) -> Field:
    choices = schema.get("anyOf", [schema])
    own = next(each for each in choices if each.get("type") != "null")
    kind = _kind(schemas, own) + (" or null" if len(choices) > 1 else "")
    return Field(name, kind, is_needed, _plain(schema.get("description") or own.get("description", "")))


def _kind(schemas: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """What it takes, in a few words."""
    if "$ref" in schema:
        schema = schemas[_name(schema["$ref"])]
    if "enum" in schema:
        return ", ".join(schema["enum"])
    if schema.get("format") == "date-time":
        return "time"
    if schema["type"] == "string":
        return f"text, up to {schema['maxLength']}" if "maxLength" in schema else "text"
    if schema["type"] == "array":
        return f"list, up to {schema['maxItems']}" if "maxItems" in schema else "list"
    return {"integer": "whole number", "boolean": "true or false", "object": "fields"}[schema["type"]]


def _name(ref: str) -> str:
    return ref.rpartition("/")[2]


def _plain(text: str) -> str:
    return text.replace("`", "").replace("*", "")
