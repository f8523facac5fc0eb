"""Errors in each shape that Walmart, its gateway and its older interfaces give them, and how long to wait."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.channels.walmart.payloads import errors
from wholecell.channels.http import Response, parse_json
from wholecell.channels.walmart.answers import Said, said, wait_of

ERROR = {"code": "INVALID_REQUEST", "description": "The SKU is wrong", "severity": "ERROR", "category": "DATA"}
XML = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<ns2:errors xmlns:ns2="http://walmart.com/"><ns2:error><ns2:code>INVALID_REQUEST</ns2:code>
<ns2:description>The SKU is wrong</ns2:description><ns2:severity>ERROR</ns2:severity></ns2:error></ns2:errors>"""


def answer(body, status=400):
    body = body if isinstance(body, str) else json.dumps(body)
    return Response(status, {}, body, parse_json(body))


@pytest.mark.parametrize(
    "body",
    [
        {"errors": [ERROR]},
        {"errors": {"error": [ERROR]}},
        {"errors": {"error": ERROR}},
        {"errors": ERROR},
        {"error": [ERROR]},
        {"error": ERROR},
        {"error": "INVALID_REQUEST", "error_description": "The SKU is wrong"},
        {"list": {"errors": [ERROR], "meta": {}, "elements": {}}},
        {"errors": [{"code": "INVALID_REQUEST", "message": "The SKU is wrong"}]},
        {"errors": [{"code": "INVALID_REQUEST", "info": "The SKU is wrong"}]},
        {"errors": [ERROR, ERROR]},
        XML,
        XML.replace("ns2:", "").replace(":ns2", ""),
    ],
)
def test_each_shape_of_an_error_is_read(body):
    told = said(answer(body))
    assert (told.code, told.words) == ("INVALID_REQUEST", "The SKU is wrong")
    assert told.is_error
    assert not told.is_theirs


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html><body><h1>Access denied</h1></body></html>",
        "<!DOCTYPE html><p>Back soon",
        "[]",
        "null",
        '"text"',
        "{}",
        '{"errors": null, "feedId": "x"}',
        '{"errors": []}',
        '{"errors": {}}',
        '{"errors": [{}]}',
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><errors><error><code>&a;</code></error></errors>',
        "<unfinished",
    ],
)
def test_what_tells_no_error(body):
    assert said(answer(body)) == Said()
    assert not said(answer(body)).is_error


def test_field_and_several_errors_are_told():
    told = said(answer({"errors": [ERROR | {"field": "sku"}, {"code": "B", "description": "Too long"}]}))
    assert told.words == "The SKU is wrong (sku) Too long"
    assert told.code == "INVALID_REQUEST, B"


@pytest.mark.parametrize(
    "fields",
    [
        {"category": "SYSTEM"},
        {"type": "SYSTEM_ERROR"},
        {"gatewayErrorCategory": "SYSTEM_ERROR"},
        {"code": "SYSTEM_ERROR.GMP_GATEWAY_API"},
    ],
)
def test_faults_of_walmarts_own_are_told_apart(fields):
    assert said(answer({"errors": [ERROR | fields]})).is_theirs


def test_unknown_words_are_no_hindrance():
    told = said(answer({"errors": [ERROR | {"severity": "PURPLE", "category": 7, "causes": [[]], "field": None}]}))
    assert told.words == "The SKU is wrong"
    assert not told.is_harmless


def test_hints_are_no_errors():
    assert not said(answer(errors("X", "By the way", severity="INFO"), 200)).is_error


def test_nothing_found_is_a_refusal_though_told_as_a_hint():
    assert said(answer(errors("CONTENT_NOT_FOUND.GMP_ORDER_API", severity="INFO"), 200)).is_error


def test_nothing_found_is_known_by_its_code():
    assert said(answer(errors("CONTENT_NOT_FOUND.GMP_ORDER_API", severity="INFO"), 404)).is_not_found
    assert not said(answer("Not found", 404)).is_not_found


def text_of(seconds, shape):
    at = datetime.now(UTC) + timedelta(seconds=seconds)
    return {
        "epoch seconds": str(int(at.timestamp())),
        "epoch milliseconds": str(int(at.timestamp() * 1000)),
        "iso": at.isoformat(),
        "iso with Z": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "iso without zone": at.replace(tzinfo=None).isoformat(),
        "seconds": str(seconds),
        "milliseconds": str(seconds * 1000),
    }[shape]


@pytest.mark.parametrize(
    "shape",
    [
        "epoch seconds",
        "epoch milliseconds",
        "iso",
        "iso with Z",
        "iso without zone",
        "seconds",
        "milliseconds",
    ],
)
def test_time_of_replenishment_in_each_form(shape):
    assert 37 < wait_of(429, {"x-next-replenishment-time": text_of(40, shape)}) <= 40


@pytest.mark.parametrize("value", ["", "soon", "-5", "0", "99999999999999999999", "2020-01-01T00:00:00Z"])
def test_time_of_replenishment_that_names_no_wait(value):
    assert wait_of(429, {"x-next-replenishment-time": value}) is None


def test_no_wait_is_longer_than_an_hour():
    assert wait_of(429, {"x-next-replenishment-time": text_of(90_000, "iso")}) == 3600


def test_retry_after_goes_before():
    headers = {"Retry-After": "7", "x-next-replenishment-time": text_of(40, "iso")}
    assert wait_of(429, headers) == wait_of(503, headers) == 7


def test_time_of_replenishment_means_nothing_after_a_fault():
    assert wait_of(500, {"x-next-replenishment-time": text_of(40, "iso")}) is None
