"""Where a reading of orders is, remembered from run to run.

An import reads one window after the other, and begins anew with the first when it had to stop in the second. What
the first held was stored then, so it is not read again: at one search every three minutes the import would never get
past it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from wholecell.channels.amazon.mapping import stamp
from wholecell.channels.contract import OrderWindow, SharedState
from wholecell.channels.http import parse_json
from wholecell.channels.values import moment

NOTE = "orders read"
LONGEST_NOTE = 4000  # characters
TOKEN_LIVES = timedelta(hours=23)  # an hour less than Amazon says ("Orders API migration guide")
OLDEST = timedelta(days=2 * 365 - 1)  # orders can be searched for two years back
MOST_WINDOWS = 2  # of one import
MOST_REFUSALS = 3  # of a token, before the reading begins anew


@dataclass(frozen=True, slots=True)
class Reading:
    """One window being read: from which time, as of when, up to which page. `is_over` when it was read to its end."""

    window: OrderWindow
    bound: str
    since: str
    began_at: datetime
    page: int = 1
    token: str = ""
    is_over: bool = False


class Bookmark:
    """The windows of an import that is not over: those read to their end, and the one being read."""

    def __init__(self, state: SharedState) -> None:
        self._state = state
        found = parse_json(state.recall(NOTE))
        self._note: dict[str, Any] = found if isinstance(found, dict) else {}

    def open(self, window: OrderWindow, now: datetime) -> Reading:
        """Begin to read a window, or go on where an earlier run had to stop."""
        key, present = _key(window), self._note.get("present") or {}
        fresh = _begin(window, now)
        if present.get("key") == key:
            return self._resumed(fresh, now) if present.get("token") else self._begun(fresh, key)
        done = moment((self._note.get("done") or {}).get(key))
        if done is not None and present and now - done < TOKEN_LIVES:
            return replace(fresh, began_at=done, is_over=True)
        if done is not None:
            self._note = {}  # that import is over
        return self._begun(fresh, key)

    def turn(self, reading: Reading, token: str) -> Reading:
        """Go on to the next page."""
        turned = replace(reading, page=reading.page + 1, token=token)
        self._note["present"] = {
            "key": _key(reading.window),
            "since": reading.since,
            "began": reading.began_at.isoformat(),
            "page": turned.page,
            "token": token,
        }
        self._save()
        return turned

    def close(self, reading: Reading) -> None:
        """The window was read to its end."""
        done = {**(self._note.get("done") or {}), _key(reading.window): reading.began_at.isoformat()}
        self._note = {"done": dict(list(done.items())[-MOST_WINDOWS:])}
        self._save()

    def refused(self, reading: Reading) -> None:
        """Amazon refused a token: after a few times it is given up, and the window read from its start."""
        present = {**(self._note.get("present") or {})}
        present["refusals"] = present.get("refusals", 0) + 1
        if present["refusals"] >= MOST_REFUSALS:
            present = {"key": _key(reading.window)}
        self._note["present"] = present
        self._save()

    def _begun(self, reading: Reading, key: str) -> Reading:
        self._note["present"] = {"key": key}
        self._save()
        return reading

    def _resumed(self, fresh: Reading, now: datetime) -> Reading:
        present = self._note["present"]
        began, page = moment(present.get("began")), present.get("page")
        if began is None or not isinstance(page, int) or now - began > TOKEN_LIVES:
            return self._begun(fresh, _key(fresh.window))
        return replace(fresh, began_at=began, page=page, since=str(present.get("since")), token=str(present["token"]))

    def _save(self) -> None:
        text = json.dumps(self._note)
        # A token too long to be kept only means that a reading which has to stop begins anew.
        self._state.remember(NOTE, text if len(text) <= LONGEST_NOTE else "")


def _begin(window: OrderWindow, now: datetime) -> Reading:
    since = window.changed_since or window.placed_since or now - OLDEST
    bound = "createdAfter" if window.changed_since is None else "lastUpdatedAfter"
    return Reading(window, bound, stamp(max(since, now - OLDEST)), now)


def _key(window: OrderWindow) -> str:
    times = [at.astimezone(UTC).isoformat() if at else "" for at in (window.placed_since, window.changed_since)]
    return " ".join([str(window.is_open_only), *times, str(window.with_channel_fulfilled)])
