"""Why are orders not arriving: each cause by its line, and all lines fine when nothing is wrong."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.order_world import OrderWorld
from wholecell.channels.contract import CredentialsError, TemporaryError, UnreadableOrder
from wholecell.db import db, utcnow
from wholecell.models import SalesOrderStatus, StatusMapping, Work
from wholecell.services import why_orders
from wholecell.services.why import Fix
from wholecell.services.work import Kind


@pytest.fixture
def world(app):
    made = OrderWorld()
    made.channel.put_order("1")
    made.press()
    done = made.status_id("Completed")
    db.session.execute(sa.update(StatusMapping).where(StatusMapping.status_id.is_(None)).values(status_id=done))
    db.session.commit()
    return made


def wrong(world, now=None):
    db.session.expire_all()
    return {each.text: each for each in why_orders.checks(world.integration, now) if not each.is_fine}


def test_nothing_is_wrong_where_orders_arrive(world, count_queries):
    assert wrong(world) == {}
    with count_queries() as statements:
        why_orders.checks(world.integration)
    assert len(statements) <= 16


def test_import_switched_off(world):
    world.set(imports_orders=False)
    assert wrong(world)["Order import is off"].fix is Fix.SETTINGS


def test_a_refused_login_in_the_channels_words(world):
    world.channel.page_errors = [CredentialsError("The token is void.")]
    world.press()
    (check,) = [each for text, each in wrong(world).items() if "refused the login" in text]
    assert (check.fix, check.quote) == (Fix.LOGIN, "The token is void.")


def test_never_imported(app):
    assert "Orders were never imported" in wrong(OrderWorld())


def test_one_that_failed_and_waits_says_why_and_until_when(world):
    world.channel.page_errors = [TemporaryError("Busy.", retry_after=600)]
    world.press()
    found = wrong(world)
    assert found["The last import did not finish"].quote == "Busy."
    assert found["The import waits"].at > utcnow() + timedelta(minutes=9)


def test_a_program_that_looks_for_no_work(world):
    work = sa.update(Work).where(Work.kind == Kind.IMPORT_ORDERS)
    db.session.execute(work.values(last_started_at=utcnow() - timedelta(hours=2)))
    db.session.commit()
    assert "Nothing imports orders by itself" in wrong(world)


def test_unmapped_words_and_their_orders(world):
    world.channel.change_order("1", status="never seen")
    world.press()
    found = wrong(world)
    assert "never seen" in found["The status map has gaps"].detail
    assert any(text.startswith("1 open order has a word") for text in found)


def test_a_word_that_contradicts_the_flag_of_its_status(world):
    key = (world.integration_id, "shipped")
    db.session.get(StatusMapping, key).status_id = world.status_id("Packed")
    db.session.commit()
    assert "The map of “Shipped” contradicts Back Market" in wrong(world)


def test_a_status_of_what_is_over_that_counts_as_open(world):
    db.session.execute(
        sa.update(SalesOrderStatus).where(SalesOrderStatus.title == "Completed").values(counts_as_open=True)
    )
    db.session.commit()
    assert "Completed counts as open" in wrong(world)


def test_orders_that_could_not_be_stored(world):
    world.channel.unreadable = [UnreadableOrder("9", "It has no state.", "{}")]
    world.press()
    assert wrong(world)["1 order could not be stored"].fix is Fix.IMPORT_ERRORS
