"""The address that eBay calls when a user's account was deleted: who is believed, and what becomes of it."""

import base64
import hashlib
import json
import threading
from dataclasses import replace

import flask
import pytest
import requests
import sqlalchemy as sa
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from werkzeug.serving import make_server

from tests import factories as make
from tests.order_world import VAULT
from tests.push_world import ME
from tests.web.clients import Browser, signed_in
from tests.web.pages import get_page
from wholecell.channels import discover
from wholecell.channels.contract import CredentialsError, TemporaryError
from wholecell.channels.ebay import deletion, notice_keys, routes, signature
from wholecell.channels.ebay.notice_keys import NoticeKeys
from wholecell.channels.ebay.signature import NoticeKey, UnreadableKeyError
from wholecell.db import db
from wholecell.models import ErasureNotice, SalesOrder
from wholecell.sandbox import Sandbox
from wholecell.sandbox.ebay.account import CERT_ID, CLIENT_ID
from wholecell.services import apps, erasure
from wholecell.services.vault import Vault

PATH = "/channels/ebay/account-deletion"
TOKEN = "a-token-of-forty-characters-made-up-here"
USER = {"username": "quill_z", "userId": "Ab3xYz", "eiasToken": "nY+sHZ2PrBmdj6wVnY+sEZ2PrA2dj6"}
PRIVATE, OTHER = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())


def notice(number="n1", topic=deletion.DELETED, **data):
    notification = {"notificationId": number, "publishAttemptCount": 1, "data": {**USER, **data}}
    return json.dumps({"metadata": {"topic": topic, "schemaVersion": "1.0"}, "notification": notification}).encode()


def header(body, private=PRIVATE, **parts):
    made = base64.b64encode(private.sign(body, ec.ECDSA(hashes.SHA1()))).decode()
    told = {"alg": "ecdsa", "kid": "key-1", "signature": made, "digest": "SHA1", **parts}
    return base64.b64encode(json.dumps(told).encode()).decode()


def pem(private=PRIVATE):
    form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return private.public_key().public_bytes(*form).decode().replace("\n", "")


def told(app, keys=(CLIENT_ID, CERT_ID)):
    """The app's keys and the token, as an admin enters them."""
    values = {"client_id": keys[0], "client_secret": keys[1], "ru_name": "ru", "verification_token": TOKEN}
    apps.save(discover()["ebay"], values, Vault(app.extensions["wholecell"].credentials_keys), ME)


@pytest.fixture
def eBay(app, monkeypatch):
    """Calls our address as eBay does; `asked` are the keys that were asked for, `fails` what asking comes to."""
    told(app)
    asked, fails = [], []

    def ask(signed):
        assert not db.session().in_transaction(), "a call within a transaction"
        asked.append(signed.key_id)
        if fails:
            raise fails[0]
        return NoticeKey(PRIVATE.public_key(), hashes.SHA1)

    monkeypatch.setattr(routes, "_ask", ask)
    monkeypatch.setattr(routes, "keys", NoticeKeys())
    app.test_client_class = Browser
    client = app.test_client()

    def call(body, signed=None, **more):
        given = {} if signed == "" else {"X-EBAY-SIGNATURE": signed or header(body)}
        return client.post(PATH, data=body, headers=given, content_type="application/json", token=False, **more)

    call.client, call.asked, call.fails = client, asked, fails
    return call


def notices():
    db.session.expire_all()
    rows = db.session.scalars(sa.select(ErasureNotice).order_by(ErasureNotice.id))
    return [(row.notice_id, set(row.names)) for row in rows]


def test_the_challenge_is_answered_with_what_was_entered_at_ebay(eBay):
    address = flask.current_app.extensions["wholecell"].public_url + PATH
    answer = eBay.client.get(f"{PATH}?challenge_code=71745723-d031-455c")
    wanted = hashlib.sha256(f"71745723-d031-455c{TOKEN}{address}".encode()).hexdigest()
    assert (answer.status_code, answer.mimetype, answer.json) == (
        200,
        "application/json",
        {"challengeResponse": wanted},
    )
    for query in ("", "?challenge_code=", f"?challenge_code={'x' * 501}"):
        assert eBay.client.get(PATH + query).status_code == 400


def test_an_admin_finds_the_address_beside_the_token(app, eBay):
    page = get_page(signed_in(app, "admin"), "/settings/apps")
    assert flask.current_app.extensions["wholecell"].public_url + PATH in page.text


def test_a_signed_notice_is_noted_once_and_its_key_asked_for_once(eBay):
    for _ in range(2):
        answer = eBay(notice())
        assert (answer.status_code, answer.data) == (204, b"")
    assert eBay(notice("n2", username="other")).status_code == 204
    assert notices() == [("n1", set(USER.values())), ("n2", {"other", USER["userId"], USER["eiasToken"]})]
    assert eBay.asked == ["key-1"]
    assert "Set-Cookie" not in answer.headers


def test_what_is_not_signed_by_ebay_is_refused_and_leaves_nothing(eBay):
    body = notice()
    odd = ["", "x", "e30=", base64.b64encode(b"[]").decode(), base64.b64encode(b"\xff").decode(), "A" * 5000]
    odd += [header(body, kid=kid) for kid in ("", "..", ".", "../user", "a/b", "k" * 121, 7, None)]
    odd += [header(body, signature=value) for value in ("", "!", None, 5, "AAAA")]
    for signed in (*odd, header(body, OTHER), header(notice("n2"))):
        assert eBay(body, signed).status_code == 412, signed
    assert eBay(body.replace(b"quill_z", b"quill_y"), header(body)).status_code == 412
    assert eBay(body + b" ", header(body)).status_code == 412
    assert notices() == []


def test_a_key_that_cannot_be_had_has_ebay_repeat_the_notice(eBay):
    for error in (TemporaryError("eBay could not be reached."), CredentialsError("eBay refused the keys.")):
        eBay.fails[:] = [error]
        answer = eBay(notice())
        assert (answer.status_code, notices()) == (503, [])
    eBay.fails.clear()
    assert eBay(notice()).status_code == 204
    assert len(eBay.asked) == 3


def test_signed_bodies_that_are_no_deletion(eBay):
    body = notice(topic="ITEM_SOLD")
    assert (eBay(body).status_code, notices()) == (204, [])  # eBay would only repeat it
    nobody = notice(username="", userId=None, eiasToken="\x00")
    for odd in (b"", b"{}", b"[]", b"\xff\xfe", b'{"metadata": 5}', b"[" * 100_000, nobody):
        assert eBay(odd).status_code == 400, odd[:30]
    assert notices() == []


def test_a_notice_without_an_id_is_known_again_by_its_text(eBay):
    for number in ("", None, 5, "n" * 121):
        assert [eBay(notice(number)).status_code for _ in range(2)] == [204, 204]
    assert [len(key) for key, _ in notices()] == [64] * 4


def test_bodies_above_one_megabyte_are_refused_unread(eBay):
    body = notice(username="x" * 1024 * 1024)
    assert eBay(body).status_code == 413
    assert eBay.asked == []


def test_without_its_keys_nothing_can_be_answered(app, monkeypatch):
    monkeypatch.setattr(routes, "keys", NoticeKeys())
    app.test_client_class = Browser
    client, body = app.test_client(), notice()
    assert client.get(f"{PATH}?challenge_code=x").status_code == 503
    answer = client.post(PATH, data=body, headers={"X-EBAY-SIGNATURE": header(body)}, token=False)
    assert (answer.status_code, notices()) == (503, [])


def test_keys_are_kept_for_an_hour_and_few_are_asked_for_in_a_minute():
    now, asked = [0.0], []
    keys = NoticeKeys(lambda: now[0])

    def get(key_id):
        return keys.get(key_id, lambda: asked.append(key_id))

    get("a"), get("a")
    now[0] = notice_keys.KEPT_FOR + 1
    get("a")
    assert asked == ["a", "a"]
    for number in range(notice_keys.MOST_ASKED - 1):
        get(f"forged {number}")
    with pytest.raises(TemporaryError, match="Too many keys"):
        get("one more")
    get("a")  # known
    now[0] += notice_keys.KEPT_FOR + 1
    for number in range(notice_keys.MOST_ASKED):
        get(f"forged later {number}")
    get("a")  # kept long enough: strangers who ask for many do not keep us from asking for it again
    assert asked[-1] == "a"
    now[0] += notice_keys.WITHIN
    get("one more")
    for number in range(notice_keys.MOST_KEPT + 5):
        now[0] += notice_keys.WITHIN
        get(f"later {number}")
    assert len(keys._kept) <= notice_keys.MOST_KEPT


def test_keys_that_are_none():
    good = {"algorithm": "ECDSA", "digest": "SHA1", "key": pem()}
    lines = "-----BEGIN PUBLIC KEY-----\n" + pem()[26:90] + "\n" + pem()[90:]
    for key in (pem(), lines):
        body = notice()
        assert signature.read_key({**good, "key": key}).signed(signature.read(header(body)), body)
    small = rsa.generate_private_key(65537, 1024)
    for odd in (
        None,
        [],
        {},
        {**good, "key": 5},
        {**good, "key": "x"},
        {**good, "digest": "MD5"},
        good | {"key": pem(small)},
    ):
        with pytest.raises(UnreadableKeyError):
            signature.read_key(odd)


def test_from_the_notice_to_the_erased_order(app, monkeypatch):
    """Over sockets: the pretend eBay signs, is asked for its key, and repeats; a job erases the order."""
    told(app)
    monkeypatch.setattr(routes, "keys", NoticeKeys())
    shop = make.make_integration("ebay", imports_orders=True)
    order = make.make_order(integration=shop, buyer="quill_z", ship_name="Zoe Quillfeather")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}{PATH}"
    try:
        with Sandbox() as sandbox:
            monkeypatch.setenv("WHOLECELL_EBAY_BASE_URL", sandbox.base_url("ebay"))

            def do(action, **body):
                asked = {"channel": "ebay", "action": action, "url": url, **body}
                return requests.post(f"{sandbox.url}/_sandbox/do", json=asked, timeout=20).json()

            known_as = f"http://127.0.0.1:{server.server_port}"
            app.extensions["wholecell"] = replace(app.extensions["wholecell"], public_url=known_as)
            assert do("challenge", token=TOKEN)["is_right"]
            assert not do("challenge", token=TOKEN[::-1])["is_right"]
            for odd in ({"forged": True}, {"spoiled": True}, {"unsigned": True}):
                assert do("delete_account", username="quill_z", **odd)["status"] == 412
            assert notices() == []
            for attempt in (1, 2):
                done = do("delete_account", username="quill_z", notification="n7", attempt=attempt)
                assert done["status"] == 204
    finally:
        server.shutdown()
    assert erasure.erase_waiting(VAULT) == 1
    db.session.expire_all()
    assert (db.session.get(SalesOrder, order.id).ship_name, len(notices())) == ("", 1)
