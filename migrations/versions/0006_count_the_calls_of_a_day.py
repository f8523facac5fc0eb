"""Count the calls of a day, for all logins of a kind together

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

from wholecell.db import UtcDateTime

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'budget_state',
        sa.Column('kind', sa.String(length=30), nullable=False),
        sa.Column('name', sa.String(length=60), nullable=False),
        sa.Column('ends_at', UtcDateTime(timezone=True), nullable=False),
        sa.Column('count', sa.Integer(), nullable=True),
        sa.Column('used', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('kind', 'name', name=op.f('pk_budget_state')),
    )


def downgrade() -> None:
    op.drop_table('budget_state')
