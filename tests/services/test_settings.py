import pytest
import sqlalchemy as sa

from tests.races import race
from wholecell.db import db, transaction
from wholecell.models import Event
from wholecell.services import settings
from wholecell.services.events import SYSTEM
from wholecell.services.refusal import Refusal

INTERVALS = {each.key: settings.DEFAULTS[each.key] for each in settings.INTERVALS}


def test_defaults_stand_until_somebody_sets_a_value(session):
    assert settings.get_all() == settings.DEFAULTS
    settings.save_account(SYSTEM, "  Northline   Mobile ", {**INTERVALS, "quantities_every_minutes": 5})
    assert settings.get(settings.ORGANIZATION_NAME) == "Northline Mobile"
    assert settings.get("quantities_every_minutes") == 5
    assert settings.get("readings_every_minutes") == settings.DEFAULTS["readings_every_minutes"]


def test_only_what_changed_is_on_the_timeline(session):
    settings.save_account(SYSTEM, "Northline", INTERVALS)
    settings.save_account(SYSTEM, "Northline", INTERVALS)
    lines = session.execute(sa.select(Event.subject, Event.kind, Event.old, Event.new)).all()
    assert lines == [("account", "setting organization_name", "", "Northline")]


@pytest.mark.parametrize(
    ("name", "changed", "says"),
    [
        ("x" * 81, {}, "longer than 80 characters"),
        ("", {"quantities_every_minutes": 0}, "Look at all quantities at least every: choose 1 to 60 minutes"),
        ("", {"readings_every_minutes": 2000}, "choose 15 to 1440 minutes"),
    ],
)
def test_values_out_of_range_are_refused_and_nothing_is_saved(session, name, changed, says):
    with pytest.raises(Refusal, match=says):
        settings.save_account(SYSTEM, name, {**INTERVALS, **changed})
    assert settings.get_all() == settings.DEFAULTS


def test_two_who_first_touch_a_setting_at_once_both_get_through(app):
    def work(index):
        with transaction() as session:
            settings.put(session, SYSTEM, settings.ORGANIZATION_NAME, f"Name {index}")

    assert race(work) == [None, None]
    assert settings.get(settings.ORGANIZATION_NAME) in {"Name 0", "Name 1"}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Event)) == 2
