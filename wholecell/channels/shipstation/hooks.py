"""What ShipStation posts to us when something was shipped: a hint, without data, without a signature.

API V1, "Webhooks": the body is an address of theirs where the news can be read, and a word for what it is.
"""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

HOST = re.compile(r"ssapi\d{0,4}\.shipstation\.com", re.ASCII)
PATHS = frozenset({"/shipments", "/fulfillments"})


def is_of_shipments(body: bytes) -> bool:
    """Whether it tells of shipments: the address it names is one of ShipStation's lists of them. It is never called."""
    try:
        notice = json.loads(body)
    except (ValueError, RecursionError):
        return False
    address = notice.get("resource_url") if isinstance(notice, dict) else None
    return isinstance(address, str) and is_theirs(address)


def is_theirs(address: str) -> bool:
    """Whether an address is of a list of shipments at ShipStation: https, its own host, and nothing odd about it."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    return (
        parts.scheme == "https"
        and "@" not in parts.netloc
        and port in {None, 443}
        and HOST.fullmatch(host) is not None
        and parts.path.rstrip("/") in PATHS
    )
