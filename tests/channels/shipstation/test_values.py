"""Times, amounts and addresses of ShipStation, one by one."""

from datetime import UTC, datetime

import pytest

from wholecell.channels.shipstation import hooks, pacific, values


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "is_at"),
    [
        ("2026-07-01T10:30:00.1234567", utc(2026, 7, 1, 17, 30, 0, 123456)),
        ("2026-01-15T10:30:00", utc(2026, 1, 15, 18, 30)),
        ("2026-01-15", utc(2026, 1, 15, 8)),
        ("2026-07-01T10:30:00-04:00", utc(2026, 7, 1, 14, 30)),
        ("2026-03-08T02:30:00", utc(2026, 3, 8, 10, 30)),  # an hour that does not exist
        ("2026-11-01T01:30:00", utc(2026, 11, 1, 8, 30)),  # one that comes twice: the first
        ("0001-01-01T00:00:00", utc(1, 1, 1, 7, 52, 58)),
        ("9999-12-31T23:59:59", None),
        ("soon", None),
        (None, None),
        (20260701, None),
    ],
)
def test_times_are_those_of_los_angeles(said, is_at):
    assert pacific.moment(said) == is_at


def test_a_change_in_the_hour_that_comes_twice_is_not_compared():
    assert pacific.sure_moment("2026-11-01T01:30:00") is None
    assert pacific.sure_moment("2026-11-01T02:00:00") == utc(2026, 11, 1, 10)
    assert pacific.sure_moment("2026-07-01T10:30:00") == utc(2026, 7, 1, 17, 30)


@pytest.mark.parametrize(
    ("at", "asked"),
    [
        (utc(2026, 7, 1, 17, 30, 5, 900000), "2026-07-01 10:30:05"),
        (utc(2026, 1, 15, 18, 30), "2026-01-15 10:30:00"),
        (utc(2026, 3, 8, 10, 30), "2026-03-08 03:30:00"),
        # 1 to 2 o'clock comes twice: what was made in the second one at 1:10 is later than the first 1:50.
        (utc(2026, 11, 1, 8, 50), "2026-11-01 00:59:59"),
        (utc(2026, 11, 1, 9, 10), "2026-11-01 00:59:59"),
        (utc(2026, 11, 1, 10, 0), "2026-11-01 02:00:00"),
    ],
)
def test_a_query_begins_no_later_than_it_should(at, asked):
    assert pacific.since(at) == asked
    assert pacific.moment(asked.replace(" ", "T")) <= at


def test_a_time_is_sent_as_it_is_shown():
    assert pacific.stamp(utc(2026, 7, 1, 17, 30)) == "2026-07-01T10:30:00.0000000"


def test_odd_values_are_none():
    assert [values.number(each) for each in (5, "5", 0, -5, True, 2**60, "x", None, 5.0)] == [5, 5, *[None] * 7]
    assert [values.whole(each) for each in (0, 3, -1, True, 2**31, "3")] == [0, 3, None, None, None, None]
    assert [values.cents(each) for each in ("7.855", 3, -2, True, "NaN", "1e99", None)] == [786, 300, -200, *[None] * 4]
    assert [values.key(each, 5) for each in ("a-1", 7, "", "sixsix", "ä", None, True)] == ["a-1", "7", *[""] * 5]


@pytest.mark.parametrize(
    ("address", "is_theirs"),
    [
        ("https://ssapi6.shipstation.com/shipments?batchId=1&includeShipmentItems=False", True),
        ("https://ssapi.shipstation.com/fulfillments?batchId=1", True),
        ("https://SSAPI11.shipstation.com:443/shipments", True),
        ("http://ssapi.shipstation.com/shipments", False),
        ("https://ssapi.shipstation.com:8443/shipments", False),
        ("https://ssapi.shipstation.com@evil.example/shipments", False),
        ("https://ssapi.shipstation.com.evil.example/shipments", False),
        ("https://ssapix.shipstation.com/shipments", False),
        ("https://ssapi.shipstation.com/orders", False),
        ("https://ssapi.shipstation.com/shipments/../orders", False),
        ("https://169.254.169.254/shipments", False),
        ("https://[", False),
    ],
)
def test_a_hint_names_a_list_of_shipments_at_shipstation(address, is_theirs):
    assert hooks.is_theirs(address) == is_theirs


def test_a_body_that_is_no_hint_is_none():
    good = b'{"resource_url": "https://ssapi6.shipstation.com/shipments?batchId=1", "resource_type": "SHIP_NOTIFY"}'
    assert hooks.is_of_shipments(good)
    for body in (b"", b"[]", b"{", b'{"resource_url": 5}', b"[" * 100_000, b'{"resource_url": "x"}', b"\xff"):
        assert not hooks.is_of_shipments(body)
