"""Orders as no channel should send them: each is stored whole, or shown as an error and tried again."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.order_world import VAULT, OrderWorld
from wholecell.channels.contract import RejectedError, RemoteAddress, TemporaryError, UnreadableOrder
from wholecell.db import db, utcnow
from wholecell.models import Customer, Event, OrderImportError
from wholecell.services import order_errors, order_saving

NAME = "Zoë 👩‍🔧" * 80


@pytest.fixture
def world(app):
    return OrderWorld()


def errors():
    db.session.expire_all()
    return list(db.session.scalars(sa.select(OrderImportError).order_by(OrderImportError.id)))


@pytest.mark.parametrize(
    ("lines", "fields"),
    [
        ((), {}),
        ([("1", "", 1)], {}),
        ([("1", "S0", 0)], {}),
        ([("1", "S0", -3)], {}),
        ([("1", "S0", 10**12)], {}),
        ([("1", "S" * 500, 1)], {}),
        ([("1", "S0", 1)], {"ship_to": RemoteAddress(name=NAME, company=NAME, country="USA", phone="1" * 200)}),
        ([("1", "S0", 1)], {"number": "N" * 300, "notes": ["x" * 9000], "status": "w" * 300}),
        ([("1", "S0", 1)], {"number": "NUL\x00 and half \ud800 a letter"}),
        ([("1", "S0", 1)], {"placed_at": None, "total_cents": None, "shipping_cents": None, "currency": ""}),
    ],
    ids=["no lines", "no sku", "zero", "negative", "huge", "long sku", "long name", "long words", "nul", "nothing"],
)
def test_odd_orders_are_stored(world, lines, fields):
    world.set(orders_changed_until=utcnow())  # changes are listed whatever their word
    world.channel.put_order("1", lines, **fields)
    run = world.press()
    assert run.state == "done"
    assert errors() == []
    assert len(world.items()) == len(lines)
    world.channel.change_order("1")
    assert world.press().counts["not stored"] == 0
    assert all(each.ordered >= 0 for each in world.items())


def test_a_name_of_400_characters_with_emoji_is_cut_once_and_found_again(world):
    for number in ("1", "2"):
        world.channel.put_order(number, ship_to=RemoteAddress(name=NAME))
    world.press()
    assert len(world.order("1").ship_name) <= 200
    assert world.order("1").customer_id == world.order("2").customer_id
    assert len(db.session.get(Customer, world.order("1").customer_id).name) <= 200


@pytest.mark.parametrize(("total", "says"), [(10000, False), (12345, True), (10500, False)])
def test_a_price_that_does_not_add_up_is_kept_and_said(world, total, says):
    world.channel.put_order("1", total_cents=total, shipping_cents=500)
    world.press()
    assert world.order().total_cents == total
    assert any("not the sum" in note for note in world.order().channel_notes) is says


class TestNotStored:
    @pytest.fixture
    def broken(self, world, monkeypatch):
        """Three orders of which the database refuses the second, until it is put right."""
        for number in ("1", "2", "3"):
            world.channel.put_order(number, ship_to=RemoteAddress(name="Secret Buyer"))
        new_order, is_broken = order_saving.new_order, [True]

        def refused(order, *rest, **more):
            plan = new_order(order, *rest, **more)
            if order.external_id == "2" and is_broken[0]:
                plan.values["placed_at"] = None
            return plan

        monkeypatch.setattr(order_saving, "new_order", refused)
        return is_broken

    def test_one_order_that_cannot_be_stored_keeps_none_of_the_others_out(self, world, broken):
        run = world.press()
        assert (run.state, run.counts["new"], run.counts["not stored"]) == ("done", 2, 1)
        assert (world.count(), world.order("2")) == (2, None)
        assert world.integration.orders_changed_until is not None, "the mark moves on"
        (error,) = errors()
        assert (error.external_id, error.tries) == ("2", 1)
        assert "cannot be stored" in error.reason
        assert "Secret" not in error.reason + error.payload
        assert json.loads(order_errors.payload_of(error, VAULT))["ship_to"]["name"] == "Secret Buyer"

    def test_it_is_asked_for_by_its_id_in_each_import_until_it_is_stored(self, world, broken):
        world.press()
        world.set(orders_changed_until=utcnow() + timedelta(hours=1))
        world.press()
        assert world.channel.read_ids == ["2"]
        assert errors()[0].tries == 2
        broken[0] = False
        world.press()
        assert errors() == []
        assert world.order("2") is not None

    def test_what_a_person_dismissed_is_left_alone_and_comes_back_when_told_again(self, world, broken):
        world.press()
        errors()[0].dismissed_at = utcnow()
        db.session.commit()
        world.set(orders_changed_until=utcnow() + timedelta(hours=1))
        world.press()
        assert world.channel.read_ids == []
        world.set(orders_changed_until=utcnow() - timedelta(hours=1))
        world.press()
        assert errors()[0].dismissed_at is None

    def test_one_that_is_gone_there_says_so(self, world, broken):
        world.press()
        del world.channel.orders_there["2"]
        world.press()
        assert errors()[0].reason == order_errors.GONE

    def test_what_was_sent_is_emptied_after_30_days_and_not_filled_again(self, world, broken):
        world.press()
        order_errors.forget_payloads(utcnow() + timedelta(days=29))
        assert errors()[0].payload
        errors()[0].first_at = utcnow() - timedelta(days=31)
        db.session.commit()
        order_errors.forget_payloads()
        assert errors()[0].payload == ""
        world.press()
        assert (errors()[0].payload, errors()[0].tries) == ("", 2)


@pytest.mark.parametrize("bad", ["8\x00", "8\ud800"], ids=["nul", "half a letter"])
class TestSignsNoDatabaseHolds:
    """They stand in the id or the reason of what is refused, and must not keep the rest of the page out."""

    def test_in_a_row_that_is_no_order(self, world, bad):
        world.channel.unreadable = [UnreadableOrder(bad, f"It has no state {bad}.", f'"{bad}"')]
        world.channel.put_order("1")
        run = world.press()
        assert (run.state, run.counts) == ("done", {"new": 1, "not stored": 1})
        assert errors()[0].external_id in ("8", "8?")

    def test_in_the_id_of_an_order(self, world, bad):
        world.channel.put_order("1")
        world.channel.put_order(bad)
        run = world.press()
        assert run.state == "done"
        assert world.order("1") is not None
        assert len(errors()) == 2 - world.count(), "the other one is stored or shown"


@pytest.mark.parametrize("year", [1, 1700, 9999])
def test_times_that_cannot_be_stand_for_none(world, year):
    odd = datetime(year, 1, 1, tzinfo=UTC)
    world.channel.put_order("1", placed_at=odd, ship_by=odd, changed_at=odd)
    world.channel.orders = lambda window: world.channel.orders_by_id(["1"])
    assert world.press().counts["new"] == 1
    order = world.order()
    assert (order.ship_by, order.channel_changed_at) == (None, None)
    assert order.placed_at == order.read_at, "every page can show it in local time"


def test_a_change_that_lies_ahead_makes_no_later_one_older_news(world):
    world.channel.put_order("1", changed_at=utcnow() + timedelta(days=400))
    world.press()
    world.channel.change_order("1", status="cancelled", is_final=True)
    world.press()
    assert world.order().channel_status == "cancelled"


def test_rows_that_are_no_orders_are_kept_and_not_asked_for_without_an_id(world):
    world.channel.unreadable = [
        UnreadableOrder("9", "It has no state.", '{"order_id": 9}'),
        UnreadableOrder("", "A row of the answer is no order.", "null"),
    ]
    assert world.press().counts["not stored"] == 2
    assert [(each.external_id[:6], each.reason) for each in errors()] == [
        ("9", "It has no state."),
        ("no id ", "A row of the answer is no order."),
    ]
    world.press()
    assert [each.tries for each in errors()] == [2, 2]
    world.channel.unreadable = []
    world.channel.put_order("9")
    world.press()
    assert world.channel.read_ids == []
    assert [each.external_id[:6] for each in errors()] == ["no id "]


class TestReadingById:
    @pytest.fixture
    def old(self, world):
        for number in ("1", "2", "3"):
            world.channel.put_order(number)
        world.press()
        world.advance(hours=2)
        world.set(orders_changed_until=utcnow() + timedelta(hours=1))
        return world

    def test_open_orders_of_which_nothing_was_heard_for_an_hour_are_read_again(self, old):
        old.change_order("2", status_id=old.status_id("Completed"))
        old.press()
        assert old.channel.read_ids == ["1", "3"]
        old.press()
        assert old.channel.read_ids == ["1", "3"]

    def test_one_that_the_channel_cannot_answer_keeps_no_other_from_being_read(self, old):
        def fail(external_id):
            if external_id == "1":
                raise TemporaryError("It has a fault of its own.")

        old.channel.before_call = fail
        run = old.press()
        assert (run.state, run.counts["not read again"]) == ("done", 1)
        assert {"2", "3"} <= set(old.channel.read_ids)
        assert old.integration.orders_imported_at is not None

    @pytest.mark.parametrize("error", [TemporaryError("Slow down.", retry_after=60), RejectedError("No.")])
    def test_the_mark_stays_where_the_pages_put_it_when_reading_again_fails(self, old, error):
        def fail(_external_id):
            raise error

        old.channel.before_call = fail
        began = utcnow()
        assert old.press().state == "failed"
        assert old.integration.orders_changed_until >= began


def test_the_timeline_holds_no_names_or_addresses(world):
    world.channel.put_order("1", ship_to=RemoteAddress(name="Ada Example", street="Main Street 1", phone="555"))
    world.press()
    world.channel.change_order("1", ship_to=RemoteAddress(name="Bob Example", street="Side Street 2", phone="777"))
    world.press()
    assert world.order().ship_name == "Bob Example"
    assert "channel address" in world.events()
    told = " ".join(f"{old} {new}" for old, new in db.session.execute(sa.select(Event.old, Event.new)))
    assert not any(word in told for word in ("Ada", "Bob", "Street", "555", "777"))
