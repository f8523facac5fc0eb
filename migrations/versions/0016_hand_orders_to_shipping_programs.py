"""Hand orders to programs that ship them, and take their shipments

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
import wholecell.db
from alembic import op


revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('order_export',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('integration_id', BIG_ID, nullable=False),
    sa.Column('asked_from', wholecell.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('asked_until', wholecell.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('made_at', wholecell.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('orders', sa.Integer(), nullable=False),
    sa.Column('pages', sa.Integer(), nullable=False),
    sa.Column('fetched', sa.Integer(), nullable=False),
    sa.Column('finished_at', wholecell.db.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['integration_id'], ['integration.id'], name=op.f('fk_order_export_integration_id_integration'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_export'))
    )
    op.create_index('ix_order_export_integration_id_id', 'order_export', ['integration_id', 'id'], unique=False)
    op.create_table('shipping_settings',
    sa.Column('integration_id', BIG_ID, nullable=False),
    sa.Column('prefix', sa.String(length=12), nullable=False),
    sa.Column('channels', sa.JSON(), nullable=False),
    sa.Column('line_format', sa.String(length=20), nullable=False),
    sa.Column('address_source', sa.String(length=20), nullable=False),
    sa.Column('attributes', sa.JSON(), nullable=False),
    sa.Column('user_name', sa.String(length=40), nullable=True),
    sa.Column('secrets', sa.Text(), nullable=False),
    sa.Column('password_at', wholecell.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('called_at', wholecell.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('shipments_until', wholecell.db.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['integration_id'], ['integration.id'], name=op.f('fk_shipping_settings_integration_id_integration'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('integration_id', name=op.f('pk_shipping_settings')),
    sa.UniqueConstraint('user_name', name=op.f('uq_shipping_settings_user_name'))
    )
    op.create_table('handed_order',
    sa.Column('integration_id', BIG_ID, nullable=False),
    sa.Column('order_id', BIG_ID, nullable=False),
    sa.Column('handed_at', wholecell.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('event_id', BIG_ID, nullable=False),
    sa.Column('stage', sa.String(length=20), nullable=False),
    sa.Column('external_id', sa.String(length=120), nullable=False),
    sa.Column('problem', sa.Text(), nullable=False),
    sa.Column('advice', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['integration_id'], ['integration.id'], name=op.f('fk_handed_order_integration_id_integration'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['order_id'], ['sales_order.id'], name=op.f('fk_handed_order_order_id_sales_order')),
    sa.PrimaryKeyConstraint('integration_id', 'order_id', name=op.f('pk_handed_order'))
    )
    op.create_index('ix_handed_order_order_id', 'handed_order', ['order_id'], unique=False)
    op.create_index('ix_handed_order_refused', 'handed_order', ['integration_id'], unique=False, sqlite_where=sa.text("problem <> ''"), postgresql_where=sa.text("problem <> ''"))
    op.create_table('order_export_page',
    sa.Column('export_id', BIG_ID, nullable=False),
    sa.Column('page', sa.Integer(), nullable=False),
    sa.Column('order_ids', sa.JSON(), nullable=False),
    sa.Column('fetched_at', wholecell.db.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['export_id'], ['order_export.id'], name=op.f('fk_order_export_page_export_id_order_export'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('export_id', 'page', name=op.f('pk_order_export_page'))
    )
    op.create_table('shipment_notice',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('integration_id', BIG_ID, nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('number', sa.String(length=120), nullable=False),
    sa.Column('carrier', sa.String(length=60), nullable=False),
    sa.Column('tracking_number', sa.String(length=100), nullable=False),
    sa.Column('is_voided', sa.Boolean(), nullable=False),
    sa.Column('cost_cents', sa.Integer(), nullable=True),
    sa.Column('lines', sa.JSON(), nullable=False),
    sa.Column('first_at', wholecell.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('last_at', wholecell.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('times', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.String(length=20), nullable=False),
    sa.Column('problem', sa.Text(), nullable=False),
    sa.Column('order_id', BIG_ID, nullable=True),
    sa.Column('shipment_id', BIG_ID, nullable=True),
    sa.ForeignKeyConstraint(['integration_id'], ['integration.id'], name=op.f('fk_shipment_notice_integration_id_integration'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['order_id'], ['sales_order.id'], name=op.f('fk_shipment_notice_order_id_sales_order')),
    sa.ForeignKeyConstraint(['shipment_id'], ['shipment.id'], name=op.f('fk_shipment_notice_shipment_id_shipment')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shipment_notice')),
    sa.UniqueConstraint('integration_id', 'key', name=op.f('uq_shipment_notice_integration_id_key'))
    )
    op.create_index('ix_shipment_notice_integration_id_id', 'shipment_notice', ['integration_id', 'id'], unique=False)
    op.create_index('ix_shipment_notice_order_id', 'shipment_notice', ['order_id'], unique=False)
    op.create_index('ix_shipment_notice_shipment_id', 'shipment_notice', ['shipment_id'], unique=False)


def downgrade() -> None:
    op.drop_table('shipment_notice')
    op.drop_table('order_export_page')
    op.drop_table('handed_order')
    op.drop_table('shipping_settings')
    op.drop_table('order_export')
