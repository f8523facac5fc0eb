"""Say when orders are accepted: by hand, on import, or not from here

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('integration', sa.Column('accepting', sa.String(length=20), server_default='by hand', nullable=False))
    op.execute("UPDATE integration SET accepting = 'on import' WHERE accepts_automatically")
    op.drop_column('integration', 'accepts_automatically')


def downgrade() -> None:
    automatically = sa.Column('accepts_automatically', sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column('integration', automatically)
    op.execute("UPDATE integration SET accepts_automatically = true WHERE accepting = 'on import'")
    op.drop_column('integration', 'accepting')
