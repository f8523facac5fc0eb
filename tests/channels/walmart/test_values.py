from datetime import UTC, datetime
from decimal import Decimal

import pytest

from wholecell.channels.walmart.values import block, cents, moment, rows, text, whole


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (5, 5),
        ("5", 5),
        ("5.0", 5),
        (Decimal("5.0"), 5),
        (0, 0),
        (" 3 ", 3),
        (-1, None),
        ("-1", None),
        (Decimal("1.5"), None),
        ("1e3", None),
        ("many", None),
        (True, None),
        (None, None),
        ({}, None),
        (2**31, None),
        ("٣", None),
    ],
)
def test_counts(value, number):
    assert whole(value) == number


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        (10, 1000),
        ("10", 1000),
        (Decimal("59.99"), 5999),
        ("59.99", 5999),
        (Decimal("0.005"), 1),
        ("-5.00", -500),
        (0, 0),
        ("free", None),
        (None, None),
        (True, None),
        ([], None),
        (10**12, None),
        ("NaN", None),
        ("Infinity", None),
    ],
)
def test_money_as_numbers_and_as_text(value, amount):
    assert cents(value) == amount


@pytest.mark.parametrize(
    "value",
    [
        1_580_821_866_000,
        "1580821866000",
        Decimal(1_580_821_866_000),
        1_580_821_866,
        "1580821866",
        "2020-02-04T13:11:06Z",
        "2020-02-04T13:11:06",
        "2020-02-04T14:11:06+01:00",
        "2020-02-04T13:11:06.000Z",
    ],
)
def test_times_as_milliseconds_and_as_text(value):
    assert moment(value) == datetime(2020, 2, 4, 13, 11, 6, tzinfo=UTC)


@pytest.mark.parametrize("value", [None, "", "soon", 0, -5, True, {}, 10**17, "9999-12-31T23:59:59-23:00"])
def test_what_is_no_time(value):
    assert moment(value) is None


def test_lists_are_found_however_they_are_wrapped():
    charge = {"chargeType": "PRODUCT"}
    for wrapped in ({"charge": [charge]}, {"charge": charge}, [charge], {"charge": [charge, None, "x"]}):
        assert rows({"charges": wrapped}, "charges", "charge") == [charge]
    for missing in ({}, {"charges": None}, {"charges": "x"}, {"charges": {"charge": None}}):
        assert rows(missing, "charges", "charge") == []


def test_blocks_that_are_missing_are_empty():
    assert block({"a": {"b": {"c": 1}}}, "a", "b") == {"c": 1}
    assert block({"a": {"b": None}}, "a", "b") == block({}, "a") == block(None, "a") == block([], "a") == {}


def test_texts():
    assert [text(value) for value in ("a  b", 5, None, True, {}, [])] == ["a b", "5", "", "", "", ""]
