"""Be told of shipments at once, and send orders only when what goes along changed

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('shipping_settings') as batch:
        batch.add_column(sa.Column('notice_digest', sa.String(length=64), nullable=True))
        batch.create_unique_constraint(batch.f('uq_shipping_settings_notice_digest'), ['notice_digest'])
    with op.batch_alter_table('handed_order') as batch:
        batch.add_column(sa.Column('digest', sa.String(length=64), nullable=False, server_default=''))
    with op.batch_alter_table('handed_order') as batch:
        batch.alter_column('digest', server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('handed_order') as batch:
        batch.drop_column('digest')
    with op.batch_alter_table('shipping_settings') as batch:
        batch.drop_constraint(batch.f('uq_shipping_settings_notice_digest'), type_='unique')
        batch.drop_column('notice_digest')
