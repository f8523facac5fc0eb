"""The API's document as people read it: one entry for each thing that can be called."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from wholecell.web.api.document import OPERATIONS, as_openapi

# What the parts of an example are; everything else takes the values of the document.
EXAMPLE_ORDER = {
    "external_id": "1001",
    "status": "paid",
    "lines": [{"external_id": "1", "sku": "IP12-128-A", "ordered": 1, "price_cents": 25900}],
    "ship_to": {"name": "Kim Lee", "street": "1 Main Street", "city": "Austin", "state": "TX", "country": "US"},
}


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a body."""

    name: str
    kind: str
    is_needed: bool
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be called."""

    name: str
    method: str
    path: str
    scope: str
    summary: str
    text: str
    query: tuple[Field, ...]
    body: tuple[Field, ...]
    line: tuple[Field, ...]
    example: str  # the body of an example, as JSON


@lru_cache(maxsize=1)
def guide() -> tuple[Entry, ...]:
    """All entries, in the order of the document."""
    document = as_openapi()
    schemas = document["components"]["schemas"]
    return tuple(
        Entry(
            operation.name,
            operation.method.upper(),
            operation.path,
            operation.scope,
            operation.summary,
            operation.text.replace("`", "").replace("*", ""),
            tuple(
                _field(each["name"], {**each["schema"], "description": each.get("description", "")}, False)
                for each in document["paths"][operation.path][operation.method]["parameters"]
                if each["in"] == "query"
            ),
            _fields(schemas, operation.body.__name__) if operation.body else (),
            _fields(schemas, "LineEntry") if operation.body else (),
            json.dumps(EXAMPLE_ORDER, indent=2) if operation.body else "",
        )
        for operation in OPERATIONS
    )


def _fields(schemas: Mapping[str, Any], name: str) -> tuple[Field, ...]:
    needed = schemas[name]["required"]
    return tuple(_field(each, schema, each in needed) for each, schema in schemas[name]["properties"].items())


def _field(name: str, schema: Mapping[str, Any], is_needed: bool) -> Field:
    text = schema.get("description", "")
    own = next((each for each in schema.get("anyOf", ()) if each.get("type") != "null"), schema)
    text = text or own.get("description", "")
    return Field(name, _kind(own), is_needed, text.replace("`", "").replace("*", ""))


def _kind(schema: Mapping[str, Any]) -> str:
    """What it takes, in a few words."""
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2].lower()
    if schema.get("format") == "date-time":
        return "time"
    if schema["type"] == "string":
        return f"text, up to {schema['maxLength']}" if "maxLength" in schema else f"text like {schema['pattern']}"
    if schema["type"] == "array":
        return f"list, up to {schema['maxItems']}"
    return {"integer": "whole number", "boolean": "true or false"}[schema["type"]]
