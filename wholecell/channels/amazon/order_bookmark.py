"""Where a reading of orders is, remembered from run to run.

An import reads one window after the other, and begins anew with the first when it had to stop in the second. What
the first held was stored then, so it is not read again: at one search every three minutes the import would never get
past it. Only what changed since is: a long second window must not keep new orders, and what they take, unknown.
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
NEWS_EVERY = timedelta(minutes=15)  # five searches come free in that time
NEWS_OVERLAP = timedelta(minutes=10)
PRESENT, NEWS = "present", "news"  # where a reading is noted
MOST_REFUSALS = 3  # of a token, before the reading begins anew


@dataclass(frozen=True, slots=True)
class Reading:
    """One window being read: from which time, as of when, up to which page. `is_over` when it was read to its end."""

    window: OrderWindow
    key: str
    bound: str
    since: str
    began_at: datetime
    slot: str = PRESENT
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
        fresh, present = _begin(window, now), self._note.get(PRESENT) or {}
        if present.get("key") == fresh.key:
            return self._resumed(fresh, now)
        done = moment((self._note.get("done") or {}).get(fresh.key))
        if done is not None and present and now - done < TOKEN_LIVES:
            return self._news(fresh, done, now)
        if done is not None:
            self._note = {}  # that import is over
        return self._begun(fresh)

    def turn(self, reading: Reading, token: str) -> Reading:
        """Go on to the next page."""
        turned = replace(reading, page=reading.page + 1, token=token)
        self._note[reading.slot] = {
            "key": reading.key,
            "since": reading.since,
            "began": reading.began_at.isoformat(),
            "page": turned.page,
            "token": token,
        }
        self._save()
        return turned

    def close(self, reading: Reading) -> None:
        """The window was read to its end."""
        done = {**(self._note.get("done") or {}), reading.key: reading.began_at.isoformat()}
        other = {PRESENT: self._note.get(PRESENT)} if reading.slot == NEWS else {}
        self._note = {**other, "done": dict(list(done.items())[-MOST_WINDOWS:])}
        self._save()

    def refused(self, reading: Reading) -> None:
        """Amazon refused a token: after a few times it is given up, and the window read from its start."""
        present = {**(self._note.get(reading.slot) or {})}
        present["refusals"] = present.get("refusals", 0) + 1
        if present["refusals"] >= MOST_REFUSALS:
            present = {"key": reading.key}
        self._note[reading.slot] = present
        self._save()

    def _news(self, fresh: Reading, done: datetime, now: datetime) -> Reading:
        """What changed since a window was read to its end, while another one is being read."""
        window = replace(fresh.window, is_open_only=False)  # whatever became of them
        since = stamp(done - NEWS_OVERLAP)
        news = replace(fresh, window=window, bound="lastUpdatedAfter", since=since, slot=NEWS)
        if (self._note.get(NEWS) or {}).get("token"):
            return self._resumed(news, now)
        return news if now - done >= NEWS_EVERY else replace(fresh, began_at=done, is_over=True)

    def _begun(self, reading: Reading) -> Reading:
        self._note[reading.slot] = {"key": reading.key}
        self._save()
        return reading

    def _resumed(self, fresh: Reading, now: datetime) -> Reading:
        noted = self._note[fresh.slot]
        began, page = moment(noted.get("began")), noted.get("page")
        is_lost = noted.get("key") != fresh.key or not noted.get("token")
        if is_lost or began is None or not isinstance(page, int) or now - began > TOKEN_LIVES:
            return self._begun(fresh)
        return replace(fresh, began_at=began, page=page, since=str(noted.get("since")), token=str(noted["token"]))

    def _save(self) -> None:
        text = json.dumps(self._note)
        # A token too long to be kept only means that a reading which has to stop begins anew.
        self._state.remember(NOTE, text if len(text) <= LONGEST_NOTE else "")


def _begin(window: OrderWindow, now: datetime) -> Reading:
    since = window.changed_since or window.placed_since or now - OLDEST
    bound = "createdAfter" if window.changed_since is None else "lastUpdatedAfter"
    return Reading(window, _key(window), bound, stamp(max(since, now - OLDEST)), now)


def _key(window: OrderWindow) -> str:
    times = [at.astimezone(UTC).isoformat() if at else "" for at in (window.placed_since, window.changed_since)]
    return " ".join([str(window.is_open_only), *times, str(window.with_channel_fulfilled)])
