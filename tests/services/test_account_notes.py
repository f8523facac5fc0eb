"""What a check of the login says of the account is kept until the next check says otherwise."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.push_world import World
from wholecell.channels.contract import CredentialsError, TemporaryError
from wholecell.db import db, transaction, utcnow
from wholecell.models import Integration
from wholecell.services import logins
from wholecell.services.work import Kind

SAID = "Out-of-stock control is off."


@pytest.fixture
def world(app):
    return World()


def answers(world, said):
    """What the next checks say or raise; gives how often they were asked."""
    asked = []

    def check():
        asked.append(db.session().in_transaction())
        if isinstance(said, Exception):
            raise said
        return said

    world.channel.check = check
    return asked


def age(**ago):
    with transaction() as session:
        session.execute(sa.update(Integration).values(checked_at=utcnow() - timedelta(**ago)))


def kept():
    db.session.expire_all()
    return db.session.scalars(sa.select(Integration)).one()


def test_the_account_is_looked_at_once_a_day(world):
    asked = answers(world, (SAID,))
    age(hours=23)
    world.run(Kind.REPAIR)
    assert (asked, kept().account_notes) == ([], [])
    age(hours=25)
    for kind in (Kind.PUSH_QUANTITIES, Kind.REPAIR, Kind.REPAIR, Kind.IMPORT_LISTINGS):
        world.run(kind)
    assert (asked, kept().account_notes) == ([False], [SAID])
    answers(world, ())
    age(days=2)
    world.run(Kind.IMPORT_LISTINGS)
    assert kept().account_notes == []


def test_a_check_that_fails_holds_up_nothing_unless_the_login_is_refused(world):
    answers(world, (SAID,))
    age(days=2)
    world.run(Kind.REPAIR)
    age(days=2)
    asked = answers(world, TemporaryError("Busy."))
    assert world.run(Kind.REPAIR).state == "done"
    assert (len(asked), kept().account_notes, kept().login_refused_at) == (1, [SAID], None)
    answers(world, CredentialsError("No more."))
    assert world.run(Kind.REPAIR).state == "failed"
    assert kept().login_problem == "No more."


def test_what_is_said_has_its_bounds(world):
    with transaction() as session:
        logins.note(session, kept().id, ["x" * 9000] * 50)
    assert [len(each) for each in kept().account_notes] == [500] * 10
