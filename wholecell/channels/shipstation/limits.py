"""How often ShipStation may be called: V1 API requirements, "API Rate Limits"; counted for each key."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from wholecell.channels.contract import RateLimit

# 8 together, then one about every two seconds: in no minute more than 40, whenever it begins.
CALLS = RateLimit("calls", count=32, seconds=60, burst=8, says="ShipStation allows 40 calls a minute")
KEPT_FREE = 2  # of a minute's calls, by what ShipStation says are left: other tools use the key, too


def limits_of(login: Mapping[str, str]) -> str:
    """Logins with one key share its calls."""
    return sha256(login["api_key"].encode()).hexdigest() if login.get("api_key") else ""
