"""The names Back Market takes for who carries a parcel; spelling counts, the double space included."""

from __future__ import annotations

import re

OTHER = "Other"
# As the official document lists them.
SHIPPERS = (
    "Allied Express",
    "Aramex Australia",
    "Australia Post",
    "Australia Post Express",
    "Austrian Post",
    "BPost",
    "BRT",
    "Chronopost",
    "Chronopost Express",
    "ColisPrivé",
    "Colissimo",
    "Correos",
    "Correos Express",
    "Couriers Please",
    "CTT",
    "Cubyn",
    "Cubyn Express",
    "DB Schenker",
    "Deutsche Post",
    "DHL",
    "DHL DE",
    "DHL Express",
    "DHL  EXPRESS",
    "DHL NL",
    "DHL Parcel Spain",
    "DHL SP",
    "DPD",
    "DPD Benelux",
    "DPD DE",
    "DPD FR",
    "DPD International",
    "DPD UK",
    "DPD UK Express",
    "DTDC Australia",
    "FedEx",
    "FedEx - 2Days",
    "FedEx Express",
    "FedEx International",
    "FedEx - Overnight",
    "Geodis",
    "Girard Agediss - Livraison dans la pièce de votre choix sur RDV",
    "GLS",
    "GLS - DE",
    "GLS - FR",
    "GLS International",
    "GLS - IT",
    "GLS-SPAIN",
    "GLS Spain Express",
    "Hermes - DE",
    "Hermes - UK",
    "Japan Post",
    "Livraison au pied du camion",
    "Livraison dans la pièce de votre choix",
    "Logoix",
    "MRW",
    "Murfy transporteur",
    "NACEX",
    "ParcelForce Express",
    "Parcelforce (Worldwide)",
    "Parcelpoint Pty Ltd",
    "Poste Italiane",
    "Post NL",
    "Private Transporter",
    "Royal Mail",
    "Royal Mail Express",
    "Sagawa",
    "Seino",
    "Sendle",
    "Seur",
    "Socolissimo",
    "Star Track Express",
    "TIPSA",
    "TIPSA Express",
    "TNT",
    "TNT Australia",
    "TNT Express",
    "Tourline",
    "UPS",
    "UPS 2 days",
    "UPS 2nd Day Air",
    "UPS Express",
    "UPS express save",
    "UPS Ground",
    "UPS next day",
    "UPS Overnight",
    "UPS standard",
    "USPS",
    "USPS Express",
    "USPS - First Class",
    "USPS - Priority Mail",
    "USPS - Priority Mail Express",
    "VIR",
    "Yamato",
    "Zeleris",
    "Other",
)
# What carriers and services are called here where Back Market's name is not the two put together.
_ALIASES = {
    "FedEx 2Day": "FedEx - 2Days",
    "Royal Mail Special Delivery": "Royal Mail Express",
    "Parcelforce": "Parcelforce (Worldwide)",
    "Parcelforce Express 24": "ParcelForce Express",
    "Parcelforce Express 48": "ParcelForce Express",
    "UPS Express Saver": "UPS express save",
    "Australia Post Express Post": "Australia Post Express",
}


def shipper(carrier: str, service: str) -> str:
    """The name for a carrier and service: the service's own where there is one, else the carrier's, else Other."""
    for wanted in (f"{carrier} {service}", carrier):
        if found := _BY_KEY.get(_key(wanted)):
            return found
    return OTHER


def _key(name: str) -> str:
    return re.sub(r"[^0-9a-z]", "", name.casefold())


# Of two names that differ by blanks alone the first; aliases go before both.
_BY_KEY = {_key(name): name for name in reversed(SHIPPERS)} | {_key(ours): theirs for ours, theirs in _ALIASES.items()}
