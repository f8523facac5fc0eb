"""The names Walmart takes for who carries a shipment, letter for letter."""

from __future__ import annotations

import re

# As the document lists them for shippingUpdates.
CARRIERS = (
    "UPS",
    "USPS",
    "FedEx",
    "Airborne",
    "OnTrac",
    "DHL Ecommerce - US",
    "DHL",
    "LS",
    "UDS",
    "UPSMI",
    "FDX",
    "PILOT",
    "ESTES",
    "SAIA",
    "FDS Express",
    "Seko Worldwide",
    "HIT Delivery",
    "FEDEXSP",
    "RL Carriers",
    "Metropolitan Warehouse & Delivery",
    "China Post",
    "YunExpress",
    "Yellow Freight Sys",
    "AIT Worldwide Logistics",
    "Chukou1",
    "Sendle",
    "Landmark Global",
    "Sunyou",
    "Yanwen",
    "4PX",
    "GLS",
    "OSM Worldwide",
    "FIRST MILE",
    "AM Trucking",
    "CEVA",
    "India Post",
    "SF Express",
    "CNE",
    "TForce Freight",
    "AxleHire",
    "LSO",
    "Royal Mail",
    "ABF Freight System",
    "WanB",
    "Roadrunner Freight",
    "Meyer Distribution",
    "AAA Cooper",
    "Canada Post",
    "Southeastern Freight Lines",
    "Japan Post",
    "Correos de Mexico",
    "XPO Logistics",
    "JD Logistics",
    "YDH",
    "JCEX",
    "Flyt",
    "Deutsche Post",
    "Better Trucks",
    "Asendia",
    "SFC",
    "UBI",
    "ePost Global",
    "YF Logistics",
    "RXO",
    "Estes Express",
    "Shypmax",
    "WIN.IT America",
    "PITT OHIO",
    "PostNord Sweden",
    "Equick",
    "Whistl",
    "Tusou",
    "Shiprocket",
    "DTDC",
    "PTS",
)
# What carriers and services are called here where Walmart's name is not the two put together, or the carrier's alone.
_ALIASES = {
    "DHL Express": "DHL",
    "DHL eCommerce": "DHL Ecommerce - US",
    "LaserShip": "LS",
    "United Delivery Service": "UDS",
    "UPS Mail Innovations": "UPSMI",
    "FedEx SmartPost": "FEDEXSP",
}


def carrier_name(carrier: str, service: str) -> dict[str, str]:
    """How Walmart is told who carries a shipment: one of its names, else the name used here as another carrier."""
    for wanted in (f"{carrier} {service}", carrier):
        if found := _BY_KEY.get(_key(wanted)):
            return {"carrier": found}
    return {"otherCarrier": carrier}


def _key(name: str) -> str:
    return re.sub(r"[^0-9a-z]", "", name.casefold())


_BY_KEY = {_key(name): name for name in CARRIERS} | {_key(ours): theirs for ours, theirs in _ALIASES.items()}
