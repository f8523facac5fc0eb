"""Keep the keys of the seller's own apps

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

import wholecell.db


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'marketplace_app',
        sa.Column('kind', sa.String(length=30), nullable=False),
        sa.Column('fields', sa.JSON(), nullable=False),
        sa.Column('secrets', sa.Text(), nullable=False),
        sa.Column('changed_at', wholecell.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('kind', name=op.f('pk_marketplace_app')),
    )


def downgrade() -> None:
    op.drop_table('marketplace_app')
