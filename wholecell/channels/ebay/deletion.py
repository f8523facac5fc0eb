"""What eBay sends when a user's account was deleted, and the challenge by which it tries our address first.

Not in the documents we were given; as eBay's guide "Marketplace User Account Deletion/Closure Notifications" says.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from wholecell.channels.ebay.values import block

DELETED = "MARKETPLACE_ACCOUNT_DELETION"
LONGEST_NAME = 200
LONGEST_CHALLENGE = 500


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice; `names` are those under which eBay may have told of the user, in an order say."""

    topic: str
    notice_id: str
    names: tuple[str, ...]

    @property
    def is_deletion(self) -> bool:
        """Whether a user is to be forgotten."""
        return self.topic == DELETED


def challenge_answer(code: str, token: str, endpoint: str) -> str:
    """What proves that we know the token; `endpoint` is our address exactly as it was entered at eBay."""
    return hashlib.sha256(f"{code}{token}{endpoint}".encode()).hexdigest()


def read(body: bytes) -> Notice | None:
    """Read a notice whose signature is right; None when it is not understood."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    topic = block(told, "metadata").get("topic")
    notification = block(told, "notification")
    if not isinstance(topic, str) or not topic:
        return None
    given = notification.get("notificationId")
    # Without an id of its own the same notice still is known again.
    notice_id = given if isinstance(given, str) and 0 < len(given) <= 120 else hashlib.sha256(body).hexdigest()
    user = block(notification, "data")
    # Orders tell one of the first two: since 2025 the id stands in the place of many users' names.
    names = (user.get("username"), user.get("userId"), user.get("eiasToken"))
    return Notice(topic, notice_id, tuple(name for name in names if isinstance(name, str) and _is_name(name)))


def _is_name(text: str) -> bool:
    return 0 < len(text.strip()) <= LONGEST_NAME and "\x00" not in text and text.isprintable()
