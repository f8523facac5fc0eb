"""Know the channel's name for buyers, and what was erased

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

import wholecell.db


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, length in (('ship_service', 120), ('buyer', 200), ('email', 200)):
        op.add_column('sales_order', sa.Column(name, sa.String(length=length), server_default='', nullable=False))
    op.add_column('sales_order', sa.Column('erased_at', wholecell.db.UtcDateTime(timezone=True), nullable=True))
    op.create_index(
        'ix_sales_order_buyer',
        'sales_order',
        ['buyer'],
        sqlite_where=sa.text("buyer <> ''"),
        postgresql_where=sa.text("buyer <> ''"),
    )
    op.create_index(
        'ix_sales_order_erased',
        'sales_order',
        ['id'],
        sqlite_where=sa.text('erased_at IS NOT NULL'),
        postgresql_where=sa.text('erased_at IS NOT NULL'),
    )


def downgrade() -> None:
    op.drop_index('ix_sales_order_erased', table_name='sales_order')
    op.drop_index('ix_sales_order_buyer', table_name='sales_order')
    for name in ('erased_at', 'email', 'buyer', 'ship_service'):
        op.drop_column('sales_order', name)
