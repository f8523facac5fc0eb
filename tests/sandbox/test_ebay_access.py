"""Signing in at the pretend eBay, who may call what, and how often."""

import re
from urllib.parse import parse_qs, parse_qsl, quote, urlsplit

import pytest
import requests

from tests.oas import needs_spec
from tests.sandbox.ebay_api import BASE_SCOPE, CERT_ID, CLIENT_ID, REFRESH_TOKEN, SINGLE, codes, refusal
from wholecell.sandbox import Shop
from wholecell.sandbox.ebay.account import RU_NAME

PRIVILEGE, USER, ORDERS = "/sell/account/v1/privilege", "/commerce/identity/v1/user/", "/sell/fulfillment/v1/order"
ASKED = {"client_id": CLIENT_ID, "redirect_uri": RU_NAME, "response_type": "code", "state": "s t/1"}
ASKED |= {"scope": " ".join([BASE_SCOPE, f"{BASE_SCOPE}/sell.fulfillment"])}
BY_CODE = {"grant_type": "authorization_code", "redirect_uri": RU_NAME, "refresh_token": None}


@needs_spec("ebay")
def test_every_call_is_checked_against_the_documents(ebay):
    """The other tests run without them too; with them, `ebay` fails those whose calls depart from them."""
    assert ebay.get(PRIVILEGE).status_code == ebay.get(USER).status_code == 200 and not ebay.complaints
    ebay("POST", "/sell/inventory/v1/bulk_get_inventory_item", json={"requests": [{"sku": 7}]})
    assert len(ebay.complaints) == 1
    ebay.complaints.clear()


def answer_page(api, answer="agree", **changes):
    """The page, read and answered as a browser does; the redirection's address."""
    page = requests.get(f"{api.base}/oauth2/authorize", params=ASKED | changes, timeout=5)
    assert page.status_code == 200 and "Agree" in page.text and "Decline" in page.text
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text)) | {"answer": answer}
    sent = requests.post(page.url, fields, timeout=5, allow_redirects=False)
    assert sent.status_code == 302
    return urlsplit(sent.headers["Location"])


def test_a_seller_agrees_on_the_page_and_comes_back_with_a_code(ebay):
    back = answer_page(ebay)
    assert f"{back.scheme}://{back.netloc}{back.path}" == "http://127.0.0.1:8000/integrations/signed-in/ebay"
    given = dict(parse_qsl(back.query))
    assert (given["state"], given["expires_in"]) == ("s t/1", "299")
    assert "%23" in back.query and "#" in given["code"]  # it must be decoded once
    answer = ebay.log_in(**BY_CODE, code=given["code"]).json()
    assert (answer["token_type"], answer["expires_in"]) == ("User Access Token", 7200)
    assert answer["refresh_token_expires_in"] == 47_304_000 and len(answer["access_token"]) > 1_900
    ebay.token = answer["access_token"]
    assert ebay.get(ORDERS).status_code == 200 and refusal(ebay.get(PRIVILEGE)) == 1100  # it was not agreed to
    assert ebay.log_in(refresh_token=answer["refresh_token"]).status_code == 200
    again = ebay.log_in(**BY_CODE, code=given["code"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_seller_may_decline(ebay):
    given = dict(parse_qsl(answer_page(ebay, "decline").query))
    assert given["error"] == "access_denied" and given["state"] == "s t/1" and "code" not in given
    ebay.set(accepted_url="https://shop.example/back?x=1", declined_url="https://shop.example/no")
    assert answer_page(ebay, "decline").path == "/no"
    assert parse_qs(answer_page(ebay).query)["x"] == ["1"]


def test_a_shop_knows_where_the_program_is():
    made = Shop(pages="https://phones.example")
    made.reset()
    assert made.account("ebay").pages == "https://phones.example"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"client_id": "<b>"}, "client_id"),
        ({"redirect_uri": "https://shop.example/back"}, "RuName"),
        ({"response_type": "token"}, "response_type"),
        ({"scope": ""}, "scope"),
        ({"scope": "https://api.ebay.com/oauth/api_scope/buy.order"}, "scope"),
    ],
)
def test_a_sign_in_that_makes_no_sense_gets_a_page_that_says_so(ebay, change, words):
    for method in ("GET", "POST"):
        fields = ASKED | change
        sent = {"params": fields} if method == "GET" else {"data": fields | {"answer": "agree"}}
        answer = requests.request(method, f"{ebay.base}/oauth2/authorize", timeout=5, **sent)
        assert answer.status_code == 400 and words in answer.text and "<b>" not in answer.text


def test_a_code_is_good_for_five_minutes_as_it_is_and_for_the_runame(ebay):
    def code():
        return dict(parse_qsl(answer_page(ebay).query))["code"]

    def error(**form):
        return ebay.log_in(**(BY_CODE | form)).json()["error"]

    assert error(code=quote(code(), safe="")) == "invalid_grant"  # encoded twice
    assert error(code=code(), redirect_uri="http://127.0.0.1/") == "invalid_grant"
    late = code()
    ebay.shop.clock.advance(299)
    assert error(code=late) == "invalid_grant"


@pytest.mark.parametrize(
    ("keys", "form", "status", "error"),
    [
        (("nobody", CERT_ID), {}, 401, "invalid_client"),
        ((CLIENT_ID, "wrong"), {}, 401, "invalid_client"),
        ((CLIENT_ID, CERT_ID), {"grant_type": "password"}, 400, "unsupported_grant_type"),
        ((CLIENT_ID, CERT_ID), {"refresh_token": "v^1.1#other"}, 400, "invalid_grant"),
        ((CLIENT_ID, CERT_ID), {"scope": "https://api.ebay.com/oauth/api_scope/buy.order"}, 400, "invalid_scope"),
        ((CLIENT_ID, CERT_ID), {"grant_type": "client_credentials", "scope": "sell"}, 400, "invalid_scope"),
    ],
)
def test_how_the_token_endpoint_refuses(ebay, keys, form, status, error):
    answer = ebay.log_in(keys, **form)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert set(answer.json()) == {"error", "error_description"}


def test_the_token_endpoint_takes_a_form_with_basic_authorization(ebay):
    url = f"{ebay.base}/identity/v1/oauth2/token"
    form = {"grant_type": "refresh_token", "refresh_token": REFRESH_TOKEN}
    assert requests.post(url, json=form, auth=(CLIENT_ID, CERT_ID), timeout=5).json()["error"] == "invalid_request"
    for value in ("Bearer x", "Basic ???", "Basic"):
        answer = requests.post(url, form, headers={"Authorization": value}, timeout=5)
        assert answer.json()["error"] == "invalid_client"


def test_renewing_gives_no_new_refresh_token_and_maybe_fewer_scopes(ebay):
    answer = ebay.log_in(scope=f"{BASE_SCOPE}/sell.account.readonly").json()
    assert set(answer) == {"access_token", "expires_in", "token_type"}
    ebay.token = answer["access_token"]
    assert ebay.get(PRIVILEGE).status_code == 200 and ebay.get(USER).status_code == 403


def test_a_token_ends_after_two_hours(ebay):
    ebay.use()
    ebay.shop.clock.advance(7_199)
    assert ebay.get(PRIVILEGE).status_code == 200
    ebay.shop.clock.advance(1)
    answer = ebay.get(PRIVILEGE)
    assert (answer.status_code, refusal(answer)) == (401, 1001)
    assert codes(ebay.selling()) == ["21917053"]
    ebay.use()
    assert codes(ebay.selling()) == []


@pytest.mark.parametrize(
    "end",
    [
        lambda ebay: ebay.control("token", channel="ebay", tokens=[]),
        lambda ebay: ebay.set(username="other_name"),
        lambda ebay: ebay.shop.clock.advance(47_304_000),
    ],
    ids=["revoked", "renamed", "too old"],
)
def test_a_refresh_token_may_end_and_so_does_what_it_opened(ebay, end):
    ebay.set(token_seconds=10**8)
    ebay.use()
    assert ebay.get(PRIVILEGE).status_code == 200
    end(ebay)
    assert ebay.log_in().json()["error"] == "invalid_grant"
    assert ebay.get(PRIVILEGE).status_code == 401 and codes(ebay.selling()) == ["21916984"]
    code = dict(parse_qsl(answer_page(ebay).query))["code"]
    assert ebay.log_in(**BY_CODE, code=code).status_code == 200  # a new sign-in cures it


def test_the_application_itself_may_ask_for_little(ebay):
    ebay.use(grant_type="client_credentials", scope=BASE_SCOPE)
    limits = ebay.get("/developer/analytics/v1_beta/rate_limit/", api_name="tradingapi").json()["rateLimits"]
    assert limits[0]["resources"][0]["rates"][0]["limit"] == 5_000
    assert ebay.get("/developer/analytics/v1_beta/rate_limit/", api_name="browse").status_code == 204
    assert ebay.get("/developer/analytics/v1_beta/user_rate_limit/").status_code == 403
    assert ebay.get(PRIVILEGE).status_code == 403 and codes(ebay.selling()) == ["21916984"]


def test_nobody_else_gets_in(ebay):
    for value in ("", "Bearer", "Bearer nonsense", f"Basic {ebay.use()}"):
        assert ebay("GET", PRIVILEGE, headers={"Authorization": value}).status_code == 401
    assert ebay.get("/sell/nothing").status_code == 404
    assert ebay("DELETE", PRIVILEGE).status_code == 405
    ebay.complaints.clear()  # the documents know neither


def test_who_the_seller_is(ebay):
    assert ebay.get(USER).json()["username"] == "sandbox_phones"
    ebay.set(registered=0)
    assert ebay.get(PRIVILEGE).json()["sellerRegistrationCompleted"] is False
    told = ebay.account.login
    assert all(part in told for part in (CLIENT_ID, CERT_ID, RU_NAME, "sandbox_phones"))


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"X-EBAY-API-IAF-TOKEN": None}, "931"),
        ({"X-EBAY-API-IAF-TOKEN": "other"}, "21916984"),
        ({"X-EBAY-API-SITEID": None}, "10012"),
        ({"X-EBAY-API-SITEID": "999"}, "10012"),
        ({"X-EBAY-API-COMPATIBILITY-LEVEL": None}, "10012"),
        ({"X-EBAY-API-CALL-NAME": None}, "2"),
        ({"X-EBAY-API-CALL-NAME": "AddItem"}, "2"),
        ({"X-EBAY-API-CALL-NAME": "GetItem"}, "5"),
    ],
)
def test_headers_of_trading_calls(ebay, headers, code):
    root = ebay.trade("GeteBayDetails", headers=headers)
    assert (root.findtext("Ack"), codes(root)) == ("Failure", [code])


@pytest.mark.parametrize(
    "document",
    [
        "",
        "<GeteBayDetailsRequest>",
        '<GeteBayDetailsRequest xmlns="urn:other"/>',
        "<GeteBayDetailsRequest/>",
        '<!DOCTYPE r [<!ENTITY a "aaaa">]><GeteBayDetailsRequest xmlns="urn:ebay:apis:eBLBaseComponents">&a;'
        "</GeteBayDetailsRequest>",
        '{"json": true}',
    ],
)
def test_xml_that_is_not_ebays(ebay, document):
    assert codes(ebay.trade("GeteBayDetails", document=document or " ")) == ["5"]


def test_a_message_id_comes_back(ebay):
    assert ebay.trade("GeteBayDetails", "<MessageID>m-1</MessageID>").findtext("CorrelationID") == "m-1"


def test_bursts_block_until_their_window_ends(ebay):
    ebay.control("limits", channel="ebay", GetMyeBaySelling=2)
    assert [codes(ebay.selling()) for _ in range(3)] == [[], [], ["21919144"]]
    assert codes(ebay.item(SINGLE)) == []
    ebay.shop.clock.advance(15)
    assert codes(ebay.selling()) == []


def test_a_day_of_calls_ends_at_midnight_in_california(ebay):
    ebay.control("limits", channel="ebay", trading=2, fulfillment=1)
    assert [codes(ebay.selling()) for _ in range(3)] == [[], [], ["518"]]
    assert [ebay.get(ORDERS).status_code for _ in range(2)] == [200, 429]
    (limit,) = ebay.get("/developer/analytics/v1_beta/user_rate_limit/", api_context="tradingapi").json()["rateLimits"]
    (rate,) = limit["resources"][0]["rates"]
    assert rate == {"limit": 2, "remaining": 0, "count": 2, "reset": "2026-03-02T08:00:00.000Z", "timeWindow": 86_400}
    ebay.shop.clock.advance(23 * 3_600)
    ebay.use()
    assert codes(ebay.selling()) == [] and ebay.get(ORDERS).status_code == 200


def test_faults_know_trading_calls_by_name(ebay):
    ebay.shop.faults.add("status", path="api.dll/GetItem$", status=500)
    assert codes(ebay.selling()) == []
    with pytest.raises(AssertionError):
        ebay.item(SINGLE)
    assert [call.path for call in ebay.shop.calls][-2:] == [
        "/ebay/ws/api.dll/GetMyeBaySelling",
        "/ebay/ws/api.dll/GetItem",
    ]
    for status, number in ((429, 2001), (500, 25001), (401, 1001)):
        ebay.shop.faults.add("status", path="/order$", status=status)
        answer = ebay.get(ORDERS)
        assert (answer.status_code, refusal(answer)) == (status, number)
    assert ebay.get(ORDERS).headers["rlogid"] != ebay.get(ORDERS).headers["rlogid"]
    ebay.shop.faults.add("broken_json", path="GetItem$")
    with pytest.raises(SyntaxError):
        ebay.item(SINGLE)
