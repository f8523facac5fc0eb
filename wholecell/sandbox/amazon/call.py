"""One admitted call: its parameters as the documents write them, read or refused."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote

from werkzeug.wrappers import Request

from ..api_call import ApiCall, RefusalError
from .account import MARKETPLACE_ID, AmazonAccount
from .answers import refuse, usual


@dataclass(frozen=True)
class Call(ApiCall[AmazonAccount]):
    """A request that passed `access.admit`; handlers run with the shop's lock held."""

    def text(self, name: str) -> str | None:
        """A parameter of the query that is there once; None when absent."""
        values = self.request.args.getlist(name)
        if len(values) > 1:
            raise refuse(f"{name} is given more than once; several values are joined by commas.")
        return values[0] if values else None

    def many(self, name: str, *, most: int | None = None, known: Collection[str] = ()) -> list[str] | None:
        """Values joined by commas; None when absent. A value that is not among the known ones is refused."""
        text = self.text(name)
        if text is None:
            return None
        values = text.split(",")
        if "" in values or (most is not None and len(values) > most):
            raise refuse(f"{name} needs {f'1 to {most}' if most else 'at least 1'} values.")
        if known and (unknown := [value for value in values if value not in known]):
            raise refuse(f"{name} has no value {unknown[0]}.")
        return values

    def word(self, name: str, known: Collection[str], usual: str) -> str:
        """One of the known values, or the usual one."""
        value = self.text(name)
        if value is not None and value not in known:
            raise refuse(f"{name} has no value {value}.")
        return usual if value is None else value

    def whole(self, name: str, usual: int, most: int) -> int:
        """A number from 1 to the most."""
        text = self.text(name)
        if text is None:
            return usual
        if not re.fullmatch("[0-9]{1,9}", text) or not 1 <= int(text) <= most:
            raise refuse(f"{name} must be between 1 and {most}.")
        return int(text)

    def moment(self, name: str) -> datetime | None:
        """An ISO 8601 date and time with a zone; None when absent."""
        text = self.text(name)
        return None if text is None else moment_of(text, name)

    def marketplaces(self, *, required: bool = True) -> list[str]:
        """The marketplaceIds, of which this seller has one."""
        values = self.many("marketplaceIds")
        if values is None and required:
            raise refuse("marketplaceIds is required.")
        return check_marketplaces(values or [])

    def body(self, *, unsupported: int = 415) -> dict[str, Any]:
        """The JSON object sent; anything else ends the call."""
        if self.request.mimetype != "application/json":
            raise RefusalError(usual(unsupported, "Content-Type must be application/json."))
        try:
            body = json.loads(self.request.get_data())
        except (ValueError, RecursionError):
            raise refuse("The body is not valid JSON.") from None
        if not isinstance(body, dict):
            raise refuse("The body must be a JSON object.")
        return body


def check_marketplaces(values: object) -> list[str]:
    """A list of marketplaces, each the one of this seller."""
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise refuse("marketplaceIds must be a list of texts.")
    if unknown := [value for value in values if value != MARKETPLACE_ID]:
        raise refuse(f"Marketplace {unknown[0]} is not one of this seller's.")
    return values


def moment_of(text: object, name: str) -> datetime:
    """An ISO 8601 date and time with a zone."""
    try:
        value = datetime.fromisoformat(text if isinstance(text, str) and "T" in text else "")
        if value.tzinfo is None:
            raise refuse(f"{name} has no time zone.")
        return value.astimezone(UTC)
    except (ValueError, OverflowError):
        raise refuse(f"{name} is not an ISO 8601 date and time.") from None


def token_of(fields: dict[str, Any]) -> str:
    """A token for another page, that says nothing to people."""
    return base64.urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip("=")


def fields_of(token: str, name: str) -> dict[str, Any]:
    """What `token_of` hid; anything else ends the call."""
    try:
        fields = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise refuse(f"{name} is not a token of ours.")
    return fields


def segments(request: Request) -> list[str]:
    """The parts of the path below the mount, each decoded: a slash within a SKU comes as %2F and is none."""
    path = quote(request.root_path + request.path)
    raw = str(request.environ.get("RAW_URI") or path).partition("?")[0]
    return [unquote(part) for part in raw.removeprefix(request.root_path).removeprefix("/").split("/")]
