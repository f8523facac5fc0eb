"""What is told to Walmart: quantities, and what was said about orders; and orders as it answers them."""

import json
import time

from tests.channels.walmart.adapter import NUMBER, TOKEN_URL, sku
from tests.channels.walmart.payloads import order, status
from wholecell.channels.contract import QuantityChange


def sent(answers):
    calls = [call.request for call in answers.calls if call.request.url != TOKEN_URL]
    return [(call.url, json.loads(call.body) if call.body else None) for call in calls if call.method != "GET"]


def seen(*lines, **fields):
    return {"order": order(7, *lines, orderDate=int(time.time() * 1000), **fields)}


def left(amount="1", number=NUMBER, word="Shipped"):
    carrier = {"carrierName": {"carrier": "UPS"}, "methodCode": "Standard", "shipDateTime": 1}
    return status(word, amount, trackingNumber=number, **carrier)


def rise(number, quantity=5):
    return QuantityChange(sku(number), sku(number), quantity, is_fall=False)


def fall(number, quantity=0):
    return QuantityChange(sku(number), sku(number), quantity, is_fall=True)


def push(shop, *changes):
    return list(shop.push_quantities(changes))
