"""One phone's change until the quantities of its listings on all channels are computed and stored."""

from tests.bench.checks import COMMIT, all_right
from tests.bench.measure import over_one_commit, timed
from wholecell.db import db
from wholecell.services import inventory, offers
from wholecell.services.events import Actor
from wholecell.services.item_changes import current

GOALS = {"SQLite": 10, "PostgreSQL": 15}


def measure(target, size):
    statuses = target.raw.ids("inventory_status")
    phones = [
        key
        for (key,) in target.raw.rows(
            "SELECT i.id FROM inventory_item i WHERE i.variation_id <= :alone AND NOT EXISTS "
            "(SELECT 1 FROM commitment c WHERE c.item_id = i.id) ORDER BY i.id",
            alone=size.alone,
        )
    ]
    ours, commits, changed = [], [], 0
    for turn in range(size.changes):
        phone = phones[turn % len(phones)]
        edit, version = _other_status(target.raw, phone, statuses)

        def change(phone=phone, version=version, edit=edit):
            db.session.remove()
            inventory.edit(phone, version, edit, Actor())
            return offers.compute_requested()

        seconds, listings = timed(change)
        ours.append(seconds)
        changed += listings
        commits.append(timed(lambda phone=phone: target.raw.write(COMMIT, id=phone))[0])
    assert changed
    all_right(target.raw)
    note = f"{size.changes} changes, {changed / size.changes:.1f} numbers each, two commits"
    yield over_one_commit("one phone's change -> its listings", ours, commits, GOALS[target.name], note)


def _other_status(raw, phone, statuses):
    """An edit that puts it on sale, or takes it off."""
    row = current(db.session(), [phone])[phone]
    code = "Repair" if row["status_id"] == statuses["Available"] else "Available"
    found = raw.rows("SELECT variation_id FROM inventory_item WHERE id = :id", id=phone)
    ((grade,),) = raw.rows("SELECT grade_id FROM product_variation WHERE id = :id", id=found[0][0])
    edit = inventory.ItemEdit(
        statuses[code], row["warehouse_id"], row["location_id"], grade, frozenset(), row["cost_cents"]
    )
    return edit, row["version"]
