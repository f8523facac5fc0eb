"""Files of quantities, and what Walmart says became of them. Nothing here calls anything."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from urllib3.filepost import encode_multipart_formdata

from wholecell.channels.contract import Outcome, PushResult, QuantityChange
from wholecell.channels.http import Content
from wholecell.channels.walmart.values import UnreadableError, block, rows, text, whole

LONGEST_ID = 100
FIX_AND_TRY_AGAIN = "Put the item right in Seller Center, then press Try again."


class FeedState(Enum):
    """How far a file is. One that was received only, or that shows a state unknown here, is being worked on."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Feed:
    """One answer about a file: its state, why it failed, and some of its items."""

    state: FeedState
    why: str
    items: Sequence[Mapping[str, Any]]
    received: int | None
    is_any_through: bool


def file_of(changes: Sequence[QuantityChange]) -> Content:
    """The file as a form. The case of its keys counts: `Inventory` here, `inventory` in files of version 1.5."""
    lines = [{"sku": change.external_id, "quantity": quantity(change)} for change in changes]
    document = {"InventoryHeader": {"version": "1.4"}, "Inventory": lines}
    data, media_type = encode_multipart_formdata(
        {"file": ("inventory.json", json.dumps(document, separators=(",", ":")).encode(), "application/json")}
    )
    return Content(media_type, data)


def quantity(change: QuantityChange) -> dict[str, object]:
    """How a quantity is written."""
    return {"unit": "EACH", "amount": change.quantity}


def feed_id(answer: object) -> str:
    """The receipt of a file. Raises UnreadableError without one."""
    found = answer.get("feedId") if isinstance(answer, dict) else None
    if not isinstance(found, str) or not found.isprintable() or not 0 < len(found) <= LONGEST_ID:
        raise UnreadableError("it names no file")
    return found


def feed(answer: object) -> Feed:
    """Read what became of a file. Raises UnreadableError when the answer does not say."""
    if not isinstance(answer, dict) or not text(answer.get("feedStatus")):
        raise UnreadableError("it shows no state of the file")
    states = {"PROCESSED": FeedState.DONE, "ERROR": FeedState.FAILED}
    through = (whole(answer.get(name)) for name in ("itemsSucceeded", "itemsFailed"))
    return Feed(
        states.get(text(answer["feedStatus"]).upper(), FeedState.RUNNING),
        _why(answer),
        rows(answer, "itemDetails", "itemIngestionStatus"),
        whole(answer.get("itemsReceived")),
        any(through),
    )


def result(item: Mapping[str, Any], change: QuantityChange) -> PushResult | None:
    """What became of one line; None while Walmart still works on it, or says a word unknown here."""
    word, why = text(item.get("ingestionStatus"), 40).upper(), _why(item)
    outcomes = {
        "SUCCESS": Outcome.ACCEPTED,
        "DATA_ERROR": Outcome.REJECTED,
        "SYSTEM_ERROR": Outcome.UNKNOWN,
        "TIMEOUT_ERROR": Outcome.UNKNOWN,
    }
    outcome = outcomes.get(word)
    if outcome is None:
        return None
    is_refused = outcome is Outcome.REJECTED
    answer = "Walmart took the number from the file." if outcome is Outcome.ACCEPTED else why or f"Walmart said {word}."
    advice = FIX_AND_TRY_AGAIN if is_refused else ""
    return PushResult(change.external_id, outcome, answer=answer, advice=advice, quantity=change.quantity)


def _why(answer: Mapping[str, Any]) -> str:
    found = rows(block(answer, "ingestionErrors"), "ingestionError")
    told = (text(each.get("description")) or text(each.get("code"), 80) for each in found)
    return " ".join(list(dict.fromkeys(filter(None, told)))[:3])
