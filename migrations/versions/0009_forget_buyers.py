"""Keep notices of buyers who are to be forgotten

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

from wholecell.db import UtcDateTime

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('erasure_notice',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=30), nullable=False),
    sa.Column('notice_id', sa.String(length=120), nullable=False),
    sa.Column('names', sa.JSON(), nullable=False),
    sa.Column('received_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('done_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('orders', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_erasure_notice')),
    sa.UniqueConstraint('kind', 'notice_id', name=op.f('uq_erasure_notice_kind_notice_id'))
    )
    op.create_index(
        'ix_erasure_notice_waiting',
        'erasure_notice',
        ['id'],
        sqlite_where=sa.text('done_at IS NULL'),
        postgresql_where=sa.text('done_at IS NULL'),
    )
    op.create_table('erased_buyer',
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('erased_at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_erased_buyer'))
    )


def downgrade() -> None:
    op.drop_table('erased_buyer')
    op.drop_index('ix_erasure_notice_waiting', table_name='erasure_notice')
    op.drop_table('erasure_notice')
