"""Let numbers that rise wait while those that fall leave

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

import wholecell.db


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('work', sa.Column('rises_not_before', wholecell.db.UtcDateTime(timezone=True), nullable=True))
    op.add_column('work', sa.Column('rises_reason', sa.Text(), server_default='', nullable=False))


def downgrade() -> None:
    op.drop_column('work', 'rises_reason')
    op.drop_column('work', 'rises_not_before')
