"""Editing customers and making two one; who is likely the same."""

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.push_world import ME
from wholecell.db import db, transaction
from wholecell.models import Customer, Event, SalesOrder
from wholecell.services import customer_changes, customer_likeness, customers
from wholecell.services.refusal import Refusal


def customer(name, **fields):
    with transaction() as session:
        key = customers.find_or_create(session, name, fields.pop("is_channel", False))
        session.execute(sa.update(Customer).where(Customer.id == key).values(fields or {"email": ""}))
    return key


def one(key):
    db.session.expire_all()
    return db.session.get(Customer, key)


def test_an_edited_customer_is_found_by_the_new_name(app):
    key = customer("Jon Smith")
    customer_changes.change(key, " John  Smith ", "john@example.com", "+1 555  0100", ME)
    saved = one(key)
    assert (saved.name, saved.email, saved.phone) == ("John Smith", "john@example.com", "+1 555 0100")
    assert customer("john smith") == key


def test_timelines_hold_no_names_addresses_or_numbers(app):
    one_key, other = customer("Maya Ortiz", email="maya@example.com", phone="5550100"), customer("Ortiz Maya")
    make.make_order(items=[{"sku": "X"}], customer_id=other)
    customer_changes.change(one_key, "Maya B. Ortiz", "m@example.com", "5550101", ME)
    customer_changes.merge(other, one_key, ME)
    told = " ".join(f"{e.kind} {e.old} {e.new}" for e in db.session.scalars(sa.select(Event)))
    assert f"customer {other} customer {one_key}" in told
    for secret in ("Maya", "Ortiz", "example.com", "5550"):
        assert secret not in told


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (("", "", ""), "needs a name"),
        (("x" * 201, "", ""), "longer than 200"),
        (("maya ORTIZ", "", ""), "merge the two instead"),
        (("Jon", "not an address", ""), "no e-mail address"),
        (("Jon", "", "5" * 61), "up to 60"),
    ],
)
def test_edits_that_are_refused(app, values, words):
    customer("Maya Ortiz")
    key = customer("Jon")
    with pytest.raises(Refusal, match=words):
        customer_changes.change(key, *values, ME)
    assert one(key).name == "Jon"


def test_a_channels_customer_keeps_its_name(app):
    key = customer("Some Channel", is_channel=True)
    with pytest.raises(Refusal, match="stands for a whole channel"):
        customer_changes.change(key, "Other", "", "", ME)
    customer_changes.change(key, "Some CHANNEL", "care@example.com", "", ME)
    assert one(key).email == "care@example.com"


def test_a_merge_moves_orders_and_fills_in_what_is_missing(app):
    source, target = customer("Jon Smith", email="jon@example.com", phone="5550100"), customer("John Smith", phone="1")
    orders = [make.make_order(items=[{"sku": "X"}], customer_id=source).id for _ in range(3)]
    assert customer_changes.merge(source, target, ME) == 3
    assert one(source) is None
    saved = one(target)
    assert (saved.email, saved.phone) == ("jon@example.com", "1")
    assert {db.session.get(SalesOrder, key).customer_id for key in orders} == {target}
    event = db.session.scalars(sa.select(Event).where(Event.subject == "order").limit(1)).one()
    assert (event.kind, event.old_id, event.new_id) == ("customer", source, target)


def test_merges_that_are_refused(app):
    channel, person = customer("Some Channel", is_channel=True), customer("Jon")
    for source, target in ((person, person), (person, 999), (999, person), (channel, person)):
        with pytest.raises(Refusal):
            customer_changes.merge(source, target, ME)
    assert customer_changes.merge(person, channel, ME) == 0


def test_likely_pairs_say_why(app):
    customer("John Smith")
    customer("Smith, John")
    customer("Zoë Müller-Lang")
    customer("Zoe Mueller")
    customer("Anna Kowalska", email="Anna@example.com")
    customer("A. K.", email="anna@example.com")
    customer("Bob", phone="+49 151 2345678")
    customer("Robert Bobson", phone="0151 2345678")
    customer("Katherine Johnson")
    customer("Katharine Johnson")
    customer("Smith John Trading", is_channel=True)
    found = {frozenset({pair.one.name, pair.other.name}): pair.why for pair in customer_likeness.pairs()}
    assert found == {
        frozenset({"John Smith", "Smith, John"}): "same name",
        frozenset({"Anna Kowalska", "A. K."}): "same e-mail",
        frozenset({"Bob", "Robert Bobson"}): "same phone number",
        frozenset({"Katharine Johnson", "Katherine Johnson"}): "nearly the same name",
    }


def test_doubles_of_one_customer_come_likeliest_first(app):
    own = customer("John Smith", email="js@example.com")
    same = customer("Smith John")
    mail = customer("JS Phones", email="JS@example.com")
    near = customer("John Smithe")
    customer("Mary Jones")
    found = [pair.other.id for pair in customer_likeness.doubles_of(own)]
    assert found == [mail, same, near]
    assert customer_likeness.doubles_of(customer("Some Channel", is_channel=True)) == []
