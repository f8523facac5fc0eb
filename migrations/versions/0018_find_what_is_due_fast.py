"""Keep apart the few listings whose number is not settled

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op


revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

UNSETTLED = (
    "(last_synced IS NULL AND last_offered IS NOT NULL) OR last_offered <> last_synced"
    " OR last_imported <> last_offered OR is_number_unknown"
    " OR sending IS NOT NULL OR receipt <> '' OR is_less_confirmed"
    " OR order_seen_at > answered_at OR (order_seen_at IS NOT NULL AND answered_at IS NULL)"
)


def upgrade() -> None:
    op.create_index('ix_listing_unsettled', 'listing', ['integration_id', 'state'], unique=False, sqlite_where=sa.text(UNSETTLED), postgresql_where=sa.text(UNSETTLED))


def downgrade() -> None:
    op.drop_index('ix_listing_unsettled', table_name='listing', sqlite_where=sa.text(UNSETTLED), postgresql_where=sa.text(UNSETTLED))
