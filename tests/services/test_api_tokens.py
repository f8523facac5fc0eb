"""What becomes of tokens when their surroundings change."""

from tests import factories as make
from wholecell.db import db
from wholecell.models import Integration
from wholecell.services import api_tokens, backup
from wholecell.services.events import SYSTEM


def test_a_token_does_not_outlive_its_integration_or_a_restored_backup(app):
    shop = make.make_integration()
    tied = api_tokens.create(SYSTEM, "Tied", ["orders:write"], shop.id)
    free = api_tokens.create(SYSTEM, "Free", ["orders:write"])
    assert api_tokens.find(tied).integration_id == shop.id
    db.session.delete(db.session.get(Integration, shop.id))
    db.session.commit()
    assert api_tokens.find(tied) is None  # it would see everything, were it no longer tied
    assert api_tokens.find(free).scopes == {"orders:write"}
    backup.settle([])
    assert api_tokens.find(free) is None
