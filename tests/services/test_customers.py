import sqlalchemy as sa

from wholecell.db import db, transaction
from wholecell.models import Customer, SalesChannel
from wholecell.services import customers, sales_channels


def test_a_customer_is_found_again_whatever_the_case_and_blanks(app):
    with transaction() as session:
        first = customers.find_or_create(session, " Ann  Müller ")
        assert customers.find_or_create(session, "ann müller") == first
    assert db.session.scalars(sa.select(Customer.name)).all() == ["Ann Müller"]


def test_many_are_found_and_added_at_once_and_blank_ones_have_none(app, count_queries):
    with transaction() as session:
        ann = customers.find_or_create(session, "Ann")
        with count_queries() as statements:
            found = customers.find_or_create_many(session, ["ANN", "Bob", " ", *(f"C{i}" for i in range(100))])
    assert found["ann"] == ann
    assert len(found) == 102
    assert len(statements) <= 3


def test_a_name_of_400_characters_with_emoji_is_cut_and_found_again(app):
    name = "Zoë 👩‍🔧 " * 60
    with transaction() as session:
        first = customers.find_or_create(session, name)
        assert customers.find_or_create(session, name.upper()) == first
        assert len(session.get_one(Customer, first).name) <= 200


def test_a_sales_channel_is_made_once_letter_for_letter(app):
    with transaction() as session:
        first = sales_channels.ensure(session, "eBay")
        assert sales_channels.ensure(session, "eBay") == first
        assert sales_channels.ensure(session, "Ebay") != first
    assert set(db.session.scalars(sa.select(SalesChannel.name))) == {"eBay", "Ebay"}
