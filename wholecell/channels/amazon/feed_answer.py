"""What the processing report of a feed says of each of its changes. Pure: no call is made here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wholecell.channels.amazon.mapping import message_id, rows, text
from wholecell.channels.contract import Outcome, PushResult, QuantityChange
from wholecell.channels.values import whole

FAILED = {
    "FATAL": "Amazon broke off the file. What of it was applied is not known.",
    "CANCELLED": "Amazon cancelled the file before it began with it.",
}
TRY_AGAIN = "Put the listing right in Seller Central, then press Try again."


def results(
    report: Mapping[str, Any], feed_id: str, changes: Sequence[QuantityChange], salt: int = 0
) -> list[PushResult]:
    """The answer to each change. Warnings refuse nothing; an error that names no message is about the whole file."""
    errors = [issue for issue in rows(report.get("issues")) if issue.get("severity") == "ERROR"]
    summary = report["summary"]
    of_message, of_file = _by_message(errors, salt)
    unnamed = (whole(summary.get("messagesInvalid")) or 0) - len(of_message)
    answers = []
    for change in changes:
        words = of_message.get(message_id(change.external_id, salt))
        if words is not None:
            answers.append(_rejected(change, words))
        elif of_file and not whole(summary.get("messagesAccepted")):
            answers.append(_rejected(change, of_file))
        elif of_file or unnamed > 0:
            said = of_file or "Amazon refused some of the file and did not say which."
            answers.append(_result(change, Outcome.UNKNOWN, said))
        else:
            answers.append(_result(change, Outcome.ACCEPTED, f"Amazon accepted it with feed {feed_id}."))
    return answers


def unknown(changes: Sequence[QuantityChange], words: str) -> list[PushResult]:
    """The answer to all changes of a feed of which nothing is known: they are sent again."""
    return [_result(change, Outcome.UNKNOWN, words) for change in changes]


def _by_message(errors: Sequence[Mapping[str, Any]], salt: int) -> tuple[dict[int, str], str]:
    """What errors say, by the number of their message, and what they say of the whole file."""
    found: dict[int, list[str]] = {}
    of_file = []
    for issue in errors:
        sku, number = issue.get("sku"), whole(issue.get("messageId"))
        # The number is made of the SKU, so either will do.
        key = message_id(sku, salt) if number is None and isinstance(sku, str) and sku else number
        words = text(issue.get("message")) or "Amazon did not say why it refuses it."
        if key is None:
            of_file.append(words)
        else:
            found.setdefault(key, []).append(words)
    return {key: " ".join(dict.fromkeys(words)) for key, words in found.items()}, " ".join(dict.fromkeys(of_file))


def _rejected(change: QuantityChange, words: str) -> PushResult:
    return PushResult(change.external_id, Outcome.REJECTED, answer=words, advice=TRY_AGAIN, quantity=change.quantity)


def _result(change: QuantityChange, outcome: Outcome, words: str) -> PushResult:
    return PushResult(change.external_id, outcome, answer=words, quantity=change.quantity)
