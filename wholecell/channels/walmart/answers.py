"""What Walmart says when it does not do what was asked: five shapes of errors, and how long to wait."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from wholecell.channels.http import LONGEST_RETRY_AFTER, Response, retry_after
from wholecell.channels.walmart.values import text

NOT_FOUND = "CONTENT_NOT_FOUND"
MOST_TOLD = 3  # of several errors in one answer
HARMLESS = frozenset({"INFO", "WARN"})


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer's errors say; no code and no words when it has none, or none that can be read."""

    code: str = ""
    words: str = ""
    is_theirs: bool = False  # a fault of Walmart's own: the same call may work later
    is_harmless: bool = False  # no more than a hint

    @property
    def is_error(self) -> bool:
        """Whether it is a refusal, whatever its status. That there is nothing is one, though it is told as a hint."""
        return self.is_told and (not self.is_harmless or self.is_not_found)

    @property
    def is_told(self) -> bool:
        """Whether the answer holds an error, or a hint, of Walmart's."""
        return bool(self.code or self.words)

    @property
    def is_not_found(self) -> bool:
        """Whether it says that there is no such thing, or nothing to list."""
        return NOT_FOUND in self.code


def said(response: Response) -> Said:
    """Read the errors of an answer: `errors` as list, with `error` inside, `error` of the gateway, or XML."""
    found = _errors(response.json)
    if not found and response.json is None and response.text.lstrip().startswith("<"):
        found = _of_xml(response.text)
    if not found:
        return Said()
    told = list(dict.fromkeys(filter(None, (_words(each) for each in found))))
    codes = ", ".join(dict.fromkeys(filter(None, (text(each.get("code"), 80) for each in found))))
    return Said(
        codes[:300],
        " ".join(told[:MOST_TOLD]),
        is_theirs=any(_is_theirs(each) for each in found),
        is_harmless=all(text(each.get("severity")).upper() in HARMLESS for each in found),
    )


def wait_of(status: int, headers: Mapping[str, str]) -> float | None:
    """The seconds to wait after a 429 or 5xx: by Retry-After, else after a 429 until tokens are put back.

    The header x-next-replenishment-time is not documented beyond its name: it was seen as seconds, as milliseconds
    (both since 1970 and from now), and as ISO text. It comes with every answer, so it means nothing after a 5xx.
    """
    if (asked := retry_after(headers.get("Retry-After", ""))) is not None or status != 429:
        return asked
    seconds = _until(headers.get("x-next-replenishment-time", "").strip())
    return None if seconds is None or seconds <= 0 else min(max(seconds, 1.0), LONGEST_RETRY_AFTER)


def _until(value: str) -> float | None:
    now = datetime.now(UTC).timestamp()
    if re.fullmatch(r"\d{1,15}(\.\d{1,9})?", value, re.ASCII):
        number = float(value)
        if number >= 1e11:
            return number / 1000 - now
        if number >= 1e9:
            return number - now
        return number if number <= LONGEST_RETRY_AFTER else number / 1000
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() - now


def _errors(answer: Any) -> list[dict[str, Any]]:
    """The errors of a JSON answer, however they are wrapped."""
    if not isinstance(answer, dict):
        return []
    listed = answer.get("list")
    inside = [answer] if not isinstance(listed, dict) else [answer, listed]
    for name in ("errors", "error"):
        for holder in inside:
            found = holder.get(name)
            if isinstance(found, dict) and "error" in found:
                found = found["error"]
            if isinstance(found, dict) and found:
                return [found]
            if isinstance(found, str) and found:  # as OAuth has it
                return [{"code": found, "description": holder.get("error_description") or holder.get("message")}]
            rows = [each for each in found if isinstance(each, dict) and each] if isinstance(found, list) else []
            if rows:
                return rows
    return []


def _of_xml(document: str) -> list[dict[str, Any]]:
    try:
        root = fromstring(document, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        return []  # a page of HTML
    return [
        {_name(field): field.text or "" for field in each}
        for each in root.iter()
        if _name(each) == "error" and any(_name(field) in {"code", "description"} for field in each)
    ]


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _words(error: Mapping[str, Any]) -> str:
    """What an error says to people, with the field where it names one."""
    told = next((said for name in ("description", "message", "info") if (said := text(error.get(name)))), "")
    told = told or text(error.get("code"), 80)
    field = text(error.get("field"), 60)
    return f"{told} ({field})" if told and field and field not in told else told


def _is_theirs(error: Mapping[str, Any]) -> bool:
    kinds = (text(error.get(name)).upper() for name in ("category", "type", "gatewayErrorCategory", "code"))
    return any(kind == "SYSTEM" or kind.startswith("SYSTEM_ERROR") for kind in kinds)
