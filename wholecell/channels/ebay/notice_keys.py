"""eBay's public keys for notices: asked for with a token of the app alone, and kept for an hour."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping

from wholecell.channels.contract import TemporaryError
from wholecell.channels.ebay.sign_in import LABEL, REFERENCES, SCOPES, Tokens
from wholecell.channels.ebay.signature import NoticeKey, UnreadableKeyError, read_key
from wholecell.channels.http import HttpClient
from wholecell.channels.own_state import OwnState

PATH = "/commerce/notification/v1/public_key/"
KEPT_FOR = 3600.0  # seconds; eBay asks to keep them, and says of an hour that it is enough
# Strangers may name keys that do not exist: so many are asked for in a minute, at most.
MOST_ASKED, WITHIN = 10, 60.0
MOST_KEPT = 50


def ask(app: Mapping[str, str], base_url: str, key_id: str) -> NoticeKey:
    """Ask eBay for a key, with the keys of the app. Raises ChannelError, also for a key there is not."""
    form = {"grant_type": "client_credentials", "scope": SCOPES[0]}
    token = Tokens(app, base_url, OwnState()).ask(form)["access_token"]
    http = HttpClient(
        base_url,
        {"Accept": "application/json", "Authorization": f"Bearer {token}"},
        OwnState(),
        label=LABEL,
        reference_headers=REFERENCES,
        total_seconds=10.0,
    )
    response = http.request("GET", f"{PATH}{key_id}")
    if not response.is_ok:
        raise TemporaryError("eBay does not know the key of a notice.", reference=response.reference)
    try:
        return read_key(response.json)
    except UnreadableKeyError:
        raise TemporaryError("eBay's key for notices could not be read.", reference=response.reference) from None


class NoticeKeys:
    """The keys this process knows."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Know none yet."""
        self._clock = clock
        self._kept: dict[str, tuple[NoticeKey, float]] = {}
        self._asked: deque[float] = deque(maxlen=MOST_ASKED)
        self._lock = threading.Lock()

    def get(self, key_id: str, fetch: Callable[[], NoticeKey]) -> NoticeKey:
        """Give the key, fetched when it is not known or was kept long enough. Raises ChannelError."""
        now = self._clock()
        with self._lock:
            known = self._kept.get(key_id)
            if known is not None and known[1] > now:
                return known[0]
            # A key that eBay gave before is asked for again whatever strangers ask for meanwhile.
            if known is None and len(self._asked) == MOST_ASKED and now - self._asked[0] < WITHIN:
                raise TemporaryError("Too many keys for notices were asked for within a minute.")
            self._asked.append(now)
        key = fetch()
        with self._lock:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[key_id] = key, now + KEPT_FOR
        return key
