"""What a scan on the Fulfil page means, and what it does."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.fulfil_world import shelf, waiting_order
from wholecell.db import db, utcnow
from wholecell.models import Commitment
from wholecell.services import fulfil_scan
from wholecell.services.events import Actor
from wholecell.services.fulfil_scan import Outcome
from wholecell.services.refusal import Refusal


@pytest.fixture
def phone(app):
    return make.make_variation("S1", product=make.make_product("iPhone 11"))


@pytest.fixture
def me(app):
    return Actor(make.make_user("tom@example.com", "picker", name="Tom").id, "scan")


@pytest.fixture
def maria(app):
    return Actor(make.make_user("maria@example.com", "picker", name="Maria").id, "scan")


def scan(code, order, me, **more):
    db.session.commit()
    return fulfil_scan.scan(code, order and order.id, me, **more)


def committed():
    db.session.commit()
    query = sa.select(Commitment.item_id, Commitment.order_item_id).where(Commitment.released_at.is_(None))
    return db.session.execute(query.order_by(Commitment.id)).all()


def test_an_order_number_opens_the_order(phone, me):
    order = waiting_order(phone, phone, number="AB-1")
    found = scan("ab-1", None, me)
    assert (found.outcome, found.order_id) == (Outcome.ORDER, order.id)
    assert found.sentence == "Order AB-1: 2 phones to scan."
    empty = waiting_order(number="AB-2")
    assert scan("AB-2", order, me).sentence == "Order AB-2 has all its phones."
    assert scan("AB-2", order, me).order_id == empty.id
    assert committed() == []


def test_a_phone_goes_to_the_item_that_wants_it(phone, me):
    other = make.make_variation("S2")
    order = waiting_order(other, phone)
    item = make.make_item(phone)
    found = scan(item.hex_id, order, me)
    assert found.outcome is Outcome.COMMITTED and item.esn in found.sentence
    assert committed() == [(item.id, make.order_items(order)[1].id)]


def test_a_phones_number_is_a_phone_even_when_an_order_is_called_that(phone, me):
    item, order = make.make_item(phone, hex_id="ABC123"), waiting_order(phone)
    waiting_order(phone, number="ABC123")
    assert scan("ABC123", order, me).outcome is Outcome.COMMITTED
    assert committed()[0].item_id == item.id


def test_a_wrong_phone_goes_below_and_says_so(phone, me):
    order = waiting_order(phone)
    wrong = make.make_item(make.make_variation("S2"))
    found = scan(wrong.esn, order, me)
    assert found.outcome is Outcome.BELOW and "on a line of its own" in found.sentence
    assert found.commitment_id


def test_direct_takes_any_phone(phone, me):
    order = waiting_order(phone)
    wrong = make.make_item(make.make_variation("S2"))
    item = make.order_items(order)[0]
    found = scan(wrong.esn, order, me, direct=item.id)
    assert found.outcome is Outcome.COMMITTED
    assert committed() == [(wrong.id, item.id)]


def test_without_an_order_a_phone_goes_to_the_one_due_first(phone, me):
    waiting_order(phone, hours=8)
    first = waiting_order(phone, hours=2)
    item = make.make_item(phone)
    assert scan(item.esn, None, me).order_id == first.id
    assert committed() == [(item.id, make.order_items(first)[0].id)]


def test_without_an_order_a_phone_that_nobody_wants_is_refused(phone, me):
    item = make.make_item(make.make_variation("S9"))
    with pytest.raises(Refusal, match=f"No order waits for {item.esn}: scan an order number first"):
        scan(item.esn, None, me)
    with pytest.raises(Refusal, match="No order on Shop waits"):
        scan(item.esn, None, me, channel="Shop")
    waiting_order(phone)
    taken = make.make_item(phone)
    scan(taken.esn, None, me)
    with pytest.raises(Refusal, match="committed to order .* already, by Tom"):
        scan(taken.esn, None, me)
    assert len(committed()) == 1


def test_the_same_code_at_once_is_no_mistake(phone, me, maria):
    order, item = waiting_order(phone), make.make_item(phone)
    scan(item.esn, order, me)
    assert scan(item.esn, order, me).outcome is Outcome.SAME
    with pytest.raises(Refusal, match="already, by Tom"):
        scan(item.esn, order, maria)
    db.session.execute(sa.update(Commitment).values(committed_at=utcnow() - timedelta(seconds=3)))
    with pytest.raises(Refusal, match="is on this order already"):
        scan(item.esn, order, me)
    assert len(committed()) == 1


def test_two_pickers_on_one_item_the_slower_one_is_told_who_was_faster(phone, me, maria):
    order = waiting_order(phone)
    first, second = make.make_items(phone, 2)
    scan(first.esn, order, maria)
    found = scan(second.esn, order, me)
    assert found.outcome is Outcome.BELOW
    assert found.sentence.endswith("Maria gave it the last one a moment ago.")


def test_nobody_is_named_who_was_long_ago_or_oneself(phone, me, maria):
    order = waiting_order(phone)
    first, second, third = make.make_items(phone, 3)
    scan(first.esn, order, me)
    assert "last one" not in scan(second.esn, order, me).sentence
    values = {"committed_at": utcnow() - timedelta(hours=1), "committed_by_id": maria.user_id}
    db.session.execute(sa.update(Commitment).values(values))
    assert "last one" not in scan(third.esn, order, me).sentence


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("", "Nothing was scanned"),
        ("A1", "a location, not a phone"),
        ("4006381333931", "barcode of a product"),
        ("353985102048176", "not a valid IMEI"),
        ("NOTHERE99", "not in stock"),
    ],
)
def test_what_is_no_phone_is_explained(phone, me, code, says):
    shelf("A1")
    with pytest.raises(Refusal, match=says):
        scan(code, waiting_order(phone), me)


def test_a_status_that_takes_no_phones_refuses(phone, me):
    order = make.make_order("Completed", [{"variation_id": phone.id}], number="AB-3")
    assert scan("AB-3", None, me).outcome is Outcome.ORDER
    with pytest.raises(Refusal, match=r"“Completed”.*takes no phones"):
        scan(make.make_item(phone).esn, order, me)


def test_the_number_of_a_shipping_label_is_one_once_all_phones_are_on(phone, me):
    order, label = waiting_order(phone), "1Z 999AA1 0123456784"
    with pytest.raises(Refusal, match="not in stock|no IMEI"):
        scan(label, order, me)
    scan(make.make_item(phone).esn, order, me)
    found = scan(label, order, me)
    assert (found.outcome, found.tracking) == (Outcome.LABEL, "1Z999AA10123456784")
    assert found.sentence.startswith("That is a number of UPS")
    with pytest.raises(Refusal):
        scan(label, None, me)
