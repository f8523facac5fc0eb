from tests.factories import (
    make_integration,
    make_item,
    make_listing,
    make_order,
    make_product,
    make_user,
    make_variation,
)
from wholecell.db import transaction
from wholecell.services import activity, events
from wholecell.services.activity import ActivityFilter, find
from wholecell.services.events import CHANNEL, Actor
from wholecell.services.keyset import Cursor


def write(actor, subject, key, kind="status", old="a", new="b"):
    with transaction() as session:
        events.record(session, actor, subject, key, kind, old, new)


def lines(**wanted):
    return find(ActivityFilter(**wanted), Cursor()).rows


def test_each_subject_is_named(session):
    variation = make_variation(product=make_product("iPhone 11"))
    item, integration = make_item(variation), make_integration(name="BM EU")
    listing, order = make_listing(integration, title="A listing"), make_order(number="112-88")
    for subject, row in (
        ("item", item),
        ("variation", variation),
        ("listing", listing),
        ("order", order),
        ("integration", integration),
    ):
        write(CHANNEL, subject, row.id)
    write(CHANNEL, "item", 999)
    write(CHANNEL, "account", 0)
    labels = [(line.subject, line.label) for line in lines()]
    assert labels == [
        ("account", ""),
        ("item", ""),
        ("integration", "BM EU"),
        ("order", "112-88"),
        ("listing", "A listing"),
        ("variation", "iPhone 11 64GB Black Unlocked A"),
        ("item", item.esn),
    ]


def test_events_are_filtered_by_subject_person_source_and_batch(session):
    me = Actor(make_user(name="Maya").id, "scan")
    with transaction() as s:
        batch = events.open_batch(s, me, "Move 3 phones")
        events.record(s, me.within(batch), "item", 1, "moved")
    write(me, "variation", 1)
    write(CHANNEL, "listing", 1)
    assert [line.who for line in lines(user_id=me.user_id)] == ["Maya", "Maya"]
    assert [line.subject for line in lines(subject="variation")] == ["variation"]
    assert [line.subject for line in lines(source="channel")] == ["listing"]
    assert [(line.batch_id, line.batch) for line in lines(batch_id=batch.id)] == [(batch.id, "Move 3 phones")]
    assert activity.people() == [(me.user_id, "Maya")]


def test_a_timeline_is_about_one_thing_newest_first(session):
    write(CHANNEL, "item", 1, "received")
    write(CHANNEL, "item", 2)
    write(CHANNEL, "item", 1, "moved")
    assert [line.kind for line in activity.timeline("item", 1)] == ["moved", "received"]
    assert len(activity.timeline("item", 1, limit=1)) == 1


def test_fifty_lines_take_as_many_statements_as_ten(session, count_queries):
    variation = make_variation()

    def add(count):
        for _ in range(count):
            write(CHANNEL, "item", make_item(variation).id)
            write(CHANNEL, "variation", variation.id)

    def statements():
        with count_queries() as seen:
            lines()
        return len(seen)

    add(5)
    few = statements()
    add(20)
    assert statements() == few
