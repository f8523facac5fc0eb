"""What was told to Walmart about an order, and orders as it answers them."""

import json
import time

from tests.channels.walmart.adapter import NUMBER, TOKEN_URL
from tests.channels.walmart.payloads import order, status


def sent(answers):
    calls = [call.request for call in answers.calls if call.request.url != TOKEN_URL]
    return [(call.url, json.loads(call.body) if call.body else None) for call in calls if call.method != "GET"]


def seen(*lines, **fields):
    return {"order": order(7, *lines, orderDate=int(time.time() * 1000), **fields)}


def left(amount="1", number=NUMBER, word="Shipped"):
    carrier = {"carrierName": {"carrier": "UPS"}, "methodCode": "Standard", "shipDateTime": 1}
    return status(word, amount, trackingNumber=number, **carrier)
