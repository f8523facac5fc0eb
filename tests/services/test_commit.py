"""A scanned phone goes to the item that wants it, or the picker is told why not."""

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.order_moves import ME, Shop, kinds, lines, requests
from wholecell.db import db
from wholecell.models import Commitment, OrderItem, SalesOrder, SalesOrderStatus
from wholecell.services.commit import CommittedAlready, commit, commit_direct, commit_many
from wholecell.services.events import Actor
from wholecell.services.refusal import Refusal
from wholecell.services.release import release


def test_a_phone_goes_to_the_item_that_wants_it(app):
    shop = Shop()
    order = shop.order({"sku": "OTHER"}, {"sku": "SKU-A", "ordered": 2})
    phone = shop.phones[0]
    done = commit(order.id, phone.esn, ME)
    assert (done.order_item_id, done.item_id) == (make.order_items(order)[1].id, phone.id)
    assert not done.is_extra
    assert lines(order) == [(1, 0, False, False), (2, 1, False, False)]
    assert kinds("order", order) == ["committed"]
    assert kinds("item", phone) == ["committed"]
    assert requests() == {(shop.variation.id, order.id, "commitment")}


@pytest.mark.parametrize("scan", ["hex", "spaced", "lower"])
def test_a_phone_is_found_by_anything_that_stands_on_it(app, scan):
    shop = Shop(1)
    phone = shop.phones[0]
    esn = phone.esn
    code = {
        "hex": phone.hex_id,
        "spaced": f" {esn[:2]} {esn[2:8]} {esn[8:14]} {esn[14:]}",
        "lower": phone.hex_id.lower(),
    }
    assert commit(shop.order().id, code[scan], ME).item_id == phone.id


def test_an_item_with_a_chosen_variation_comes_first(app):
    shop = Shop()
    order = shop.order({"sku": "SKU-A"}, {"variation_id": shop.variation.id})
    assert commit(order.id, shop.phones[0].esn, ME).order_item_id == make.order_items(order)[1].id


def test_the_listing_an_item_was_sold_from_says_what_fits(app):
    shop = Shop()
    by_hand = make.make_variation()
    listing = make.make_listing(shop.integration, sku="NOT-IN-CATALOG", variations=[by_hand])
    order = shop.order({"sku": "NOT-IN-CATALOG", "listing_id": listing.id})
    assert not commit(order.id, make.make_item(by_hand).esn, ME).is_extra


def test_a_phone_no_item_wants_gets_a_line_below(app):
    shop = Shop()
    other = make.make_items(make.make_variation("SKU-B"), 2)
    order = shop.order()
    done = [commit(order.id, phone.esn, ME) for phone in other]
    assert done[0].is_extra
    assert "no item of order" in done[0].sentence
    assert done[0].order_item_id == done[1].order_item_id
    assert lines(order) == [(1, 0, False, False), (2, 2, True, False)]
    assert kinds("order", order) == ["committed below"] * 2
    assert shop.numbers() == (10, 1, 9), "the order still lacks its phone"


def test_a_full_item_takes_no_more_by_scanning(app):
    shop = Shop()
    order = shop.order()
    for phone in shop.phones[:2]:
        commit(order.id, phone.esn, ME)
    assert lines(order) == [(1, 1, False, False), (1, 1, True, False)]


def test_direct_commit_takes_any_phone_and_says_so(app):
    shop = Shop()
    order = shop.order({"sku": "UNKNOWN"})
    item = make.order_items(order)[0]
    done = [commit_direct(item.id, phone.esn, ME) for phone in shop.phones[:2]]
    assert [each.is_direct for each in done] == [True, True]
    assert lines(order) == [(1, 2, False, False)]
    assert db.session.get(Commitment, done[0].commitment_id).is_direct
    assert kinds("order", order) == ["committed directly"] * 2


def refused(work):
    with pytest.raises(Refusal) as refusal:
        work()
    return str(refusal.value)


def test_a_phone_committed_elsewhere_is_refused_with_order_and_person(app):
    shop = Shop()
    maria = Actor(user_id=make.make_user("maria@example.com", name="Maria").id)
    first, second = shop.order(), shop.order()
    commit(first.id, shop.phones[0].esn, maria)
    with pytest.raises(CommittedAlready) as refusal:
        commit(second.id, shop.phones[0].esn, ME)
    assert str(refusal.value) == (
        f"{shop.phones[0].esn} is committed to order {first.number} already, by Maria a moment ago."
    )
    assert refusal.value.held.order_id == first.id
    assert lines(second) == [(1, 0, False, False)]


def test_the_same_phone_again_is_on_this_order_already(app):
    shop = Shop()
    order = shop.order({"sku": "SKU-A", "ordered": 2})
    commit(order.id, shop.phones[0].esn, ME)
    assert "on this order already" in refused(lambda: commit(order.id, shop.phones[0].esn, ME))


def test_statuses_that_take_no_phones_refuse_them(app):
    shop = Shop()
    on_hold = shop.order(status="On hold")
    assert "“On hold”" in refused(lambda: commit(on_hold.id, shop.phones[0].esn, ME))
    final = shop.order(status=None, channel_status="lost", is_channel_status_final=True)
    assert "“lost”" in refused(lambda: commit(final.id, shop.phones[0].esn, ME))
    theirs = shop.order(is_fulfilled_by_channel=True)
    assert "its own warehouse" in refused(lambda: commit(theirs.id, shop.phones[0].esn, ME))
    assert "not here" in refused(lambda: commit(12345, shop.phones[0].esn, ME))


def test_orders_to_be_scanned_and_unmapped_ones_take_phones(app):
    shop = Shop()
    status = db.session.scalar(sa.select(SalesOrderStatus).where(SalesOrderStatus.title == "Shipped"))
    status.allows_commitment = False
    db.session.commit()
    held = shop.order(status="Shipped", is_to_be_scanned=True)
    unmapped = shop.order(status=None, channel_status="new word")
    for order, phone in zip((held, unmapped), shop.phones, strict=False):
        commit(order.id, phone.esn, ME)
        assert lines(order) == [(1, 1, False, False)]


def test_the_last_unit_scanned_lets_an_order_to_be_scanned_go(app):
    shop = Shop()
    order = shop.order({"sku": "SKU-A", "ordered": 2}, status="Shipped", is_to_be_scanned=True)
    held = []
    for phone in shop.phones[:2]:
        held.append(db.session.scalar(sa.select(SalesOrder.is_to_be_scanned).where(SalesOrder.id == order.id)))
        commit(order.id, phone.esn, ME)
    db.session.expire_all()
    assert [*held, order.is_to_be_scanned] == [True, True, False]
    assert shop.numbers() == (8, 0, 8)


def test_a_wrong_scan_taken_back_leaves_the_order_to_be_scanned(app):
    shop = Shop()
    order = shop.order(status="Shipped", is_to_be_scanned=True)
    done = commit(order.id, shop.phones[0].esn, ME)
    release(done.commitment_id, ME)
    db.session.expire_all()
    assert order.is_to_be_scanned
    assert shop.numbers() == (10, 1, 9), "what left stays outstanding until the right phone is scanned"
    commit(order.id, shop.phones[1].esn, ME)
    db.session.expire_all()
    assert (order.is_to_be_scanned, shop.numbers()) == (False, (9, 0, 9))


def test_a_phone_released_from_an_order_never_to_be_scanned_holds_nothing(app):
    shop = Shop()
    order = shop.order(status="Shipped")
    release(commit(order.id, shop.phones[0].esn, ME).commitment_id, ME)
    db.session.expire_all()
    assert (order.is_to_be_scanned, shop.numbers()) == (False, (10, 0, 10))


def test_an_item_set_aside_takes_nothing_and_asks_to_be_restored(app):
    shop = Shop()
    order = shop.order({"sku": "SKU-A", "is_set_aside": True})
    assert commit(order.id, shop.phones[0].esn, ME).is_extra
    item = make.order_items(order)[0]
    assert "restore it" in refused(lambda: commit_direct(item.id, shop.phones[1].esn, ME))


def test_a_pasted_list_commits_what_it_can(app):
    shop = Shop()
    order = shop.order({"sku": "SKU-A", "ordered": 3})
    codes = [shop.phones[0].esn, "ABC123", shop.phones[1].hex_id, shop.phones[0].hex_id]
    done = commit_many(order.id, codes, ME)
    assert [code for code, _ in done] == codes
    assert [isinstance(result, Refusal) for _, result in done] == [False, True, False, True]
    assert lines(order) == [(3, 2, False, False)]


def test_committing_takes_a_fixed_number_of_queries(app, count_queries):
    shop = Shop()
    small, large = shop.order(), shop.order(*({"sku": "SKU-A"} for _ in range(300)))
    codes, ids, counts = [phone.esn for phone in shop.phones], [small.id, large.id], []
    for order_id, code in zip(ids, codes, strict=False):
        with count_queries() as statements:
            commit(order_id, code, ME)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 16
    assert db.session.scalar(sa.select(sa.func.count()).select_from(OrderItem)) == 301
