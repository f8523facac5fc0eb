"""eBay's own calls to the seller's program: that a user's account was deleted, and the challenge that comes first.

Facts: eBay's guide to marketplace account deletion, and its Notification API (getPublicKey).
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any, cast
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request as Outgoing
from urllib.request import urlopen
from uuid import uuid4

from werkzeug.wrappers import Response

from ..records import RefusedError
from ..shop import Shop
from .account import EbayAccount
from .answers import answer, refuse
from .call import Call, written
from .keys import NoticeKey

TOPIC = "MARKETPLACE_ACCOUNT_DELETION"
_PATIENCE = 10.0


def public_key(call: Call, kid: str) -> Response:
    """GET /commerce/notification/v1/public_key/{public_key_id}; the key is PEM without line breaks."""
    if kid != call.account.key.kid:
        raise refuse(195003, "API_NOTIFICATION", f"The public key id {kid} is not found.", 404)
    return answer({"algorithm": "ECDSA", "digest": "SHA1", "key": call.account.key.public()})


def delete_account(shop: Shop, body: dict[str, Any]) -> dict[str, Any]:
    """Tell `url` that a user is gone: `username`, and if wanted `user_id`, `eias_token` and a `notification` id.

    `forged`: signed with a key of somebody else. `spoiled`: the body is changed after it was signed. `unsigned`: no
    signature. Answers the status, and what was sent.
    """
    account = _account(shop)
    now, username = shop.clock(), str(body["username"])
    digest = hashlib.sha256(username.encode()).digest()
    user = {
        "username": username,
        "userId": str(body.get("user_id", "")) or digest.hex()[:11],
        "eiasToken": str(body.get("eias_token", "")) or base64.b64encode(digest).decode(),
    }
    note = {
        "notificationId": str(body.get("notification", "")) or f"{uuid4()}_{uuid4()}",
        "eventDate": written(now),
        "publishDate": written(now),
        "publishAttemptCount": int(body.get("attempt", 1)),
        "data": user,
    }
    metadata = {"topic": TOPIC, "schemaVersion": "1.0", "deprecated": False}
    sent = json.dumps({"metadata": metadata, "notification": note}).encode()
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if not body.get("unsigned"):
        signer = account.key
        if body.get("forged"):
            signer = NoticeKey()
            signer.kid = account.key.kid
        headers["X-EBAY-SIGNATURE"] = signer.signed(sent)
    if body.get("spoiled"):
        sent = sent.replace(json.dumps(username).encode(), json.dumps(username + "x").encode())
    status, text = _call(Outgoing(str(body["url"]), sent, headers, method="POST"))  # noqa: S310
    return {"status": status, "answer": text, "sent": json.loads(sent), "headers": headers}


def challenge(shop: Shop, body: dict[str, Any]) -> dict[str, Any]:
    """Ask `url` for the answer to a challenge, as eBay does when an endpoint is registered with a `token`."""
    code, url = uuid4().hex, str(body["url"])
    wanted = hashlib.sha256(f"{code}{body['token']}{url}".encode()).hexdigest()
    glue = "&" if "?" in url else "?"
    status, text = _call(Outgoing(f"{url}{glue}challenge_code={quote(code)}", headers={"Accept": "application/json"}))
    try:
        given = json.loads(text).get("challengeResponse")
    except (ValueError, AttributeError):
        given = None
    return {"status": status, "answer": text, "is_right": status == 200 and given == wanted}


def _account(shop: Shop) -> EbayAccount:
    return cast(EbayAccount, shop.account("ebay"))


def _call(request: Outgoing) -> tuple[int, str]:
    """Status and body. Raises RefusedError when nobody answers."""
    if request.type not in ("http", "https"):
        raise RefusedError("The url must begin with http or https.")
    try:
        with urlopen(request, timeout=_PATIENCE) as got:  # noqa: S310
            return got.status, got.read(100_000).decode("utf-8", "replace")
    except HTTPError as refused:
        return refused.code, refused.read(100_000).decode("utf-8", "replace")
    except OSError as problem:
        raise RefusedError(f"{request.full_url} did not answer: {problem}") from None


ACTIONS: dict[str, Callable[[Shop, dict[str, Any]], dict[str, Any]]] = {
    "delete_account": delete_account,
    "challenge": challenge,
}
