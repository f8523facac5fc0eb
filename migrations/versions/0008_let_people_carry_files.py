"""Let people carry files to and from a channel without an API

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
import wholecell.db
from alembic import op


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

OPEN = sa.text('confirmed_at IS NULL AND replaced_at IS NULL')


def upgrade() -> None:
    for name in ('is_by_hand', 'needs_all_phones'):
        op.add_column('integration', sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))
    # Written out, because Alembic would make the table anew on SQLite for the sake of the foreign key.
    kind = 'INTEGER' if op.get_bind().dialect.name == 'sqlite' else 'BIGINT'
    op.execute(
        f'ALTER TABLE upload ADD COLUMN integration_id {kind} '
        'CONSTRAINT fk_upload_integration_id_integration REFERENCES integration (id)'
    )
    op.create_table('hand_export',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('integration_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('at', wholecell.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('user_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('confirmed_at', wholecell.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('confirmed_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('replaced_at', wholecell.db.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['confirmed_by_id'], ['user.id'], name=op.f('fk_hand_export_confirmed_by_id_user')),
    sa.ForeignKeyConstraint(['integration_id'], ['integration.id'], name=op.f('fk_hand_export_integration_id_integration')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_hand_export_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hand_export'))
    )
    op.create_index('ix_hand_export_integration_id_id', 'hand_export', ['integration_id', 'id'])
    op.create_index(
        'uq_hand_export_open', 'hand_export', ['integration_id', 'kind'], unique=True,
        sqlite_where=OPEN, postgresql_where=OPEN,
    )
    op.create_table('hand_export_row',
    sa.Column('export_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('position', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('listing_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('old', sa.Integer(), nullable=True),
    sa.Column('number', sa.Integer(), nullable=True),
    sa.Column('changed_at', wholecell.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('shipment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['export_id'], ['hand_export.id'], name=op.f('fk_hand_export_row_export_id_hand_export'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id'], name=op.f('fk_hand_export_row_listing_id_listing')),
    sa.ForeignKeyConstraint(['shipment_id'], ['shipment.id'], name=op.f('fk_hand_export_row_shipment_id_shipment')),
    sa.PrimaryKeyConstraint('export_id', 'position', name=op.f('pk_hand_export_row'))
    )


def downgrade() -> None:
    op.drop_table('hand_export_row')
    op.drop_table('hand_export')
    with op.batch_alter_table('upload') as batch:
        batch.drop_column('integration_id')
    for name in ('needs_all_phones', 'is_by_hand'):
        op.drop_column('integration', name)
