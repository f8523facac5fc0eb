"""Sellers v1: where the seller sells."""

from __future__ import annotations

from werkzeug.wrappers import Response

from .account import MARKETPLACE_ID
from .answers import answer
from .call import Call


def participations(call: Call) -> Response:
    """getMarketplaceParticipations. It does not tell the seller's id."""
    marketplace = {
        "id": MARKETPLACE_ID,
        "name": "Amazon.com",
        "countryCode": "US",
        "defaultCurrencyCode": "USD",
        "defaultLanguageCode": "en_US",
        "domainName": "www.amazon.com",
    }
    participation = {
        "isParticipating": bool(call.account.settings["participating"]),
        "hasSuspendedListings": bool(call.account.settings["suspended"]),
    }
    entry = {"marketplace": marketplace, "participation": participation, "storeName": "Second Ring"}
    return answer({"payload": [entry]})
