"""Answers in the proposed shapes, and a login."""

HOST = "https://api.swappa.example"
TOKEN_URL = "https://login.swappa.example/token"
SETTINGS = {
    "mode": "rest",
    "token": "",
    "refresh_token": "refresh-abc",
    "access_token": "",
    "access_token_ends": "",
    "client_id": "app-1",
    "client_secret": "hush-hush-secret",
    "authorize_url": "https://login.swappa.example/authorize",
    "token_url": TOKEN_URL,
    "base_url": HOST,
}
TOKEN = {"access_token": "access-1", "token_type": "bearer", "expires_in": 3600}
IMEI = "352099001761481"


def listing(number=1, **fields):
    return {
        "id": f"L{number}",
        "sku": f"SKU-{number}",
        "title": "iPhone 13",
        "url": f"https://swappa.example/listing/view/L{number}",
        "status": "active",
        "quantity": 5,
        "price": "289.00",
        "currency": "USD",
        "product": "Apple iPhone 13",
        "carrier": "Unlocked",
        "storage": "128 GB",
        "color": "Blue",
        "condition": "Mint",
        "updated_at": "2026-03-01T09:00:00Z",
        **fields,
    }


def order(number=1, **fields):
    item = {"id": "9", "listing_id": "L1", "sku": "SKU-1", "title": "iPhone 13", "quantity": 2, "unit_price": "289.00"}
    place = {"line1": "18 Orchard Row", "line2": "Flat 2", "city": "Dayton", "state": "OH", "postal_code": "45402"}
    return {
        "id": str(number),
        "number": f"SW-{number}",
        "status": "paid",
        "created_at": "2026-03-01T09:00:00Z",
        "updated_at": "2026-03-01T10:00:00Z",
        "buyer": {"name": "Noor Haddad", "email": "noor@buyers.example"},
        "ship_to": {"name": "N. Haddad", "company": "Acme", **place, "country": "US", "phone": "+15555550173"},
        "items": [item],
        "shipping_price": "4.50",
        "fees": "17.34",
        "total": "582.50",
        "currency": "USD",
        **fields,
    }


def listings(*rows, cursor=None):
    return {"listings": list(rows), "next_cursor": cursor}


def orders(*rows, cursor=None):
    return {"orders": list(rows), "next_cursor": cursor}


def problem(message, field=None, **more):
    return {"error": "x", "message": message, "field": field, **more}


def shipment(imeis=(IMEI,), number="1Z999AA10123456784"):
    items = [{"listing_id": "L1", "imeis": list(imeis)}]
    return {"carrier": "UPS", "tracking_number": number, "shipped_at": "2026-03-02T00:00:00Z", "items": items}
