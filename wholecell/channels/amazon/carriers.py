"""The codes Amazon takes for who carries a shipment; spelling counts, and what has none goes as Other."""

from __future__ import annotations

import re

OTHER = "Other"
# Those of the carrier codes that Amazon published for its order fulfillment feed and that sellers' public code uses.
CODES = (
    "Aramex",
    "Blue Package",
    "BlueDart",
    "Canada Post",
    "Chronopost",
    "City Link",
    "Delhivery",
    "Deutsche Post",
    "DHL",
    "DHL Global Mail",
    "DPD",
    "DTDC",
    "Fastway",
    "FedEx",
    "FedEx SmartPost",
    "GLS",
    "GO!",
    "Hermes Logistik Gruppe",
    "India Post",
    "La Poste",
    "Lasership",
    "Newgistics",
    "NipponExpress",
    "OnTrac",
    "OSM",
    "Parcelforce",
    "Poste Italiane",
    "Royal Mail",
    "SagawaExpress",
    "SDA",
    "Streamlite",
    "TNT",
    "UPS",
    "UPS Mail Innovations",
    "USPS",
    "YamatoTransport",
    OTHER,
)
# What carriers are called here where Amazon's code is another.
_ALIASES = {
    "DHL Express": "DHL",
    "Yamato": "YamatoTransport",
    "Sagawa": "SagawaExpress",
    "Colissimo": "La Poste",
    "UPSMI": "UPS Mail Innovations",
}


def code(carrier: str) -> str:
    """The code of a carrier; Other when Amazon has none for it."""
    return _BY_KEY.get(_key(carrier), OTHER)


def _key(name: str) -> str:
    return re.sub(r"[^0-9a-z]", "", name.casefold())


_BY_KEY = {_key(name): name for name in CODES} | {_key(ours): theirs for ours, theirs in _ALIASES.items()}
