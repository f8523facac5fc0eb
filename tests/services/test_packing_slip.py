import re

import pytest
from reportlab.graphics.barcode.code128 import Code128

from tests.factories import commit_phone, make_item, make_items, make_order, make_product, make_variation, order_items
from wholecell.services import packing_slip, settings
from wholecell.services.events import SYSTEM, transaction
from wholecell.services.refusal import Refusal


@pytest.fixture
def drawn(monkeypatch):
    """The texts and bar codes drawn, in order; everything stays on the sheet."""
    seen = []

    class Recorder(packing_slip.Canvas):
        def drawString(self, x, y, text, **more):
            assert x >= packing_slip.MARGIN and y > 0
            assert x + self.stringWidth(text, self._fontname, self._fontsize) <= packing_slip.RIGHT + 0.01
            seen.append(text)
            return super().drawString(x, y, text, **more)

        def drawRightString(self, x, y, text, **more):
            seen.append(text)
            return super().drawRightString(x, y, text, **more)

    class Bars(Code128):
        def drawOn(self, canvas, x, y):
            assert x >= packing_slip.MARGIN - 0.01 and x + self.width <= packing_slip.RIGHT + 0.01 and y > 0
            seen.append(("bars", self.value))
            return super().drawOn(canvas, x, y)

    monkeypatch.setattr(packing_slip, "Canvas", Recorder)
    monkeypatch.setattr(packing_slip, "Code128", Bars)
    return seen


def pages(pdf):
    return len(re.findall(rb"/Type /Page\b", pdf))


def test_a_slip_says_what_is_in_the_parcel_and_where_it_goes(session, drawn):
    with transaction() as own:
        settings.put(own, SYSTEM, settings.ORGANIZATION_NAME, "Northline Mobile")
    variation = make_variation("IP11-B", "B", ["CG"], make_product("iPhone 11"))
    order = make_order(
        items=[{"sku": "IP11-B", "ordered": 3, "cancelled": 1}, {"sku": "GONE", "cancelled": 1}],
        number="112-88",
        channel="Wholesale",
        ship_name="Renee Dalton",
        ship_street="4418 Juniper Bend Ct",
        ship_city="Columbus",
        ship_state="OH",
        ship_postal_code="43215",
        ship_country="US",
    )
    phone = make_item(variation)
    commit_phone(phone, order_items(order)[0])
    pdf = packing_slip.pdf([order.id])
    assert pdf.startswith(b"%PDF") and pages(pdf) == 1
    for text in ("Northline Mobile", "Renee Dalton", "4418 Juniper Bend Ct", "Columbus, OH 43215, US", "IP11-B"):
        assert text in drawn, text
    assert ("bars", "112-88") in drawn and ("bars", phone.esn) in drawn
    assert "iPhone 11 64GB Black B CG" in drawn and "× 2" in drawn and "1 more to be packed" in drawn
    assert "GONE" not in drawn


def test_many_orders_come_in_the_order_asked_for_on_pages_of_their_own(session, drawn):
    orders = [make_order(items=[{"title": "A phone"}], number=f"N-{number}") for number in range(3)]
    assert pages(packing_slip.pdf([orders[2].id, orders[0].id, orders[1].id])) == 3
    assert [each[1] for each in drawn if each[0] == "bars"] == ["N-2", "N-0", "N-1"]


def test_an_order_of_many_phones_goes_on_over_pages(session, drawn):
    order = make_order(items=[{"ordered": 60}], number="BIG-1")
    phones = make_items(make_variation(), 60)
    for phone in phones:
        commit_phone(phone, order_items(order)[0])
    assert pages(packing_slip.pdf([order.id])) >= 3
    assert {each.esn for each in phones} <= {each[1] for each in drawn if each[0] == "bars"}
    assert "Order BIG-1, continued" in drawn


@pytest.mark.parametrize(
    "text", ["<b>&amp; <para>", "手机 ✨ 😀", "x" * 400, "word " * 80, "tab\tand\nline", "مرحبا", "\x07\x1b"]
)
def test_odd_text_is_plain_text_that_wraps(session, drawn, text):
    order = make_order(
        items=[{"title": text, "sku": text[:120]}], number=text[:80], ship_name=text[:200], channel=text[:60]
    )
    assert packing_slip.pdf([order.id]).startswith(b"%PDF")


def test_a_markup_like_name_is_drawn_as_it_is_written(session, drawn):
    packing_slip.pdf([make_order(ship_name="<b>Bo & Co</b>", items=[{}]).id])
    assert "<b>Bo & Co</b>" in drawn


def test_an_order_without_items_or_address_says_so(session, drawn):
    packing_slip.pdf([make_order().id])
    assert "No address" in drawn and "Nothing is to be packed for this order." in drawn


def test_none_too_many_or_gone_are_refused(session):
    with pytest.raises(Refusal, match="Choose the orders"):
        packing_slip.pdf([])
    with pytest.raises(Refusal, match="Choose the orders"):
        packing_slip.pdf([999])
    with pytest.raises(Refusal, match="at most 500"):
        packing_slip.pdf(list(range(501)))


def test_many_slips_take_as_many_statements_as_one(session, count_queries):
    ids = [make_order(items=[{"sku": "A"}]).id for _ in range(20)]

    def statements(some):
        with count_queries() as seen:
            packing_slip.pdf(some)
        return len(seen)

    statements(ids)  # begins the transaction
    assert statements(ids) == statements(ids[:1])
