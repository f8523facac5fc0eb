"""An integration whose files people carry, for tests of them."""

from tests import factories as make
from wholecell.channels import discover
from wholecell.db import db, transaction
from wholecell.services import offers, uploads, work
from wholecell.services.events import Actor

KIND = next(kind for kind, channel in discover().items() if channel.sheet_words is not None)
ME = Actor(source="upload")


def make_by_hand(**fields):
    """One that is armed."""
    row = make.make_integration(KIND, is_by_hand=True, **{"name": "By files", "armed": True, **fields})
    with transaction() as session:
        work.ensure_rows(session, row.id)
    return row.id


def upload(integration_id, kind, text, *, applied=True, **options):
    """Read a file and apply it; the upload."""
    found = uploads.create(ME, kind, f"{kind}.csv", text.encode(), options, integration_id)
    if applied:
        uploads.apply(ME, found.id)
        offers.compute_all()
    db.session.expire_all()
    return uploads.find(found.id)
