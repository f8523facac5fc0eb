"""Keep what a check of the login said of the account

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

import wholecell.db


revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('integration', sa.Column('account_notes', sa.JSON(), server_default='[]', nullable=False))
    op.add_column('integration', sa.Column('checked_at', wholecell.db.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column('integration', 'checked_at')
    op.drop_column('integration', 'account_notes')
