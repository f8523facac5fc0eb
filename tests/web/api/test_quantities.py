"""Quantities that another system took over."""

import sqlalchemy as sa

from tests import factories as make
from tests.web.api.callers import caller
from wholecell.db import db
from wholecell.models import Listing, QuantityPush

PAGE = "/api/v1/quantities/taken"


def entry(*pairs):
    return {"quantities": [{"listing_id": key, "quantity": number} for key, number in pairs]}


def test_numbers_taken_over_are_last_synced_and_once_more_changes_nothing(app):
    shop, other = make.make_integration(is_by_hand=True), make.make_integration(name="Called")
    first, second = (make.make_listing(shop, is_number_unknown=True, sending=4, tries=2) for _ in range(2))
    theirs = make.make_listing(other)
    client = caller(app, "quantities:write", name="Web shop")
    answer = client.post(PAGE, json=entry((second.id, 0), (first.id, 3)))
    assert (answer.status_code, answer.json) == (200, {"taken": 2, "unchanged": 0})
    rows = db.session.execute(
        sa.select(Listing.last_synced, Listing.last_imported, Listing.sending, Listing.is_number_unknown, Listing.state)
        .where(Listing.integration_id == shop.id)
        .order_by(Listing.id)
    ).all()
    assert rows == [(3, 3, None, False, "active"), (0, 0, None, False, "out of stock")]
    sent = db.session.execute(sa.select(QuantityPush.new, QuantityPush.outcome, QuantityPush.answer)).all()
    assert (3, "accepted", "Taken over with the API token Web shop.") in sent
    assert client.post(PAGE, json=entry((first.id, 3), (second.id, 1))).json == {"taken": 1, "unchanged": 1}

    tied = caller(app, "quantities:write", integration=other, name="Tied")
    for who, pairs, status, field in (
        (client, [(first.id, 9), (999, 1)], 422, "quantities[1].listing_id"),
        (client, [(first.id, 9), (first.id, 8)], 422, "quantities[1].listing_id"),
        (client, [(first.id, 9), (theirs.id, 1)], 409, None),
        (tied, [(first.id, 9)], 422, "quantities[0].listing_id"),
        (client, [(first.id, -1)], 422, "quantities[0].quantity"),
        (client, [(first.id, 2**31)], 422, "quantities[0].quantity"),
        (client, [], 422, "quantities"),
    ):
        answer = who.post(PAGE, json=entry(*pairs))
        assert (answer.status_code, answer.json.get("field")) == (status, field), pairs
    assert db.session.get(Listing, first.id).last_synced == 3  # all, or none
