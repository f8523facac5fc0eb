"""Send orders to shipping programs, and know their stores

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
KINDS = ('send-orders', 'import-shipments')


def upgrade() -> None:
    with op.batch_alter_table('shipping_settings') as batch:
        batch.add_column(sa.Column('sends_orders', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column('sent_until', BIG_ID, nullable=False, server_default='0'))
        batch.add_column(sa.Column('stores', sa.JSON(), nullable=False, server_default='[]'))
        batch.add_column(sa.Column('import_stores', sa.JSON(), nullable=False, server_default='[]'))
        batch.add_column(sa.Column('store', sa.String(length=40), nullable=False, server_default=''))
    with op.batch_alter_table('shipping_settings') as batch:
        for name in ('sends_orders', 'sent_until', 'stores', 'import_stores', 'store'):
            batch.alter_column(name, server_default=None)
    op.create_index('ix_handed_order_integration_id_external_id', 'handed_order', ['integration_id', 'external_id'])
    for kind in KINDS:
        op.execute(
            f"INSERT INTO work (integration_id, kind, not_before_reason, rises_reason, failures) "
            f"SELECT id, '{kind}', '', '', 0 FROM integration"
        )


def downgrade() -> None:
    op.execute("DELETE FROM work WHERE kind IN ('send-orders', 'import-shipments')")
    op.drop_index('ix_handed_order_integration_id_external_id', table_name='handed_order')
    with op.batch_alter_table('shipping_settings') as batch:
        for name in ('store', 'import_stores', 'stores', 'sent_until', 'sends_orders'):
            batch.drop_column(name)
