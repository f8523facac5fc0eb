"""The codes eBay takes for who carries a shipment. It has hundreds; the rest is asked for once a week."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from wholecell.channels.contract import ChannelError
from wholecell.channels.ebay.limits import SINGLE_LISTINGS
from wholecell.channels.ebay.trading_xml import every, inner
from wholecell.channels.http import parse_json
from wholecell.channels.values import moment

if TYPE_CHECKING:
    from wholecell.channels.ebay.trading import Access

OTHER = "Other"
CODES = ("USPS", "UPS", "FedEx", "DHL", OTHER)
NOTE = "carriers"
EVERY = timedelta(days=7)
LONGEST_NOTE = 3900  # characters
_ALIASES = {"DHL Express": "DHL", "Federal Express": "FedEx", "US Postal Service": "USPS"}


def code(access: Access, carrier: str) -> str:
    """The code of a carrier; Other when eBay has none for it, or does not say."""
    if not carrier or _key(carrier) in _KNOWN:
        return _KNOWN.get(_key(carrier), OTHER)
    return _listed(access).get(_key(carrier), OTHER)


def _listed(access: Access) -> Mapping[str, str]:
    note = parse_json(access.state.recall(NOTE))
    asked_at = moment(note.get("at")) if isinstance(note, dict) else None
    now = datetime.now(UTC)
    if isinstance(note, dict) and asked_at and timedelta() <= now - asked_at < EVERY:
        return {str(key): str(value) for key, value in note.get("codes", {}).items()}
    try:
        answer = access.trading("GeteBayDetails", [("DetailName", "ShippingCarrierDetails")], SINGLE_LISTINGS)
    except ChannelError:
        return {}
    found: dict[str, str] = {}
    for each in every(answer.root, "ShippingCarrierDetails"):
        name = inner(each, "ShippingCarrier", longest=60)
        keys = {_key(name), _key(inner(each, "Description", longest=60))} - {""} - _KNOWN.keys()
        more = {key: name for key in keys if name}
        if len(json.dumps({"at": now.isoformat(), "codes": found | more})) > LONGEST_NOTE:
            break
        found |= more
    access.state.remember(NOTE, json.dumps({"at": now.isoformat(), "codes": found}))
    return found


def _key(name: str) -> str:
    return re.sub(r"[^0-9a-z]", "", name.casefold())


_KNOWN = {_key(name): name for name in CODES} | {_key(ours): theirs for ours, theirs in _ALIASES.items()}
