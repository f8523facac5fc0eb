"""The stores and carriers of the account."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from . import shapes
from .answers import answer, missing
from .call import Call
from .carriers import CARRIERS


def index(call: Call) -> Response:
    """GET /stores: the closed ones too if showInactive says so. A bare array."""
    shows_all, marketplace = call.is_set("showInactive"), call.text("marketplaceId")
    rows = [row for row in call.account.stores.values() if row.active or shows_all]
    return answer([shapes.store(row) for row in rows if marketplace in ("", str(row.marketplace_id))])


def show(call: Call, store_id: int) -> Response:
    """GET /stores/{storeId}: with the words that stand for statuses."""
    row = call.account.stores.get(store_id)
    if row is None:
        raise missing("store")
    words = [{"orderStatus": status, "statusKey": word} for word, status in row.statuses.items()]
    return answer(shapes.store(row) | {"statusMappings": words})


def marketplaces(call: Call) -> Response:
    """GET /stores/marketplaces: those of the stores there are."""
    names = {row.marketplace_id: row.marketplace for row in call.account.stores.values()}
    return answer([_marketplace(key, name) for key, name in names.items()])


def carriers(call: Call) -> Response:
    """GET /carriers."""
    return answer([_carrier(number, code) for number, code in enumerate(CARRIERS)])


def _marketplace(key: int, name: str) -> dict[str, Any]:
    can = dict.fromkeys(("canRefresh", "supportsCustomMappings", "supportsCustomStatuses", "canConfirmShipments"), True)
    return {"name": name, "marketplaceId": key} | can


def _carrier(number: int, code: str) -> dict[str, Any]:
    return {
        "name": CARRIERS[code].name,
        "code": code,
        "accountNumber": f"SB{number:03}",
        "requiresFundedAccount": number == 0,
        "balance": 120.5 if number == 0 else 0.0,
        "nickname": None,
        "shippingProviderId": 12_345 + number,
        "primary": True,
    }
