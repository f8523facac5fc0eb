"""The Custom Store's XML: exports that the schema takes whatever orders hold, and ship notices of all kinds."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests import oas
from wholecell.channels.contract import CameLine, OutgoingLine, OutgoingOrder, RemoteAddress, Stage
from wholecell.channels.shipstation import checks, custom_values
from wholecell.channels.shipstation.export import orders_xml
from wholecell.channels.shipstation.notice import NoticeError, read

FOLDER = oas.specs_folder() / "shipstation/custom-store"
needs_specs = oas.needs_spec("shipstation/custom-store")
AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ADDRESS = RemoteAddress("Ada", "", "12 Row", "", "Albany", "New York", "12207", "US", "5")
LINE = OutgoingLine("7", "S0", "iPhone 11 64GB", 1, 19999, "A1", ["356938035643809"])


def order(**fields):
    values = {
        "order_id": 7,
        "reference": "0a1b2c3d-7",
        "number": "N7",
        "channel": "Backmarket",
        "stage": Stage.PAID,
        "placed_at": AT,
        "changed_at": AT,
        "ship_by": None,
        "service": "2 days",
        "currency": "USD",
        "total_cents": 19999,
        "shipping_cents": 0,
        "ship_to": ADDRESS,
        "bill_to": ADDRESS,
        "email": "ada@example.com",
        "customer": "ada@example.com",
        "lines": [LINE],
    }
    return OutgoingOrder(**{**values, **fields})


@cache
def schema():
    return etree.XMLSchema(etree.parse(FOLDER / "orders.xsd"))


def parsed(*orders, pages=1):
    document = orders_xml(orders, pages)
    root = etree.fromstring(document, etree.XMLParser(resolve_entities=False))
    if FOLDER.is_dir():
        schema().assertValid(root)
    assert checks.problems(document) == []
    return root


def texts(root, *paths):
    return [root.findtext(f"Order/{path}") for path in paths]


@needs_specs
def test_an_order_is_written_as_the_guide_says():
    root = parsed(order(), pages=3)
    assert root.get("pages") == "3"
    assert texts(root, "OrderID", "OrderNumber", "OrderStatus") == ["0a1b2c3d-7", "N7", "paid"]
    assert texts(root, "OrderDate", "LastModified") == ["03/04/2026 05:06"] * 2
    assert texts(root, "OrderTotal", "ShippingAmount") == ["199.99", "0.00"]
    assert texts(root, "CustomField1", "CustomField2", "CustomField3") == ["N7", "Backmarket", "356938035643809"]
    assert texts(root, "Source", "ShippingMethod") == ["Backmarket", "2 days"]
    ship_to = ("Name", "Address1", "City", "State", "PostalCode", "Country")
    told = texts(root, *(f"Customer/ShipTo/{each}" for each in ship_to))
    assert told == ["Ada", "12 Row", "Albany", "NY", "12207", "US"]
    item = [each.text for each in root.find("Order/Items/Item")]
    assert item == ["7", "S0", "iPhone 11 64GB", "1", "199.99", "A1"]


@needs_specs
def test_without_orders_there_is_still_a_root():
    root = parsed()
    assert (root.tag, root.get("pages"), len(root)) == ("Orders", "1", 0)


anything = st.text(st.characters(exclude_categories=()), max_size=250)
filled = anything.map(lambda text: f"x{text}")
amounts = st.integers(-(10**9), 10**9)
addresses = st.builds(
    RemoteAddress,
    **dict.fromkeys(("name", "street", "city", "postal_code"), filled),
    **dict.fromkeys(("company", "street2", "state", "phone"), anything),
    country=st.sampled_from(["US", "CA", "DE"]),
)
lines = st.builds(
    OutgoingLine,
    **dict.fromkeys(("sku", "location"), anything),
    line_id=st.from_regex(r"[1-9]\d{0,17}(-p[1-9]\d{0,17})?", fullmatch=True),
    name=filled,
    quantity=st.integers(1, 10**6),
    price_cents=amounts,
    esns=st.lists(st.just("356938035643809"), max_size=9),
)
orders = st.builds(
    order,
    **dict.fromkeys(("number", "customer"), filled),
    **dict.fromkeys(("channel", "service", "email"), anything),
    **dict.fromkeys(("total_cents", "shipping_cents"), amounts),
    stage=st.sampled_from(Stage),
    ship_to=addresses,
    bill_to=addresses | st.just(RemoteAddress(name="Pays")),
    lines=st.lists(lines, max_size=3),
)


@needs_specs
@settings(max_examples=15, deadline=None)
@given(st.lists(orders, max_size=3))
def test_whatever_orders_hold_the_schema_takes_it(some):
    root = parsed(*some)
    assert len(root) == len(some)
    for told, one in zip(root, some, strict=True):
        assert [each.findtext("LineItemID") for each in told.iterfind("Items/Item")] == [
            each.line_id for each in one.lines
        ]


@needs_specs
def test_markup_in_texts_stays_text():
    told = parsed(order(ship_to=replace(ADDRESS, name='<b>]]>&"x"\x00\x0b\ud800 A\r\nB')))
    assert texts(told, "Customer/ShipTo/Name") == ['<b>]]>&"x" A B']


@needs_specs
def test_our_own_check_sees_what_the_schema_refuses():
    sample = (FOLDER / "export_sample.xml").read_bytes()
    assert not schema().validate(etree.fromstring(sample))
    said = " ".join(checks.problems(sample))
    assert "CurrencyCode is not known in Order" in said and "UPC is not known in Item" in said
    good = orders_xml([order()], 1).decode()
    for old, new, words in (
        ("<City>Albany</City>", "", "ShipTo lacks City"),
        ("<OrderNumber>N7</OrderNumber>", f"<OrderNumber>{'9' * 51}</OrderNumber>", "longer than 50"),
        ("<OrderTotal>199.99", "<OrderTotal>199,99", "OrderTotal is written 199,99"),
        ("<Country>US", "<Country>USA", "Country is longer than 2"),
        ("<Items>", "<Items/><Items>", "more than once"),
    ):
        bad = good.replace(old, new)
        assert words in " ".join(checks.problems(bad.encode())), words
        assert not schema().validate(etree.fromstring(bad.encode()))
    assert checks.problems(b"") and checks.problems(b"<Order/>")


@needs_specs
def test_the_guides_notice_is_read():
    came = read((FOLDER / "shipnotice_sample.xml").read_bytes(), {"carrier": "ignored"})
    assert (came.number, came.reference, came.carrier, came.service) == ("ABC123", "", "USPS", "Priority Mail")
    assert (came.tracking_number, came.cost_cents) == ("1Z909084330298430820", 495)
    assert came.shipped_at == datetime(2011, 12, 8, 12, 56, tzinfo=UTC)
    assert came.lines == [CameLine("", "FD88821", 2)]


def test_the_address_says_what_the_body_does_not():
    query = {"order_number": "N7", "carrier": "UPS", "service": "Ground", "tracking_number": "1Z"}
    came = read(b"", query)
    assert (came.number, came.carrier, came.service, came.tracking_number) == ("N7", "UPS", "Ground", "1Z")
    assert came.shipped_at is None and not came.lines
    body = b"<ShipNotice><OrderID>a-1</OrderID><Carrier/><New><OrderNumber>no</OrderNumber></New></ShipNotice>"
    came = read(body, query)
    assert (came.reference, came.number, came.carrier) == ("a-1", "N7", "UPS")


BOMB = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><ShipNotice><OrderNumber>&b;</OrderNumber></ShipNotice>'
FILE = (
    b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><ShipNotice><OrderNumber>&b;</OrderNumber></ShipNotice>'
)


@pytest.mark.parametrize(
    "body", [BOMB, FILE, b"<", b"\xff\xfe", b"<Other/>", b"<ShipNotice/>", b'<?xml version="1.0" encoding="no"?><a/>']
)
def test_what_is_no_notice_is_refused(body):
    with pytest.raises(NoticeError):
        read(body, {})


def test_odd_lines_are_left_out():
    quantities = ("2", "0", "-1", "1.5", "two", "9" * 9, "", "٢")
    items = "".join(f"<Item><LineItemID>7</LineItemID><Quantity>{each}</Quantity></Item>" for each in quantities)
    body = f"<ShipNotice><OrderNumber>1</OrderNumber><Items>{items}</Items></ShipNotice>"
    assert read(body.encode(), {}).lines == [CameLine("7", "", 2)]


def test_times_and_money_are_read_as_shipstation_writes_them():
    for text in ("03/04/2026 05:06", "3/4/2026 5:06", "03/04/2026 05:06:00", "3/4/2026 5:06 AM"):
        assert custom_values.read_time(text) == AT.replace(second=0), text
    assert custom_values.read_time("2026-03-04") is None
    assert custom_values.shipped_at("3/4/2026", "") == AT.replace(hour=12, minute=0, second=0)
    assert custom_values.shipped_at("3/5/2026", "3/4/2026 5:06 AM").day == 5
    assert custom_values.shipped_at("", "") is None
    assert [custom_values.cents(each) for each in ("4.95", "$1,004.50", "", "x", "NaN", "1e99")] == [
        495,
        100450,
        None,
        None,
        None,
        None,
    ]
    assert custom_values.money(-5) == "-0.05"
    assert [custom_values.state_code(*each) for each in (("québec", "CA"), ("Bayern", "DE"), ("ny", "US"))] == [
        "QC",
        "Bayern",
        "ny",
    ]
    assert custom_values.joined(["1" * 15] * 9, 100).count(",") == 5
