"""Find an integration's orders by the channel's word

Revision ID: 0004
Revises: 0003
"""

from alembic import op


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

NAME = 'ix_sales_order_integration_id_channel_status'


def upgrade() -> None:
    op.create_index(NAME, 'sales_order', ['integration_id', 'channel_status'])


def downgrade() -> None:
    op.drop_index(NAME, table_name='sales_order')
