"""eBay calls the seller's program: the challenge, and notices that a user's account was deleted."""

import base64
import hashlib
import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.sandbox.ebay_api import BASE_SCOPE

TOKEN = "verify-me-0123456789abcdefghijklm"


class Endpoint(BaseHTTPRequestHandler):
    """Keeps what it was told, and knows how to answer a challenge."""

    def do_GET(self):
        code = parse_qs(urlsplit(self.path).query)["challenge_code"][0]
        whole = f"{code}{self.server.token}http://127.0.0.1:{self.server.server_port}/notices"
        answer = {"challengeResponse": hashlib.sha256(whole.encode()).hexdigest()}
        self._answer(200, json.dumps(answer).encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.told.append((self.headers.get("X-EBAY-SIGNATURE"), body))
        self._answer(self.server.status, b"")

    def _answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def endpoint():
    server = HTTPServer(("127.0.0.1", 0), Endpoint)
    server.told, server.status, server.token = [], 204, TOKEN
    server.url = f"http://127.0.0.1:{server.server_port}/notices"
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def do(api, action, **fields):
    return api.control("do", channel="ebay", action=action, **fields)


def check(api, header, body):
    """What a program does with a notice. Raises InvalidSignature."""
    signed = json.loads(base64.b64decode(header))
    assert (signed["alg"], signed["digest"]) == ("ecdsa", "SHA1")
    api.use(grant_type="client_credentials", scope=BASE_SCOPE)
    answer = api.get(f"/commerce/notification/v1/public_key/{signed['kid']}").json()
    assert (answer["algorithm"], answer["digest"], "\n" in answer["key"]) == ("ECDSA", "SHA1", False)
    middle = answer["key"].removeprefix("-----BEGIN PUBLIC KEY-----").removesuffix("-----END PUBLIC KEY-----")
    key = serialization.load_der_public_key(base64.b64decode(middle))
    key.verify(base64.b64decode(signed["signature"]), body, ec.ECDSA(hashes.SHA1()))


def test_a_notice_is_signed_over_exactly_its_body(ebay, endpoint):
    done = do(ebay, "delete_account", url=endpoint.url, username="buyer_10001", notification="n-1").json()
    ((header, body),) = endpoint.told
    assert done["status"] == 204 and json.loads(body) == done["sent"]
    note = done["sent"]
    assert note["metadata"]["topic"] == "MARKETPLACE_ACCOUNT_DELETION"
    assert note["notification"]["notificationId"] == "n-1"
    assert note["notification"]["data"]["username"] == "buyer_10001"
    assert set(note["notification"]["data"]) == {"username", "userId", "eiasToken"}
    check(ebay, header, body)
    with pytest.raises(InvalidSignature):
        check(ebay, header, body + b" ")


@pytest.mark.parametrize("trick", ["forged", "spoiled"])
def test_a_notice_may_be_false(ebay, endpoint, trick):
    endpoint.status = 412
    assert do(ebay, "delete_account", url=endpoint.url, username="x", **{trick: True}).json()["status"] == 412
    ((header, body),) = endpoint.told
    with pytest.raises(InvalidSignature):
        check(ebay, header, body)


def test_a_notice_without_signature_and_an_unknown_key(ebay, endpoint):
    do(ebay, "delete_account", url=endpoint.url, username="x", unsigned=True)
    assert endpoint.told[0][0] is None
    assert ebay.get("/commerce/notification/v1/public_key/other").status_code == 404


def test_the_challenge(ebay, endpoint):
    assert do(ebay, "challenge", url=endpoint.url, token=TOKEN).json()["is_right"] is True
    endpoint.token = "another"
    assert do(ebay, "challenge", url=endpoint.url, token=TOKEN).json()["is_right"] is False


def test_calls_to_nobody_and_actions_that_are_none(ebay):
    assert do(ebay, "challenge", url="http://127.0.0.1:1/", token="t").status_code == 409
    assert do(ebay, "challenge", url="file:///etc/passwd", token="t").status_code == 409
    refused = do(ebay, "dance")
    assert refused.status_code == 409 and "delete_account" in refused.json()["error"]
    assert do(ebay, "challenge").status_code == 400
    assert ebay.control("do", channel="amazon", action="dance").status_code == 409
