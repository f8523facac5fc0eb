"""Let channels answer later, and keep what their connectors share

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
import wholecell.db
from alembic import op


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

ADDED = (
    ('integration', sa.Column('imports_channel_fulfilled', sa.Boolean(), server_default=sa.false(), nullable=False)),
    ('integration', sa.Column('adds_own_orders', sa.Boolean(), server_default=sa.false(), nullable=False)),
    ('integration', sa.Column('listings_read_at', wholecell.db.UtcDateTime(timezone=True), nullable=True)),
    ('listing', sa.Column('last_sellable', sa.Integer(), nullable=True)),
    ('sales_order', sa.Column('is_cancel_asked', sa.Boolean(), server_default=sa.false(), nullable=False)),
)


def upgrade() -> None:
    op.create_table('integration_note',
    sa.Column('integration_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('login_version', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('expires_at', wholecell.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('fetching_until', wholecell.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('written_at', wholecell.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['integration_id'], ['integration.id'], name=op.f('fk_integration_note_integration_id_integration'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('integration_id', 'name', 'login_version', name=op.f('pk_integration_note'))
    )
    for table, column in ADDED:
        op.add_column(table, column)


def downgrade() -> None:
    for table, column in reversed(ADDED):
        op.drop_column(table, column.name)
    op.drop_table('integration_note')
