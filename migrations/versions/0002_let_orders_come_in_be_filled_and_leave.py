"""Let orders come in, be filled and leave

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
import wholecell.db
from alembic import op

from wholecell.models import append_only


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('customer',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('name_key', sa.String(length=200), nullable=False),
    sa.Column('email', sa.String(length=200), nullable=False),
    sa.Column('phone', sa.String(length=60), nullable=False),
    sa.Column('is_channel', sa.Boolean(), nullable=False),
    sa.Column('created_at', wholecell.db.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer')),
    sa.UniqueConstraint('name_key', name=op.f('uq_customer_name_key'))
    )
    op.create_table('sales_channel',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sales_channel')),
    sa.UniqueConstraint('name', name=op.f('uq_sales_channel_name'))
    )
    op.create_table('order_import_error',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('integration_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('external_id', sa.String(length=120), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('payload', sa.Text(), nullable=False),
    sa.Column('first_at', wholecell.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('last_at', wholecell.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('dismissed_at', wholecell.db.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['integration_id'], ['integration.id'], name=op.f('fk_order_import_error_integration_id_integration'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_import_error')),
    sa.UniqueConstraint('integration_id', 'external_id', name=op.f('uq_order_import_error_integration_id_external_id'))
    )
    op.create_table('status_mapping',
    sa.Column('integration_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('word', sa.String(length=60), nullable=False),
    sa.Column('status_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['integration_id'], ['integration.id'], name=op.f('fk_status_mapping_integration_id_integration'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['status_id'], ['sales_order_status.id'], name=op.f('fk_status_mapping_status_id_sales_order_status')),
    sa.PrimaryKeyConstraint('integration_id', 'word', name=op.f('pk_status_mapping'))
    )
    with op.batch_alter_table('status_mapping', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_status_mapping_status_id'), ['status_id'], unique=False)

    op.create_table('order_note',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('order_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('user_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('at', wholecell.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['sales_order.id'], name=op.f('fk_order_note_order_id_sales_order'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_order_note_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_note'))
    )
    with op.batch_alter_table('order_note', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_order_note_order_id'), ['order_id'], unique=False)

    op.create_table('shipment',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('order_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('carrier', sa.String(length=60), nullable=False),
    sa.Column('service', sa.String(length=60), nullable=False),
    sa.Column('tracking_number', sa.String(length=100), nullable=False),
    sa.Column('tracking_url', sa.String(length=500), nullable=False),
    sa.Column('shipped_at', wholecell.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('created_at', wholecell.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('voided_at', wholecell.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('sent_at', wholecell.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('problem', sa.Text(), nullable=False),
    sa.Column('advice', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['created_by_id'], ['user.id'], name=op.f('fk_shipment_created_by_id_user')),
    sa.ForeignKeyConstraint(['order_id'], ['sales_order.id'], name=op.f('fk_shipment_order_id_sales_order')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shipment'))
    )
    with op.batch_alter_table('shipment', schema=None) as batch_op:
        batch_op.create_index('ix_shipment_order_id', ['order_id'], unique=False)
        batch_op.create_index('ix_shipment_tracking_number', ['tracking_number'], unique=False)
        batch_op.create_index('ix_shipment_unsent', ['order_id'], unique=False, sqlite_where=sa.text("state IN ('waiting', 'sending', 'refused')"), postgresql_where=sa.text("state IN ('waiting', 'sending', 'refused')"))

    op.create_table('offer_change_order',
    sa.Column('order_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('change_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['change_id'], ['offer_change.id'], name=op.f('fk_offer_change_order_change_id_offer_change')),
    sa.ForeignKeyConstraint(['order_id'], ['sales_order.id'], name=op.f('fk_offer_change_order_order_id_sales_order')),
    sa.PrimaryKeyConstraint('order_id', 'change_id', name=op.f('pk_offer_change_order'))
    )
    op.create_table('shipment_unit',
    sa.Column('shipment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('commitment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('esn_sent_at', wholecell.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('esn_problem', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['commitment_id'], ['commitment.id'], name=op.f('fk_shipment_unit_commitment_id_commitment')),
    sa.ForeignKeyConstraint(['shipment_id'], ['shipment.id'], name=op.f('fk_shipment_unit_shipment_id_shipment'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('shipment_id', 'commitment_id', name=op.f('pk_shipment_unit'))
    )
    with op.batch_alter_table('shipment_unit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_shipment_unit_commitment_id'), ['commitment_id'], unique=False)

    op.add_column('commitment', sa.Column('is_direct', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('commitment', sa.Column('released_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), sa.ForeignKey('user.id', name='fk_commitment_released_by_id_user'), nullable=True), inline_references=True)
    op.add_column('commitment', sa.Column('is_returned', sa.Boolean(), nullable=False, server_default=sa.false()))

    op.add_column('integration', sa.Column('order_minimum_at', wholecell.db.UtcDateTime(timezone=True), nullable=True))
    op.add_column('integration', sa.Column('order_customer', sa.String(length=20), nullable=False, server_default='shipping name'))
    op.add_column('integration', sa.Column('holds_for_scan', sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column('integration', sa.Column('accepts_automatically', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('integration', sa.Column('sends_shipments', sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column('integration', sa.Column('orders_changed_until', wholecell.db.UtcDateTime(timezone=True), nullable=True))
    op.add_column('integration', sa.Column('orders_placed_from', wholecell.db.UtcDateTime(timezone=True), nullable=True))

    op.add_column('order_item', sa.Column('title', sa.String(length=500), nullable=False, server_default=''))
    op.add_column('order_item', sa.Column('listing_ids', sa.JSON(), nullable=False, server_default='{}'))
    op.add_column('order_item', sa.Column('price_cents', sa.Integer(), nullable=True))
    op.add_column('order_item', sa.Column('shipped', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('order_item', sa.Column('channel_status', sa.String(length=60), nullable=False, server_default=''))
    op.add_column('order_item', sa.Column('channel_said', sa.JSON(), nullable=False, server_default='{}'))
    op.add_column('order_item', sa.Column('is_extra', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('order_item', sa.Column('cancel_wanted_at', wholecell.db.UtcDateTime(timezone=True), nullable=True))
    op.add_column('order_item', sa.Column('cancel_problem', sa.Text(), nullable=False, server_default=''))
    op.create_index('ix_order_item_to_cancel', 'order_item', ['id'], unique=False, sqlite_where=sa.text('cancel_wanted_at IS NOT NULL'), postgresql_where=sa.text('cancel_wanted_at IS NOT NULL'))

    op.add_column('recompute_request', sa.Column('order_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))

    op.add_column('sales_order', sa.Column('channel_changed_at', wholecell.db.UtcDateTime(timezone=True), nullable=True))
    op.add_column('sales_order', sa.Column('read_at', wholecell.db.UtcDateTime(timezone=True), nullable=True))
    op.add_column('sales_order', sa.Column('reopening_status', sa.String(length=60), nullable=False, server_default=''))
    op.add_column('sales_order', sa.Column('is_to_accept', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('sales_order', sa.Column('accept_wanted_at', wholecell.db.UtcDateTime(timezone=True), nullable=True))
    op.add_column('sales_order', sa.Column('accept_problem', sa.Text(), nullable=False, server_default=''))
    op.add_column('sales_order', sa.Column('created_at', wholecell.db.UtcDateTime(timezone=True), nullable=False, server_default='1970-01-01 00:00:00'))
    op.add_column('sales_order', sa.Column('ship_by', wholecell.db.UtcDateTime(timezone=True), nullable=True))
    op.add_column('sales_order', sa.Column('customer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), sa.ForeignKey('customer.id', name='fk_sales_order_customer_id_customer'), nullable=True), inline_references=True)
    op.add_column('sales_order', sa.Column('currency', sa.String(length=3), nullable=False, server_default=''))
    op.add_column('sales_order', sa.Column('total_cents', sa.Integer(), nullable=True))
    op.add_column('sales_order', sa.Column('shipping_cents', sa.Integer(), nullable=True))
    op.add_column('sales_order', sa.Column('ship_name', sa.String(length=200), nullable=False, server_default=''))
    op.add_column('sales_order', sa.Column('ship_company', sa.String(length=200), nullable=False, server_default=''))
    op.add_column('sales_order', sa.Column('ship_street', sa.String(length=200), nullable=False, server_default=''))
    op.add_column('sales_order', sa.Column('ship_street2', sa.String(length=200), nullable=False, server_default=''))
    op.add_column('sales_order', sa.Column('ship_city', sa.String(length=200), nullable=False, server_default=''))
    op.add_column('sales_order', sa.Column('ship_state', sa.String(length=200), nullable=False, server_default=''))
    op.add_column('sales_order', sa.Column('ship_postal_code', sa.String(length=60), nullable=False, server_default=''))
    op.add_column('sales_order', sa.Column('ship_country', sa.String(length=2), nullable=False, server_default=''))
    op.add_column('sales_order', sa.Column('ship_phone', sa.String(length=60), nullable=False, server_default=''))
    op.add_column('sales_order', sa.Column('channel_notes', sa.JSON(), nullable=False, server_default='[]'))
    op.add_column('sales_order', sa.Column('channel_said', sa.JSON(), nullable=False, server_default='{}'))
    op.drop_index(op.f('ix_sales_order_placed_at'), 'sales_order')
    op.drop_index(op.f('ix_sales_order_status_id'), 'sales_order')
    op.create_index(op.f('ix_sales_order_customer_id'), 'sales_order', ['customer_id'], unique=False)
    op.create_index('ix_sales_order_placed_at_id', 'sales_order', ['placed_at', 'id'], unique=False)
    op.create_index('ix_sales_order_ship_by_id', 'sales_order', ['ship_by', 'id'], unique=False)
    op.create_index('ix_sales_order_status_id_placed_at_id', 'sales_order', ['status_id', 'placed_at', 'id'], unique=False)
    op.create_index('ix_sales_order_to_accept', 'sales_order', ['id'], unique=False, sqlite_where=sa.text('is_to_accept = 1'), postgresql_where=sa.text('is_to_accept'))

    op.execute("UPDATE sales_order SET created_at = placed_at")
    for kind in ('import-orders', 'send-shipments'):
        op.execute(
            "INSERT INTO work (integration_id, kind, not_before_reason, failures) "
            f"SELECT id, '{kind}', '', 0 FROM integration"
        )
    for statement in append_only.statements('offer_change_order', op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DELETE FROM work WHERE kind IN ('import-orders', 'send-shipments')")
    with op.batch_alter_table('sales_order', schema=None) as batch_op:
        batch_op.drop_index('ix_sales_order_to_accept', sqlite_where=sa.text('is_to_accept = 1'), postgresql_where=sa.text('is_to_accept'))
        batch_op.drop_index('ix_sales_order_status_id_placed_at_id')
        batch_op.drop_index('ix_sales_order_ship_by_id')
        batch_op.drop_index('ix_sales_order_placed_at_id')
        batch_op.drop_index(batch_op.f('ix_sales_order_customer_id'))
        batch_op.create_index(batch_op.f('ix_sales_order_status_id'), ['status_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_sales_order_placed_at'), ['placed_at'], unique=False)
        batch_op.drop_column('channel_said')
        batch_op.drop_column('channel_notes')
        batch_op.drop_column('ship_phone')
        batch_op.drop_column('ship_country')
        batch_op.drop_column('ship_postal_code')
        batch_op.drop_column('ship_state')
        batch_op.drop_column('ship_city')
        batch_op.drop_column('ship_street2')
        batch_op.drop_column('ship_street')
        batch_op.drop_column('ship_company')
        batch_op.drop_column('ship_name')
        batch_op.drop_column('shipping_cents')
        batch_op.drop_column('total_cents')
        batch_op.drop_column('currency')
        batch_op.drop_column('customer_id')
        batch_op.drop_column('ship_by')
        batch_op.drop_column('created_at')
        batch_op.drop_column('accept_problem')
        batch_op.drop_column('accept_wanted_at')
        batch_op.drop_column('is_to_accept')
        batch_op.drop_column('reopening_status')
        batch_op.drop_column('read_at')
        batch_op.drop_column('channel_changed_at')

    with op.batch_alter_table('recompute_request', schema=None) as batch_op:
        batch_op.drop_column('order_id')

    with op.batch_alter_table('order_item', schema=None) as batch_op:
        batch_op.drop_index('ix_order_item_to_cancel', sqlite_where=sa.text('cancel_wanted_at IS NOT NULL'), postgresql_where=sa.text('cancel_wanted_at IS NOT NULL'))
        batch_op.drop_column('cancel_problem')
        batch_op.drop_column('cancel_wanted_at')
        batch_op.drop_column('is_extra')
        batch_op.drop_column('channel_said')
        batch_op.drop_column('channel_status')
        batch_op.drop_column('shipped')
        batch_op.drop_column('price_cents')
        batch_op.drop_column('listing_ids')
        batch_op.drop_column('title')

    with op.batch_alter_table('integration', schema=None) as batch_op:
        batch_op.drop_column('orders_placed_from')
        batch_op.drop_column('orders_changed_until')
        batch_op.drop_column('sends_shipments')
        batch_op.drop_column('accepts_automatically')
        batch_op.drop_column('holds_for_scan')
        batch_op.drop_column('order_customer')
        batch_op.drop_column('order_minimum_at')

    with op.batch_alter_table('commitment', schema=None) as batch_op:
        batch_op.drop_column('is_returned')
        batch_op.drop_column('released_by_id')
        batch_op.drop_column('is_direct')

    with op.batch_alter_table('shipment_unit', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_shipment_unit_commitment_id'))

    op.drop_table('shipment_unit')
    op.drop_table('offer_change_order')
    with op.batch_alter_table('shipment', schema=None) as batch_op:
        batch_op.drop_index('ix_shipment_unsent', sqlite_where=sa.text("state IN ('waiting', 'sending', 'refused')"), postgresql_where=sa.text("state IN ('waiting', 'sending', 'refused')"))
        batch_op.drop_index('ix_shipment_tracking_number')
        batch_op.drop_index('ix_shipment_order_id')

    op.drop_table('shipment')
    with op.batch_alter_table('order_note', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_order_note_order_id'))

    op.drop_table('order_note')
    with op.batch_alter_table('status_mapping', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_status_mapping_status_id'))

    op.drop_table('status_mapping')
    op.drop_table('order_import_error')
    op.drop_table('sales_channel')
    op.drop_table('customer')
