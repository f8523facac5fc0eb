"""Wait for people who sign in on a channel's own pages

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

import wholecell.db


revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table(
        'channel_sign_in',
        sa.Column('id', BIG_ID, nullable=False),
        sa.Column('state_hash', sa.String(length=64), nullable=False),
        sa.Column('user_id', BIG_ID, nullable=False),
        sa.Column('kind', sa.String(length=30), nullable=False),
        sa.Column('integration_id', BIG_ID, nullable=True),
        sa.Column('name', sa.String(length=80), nullable=False),
        sa.Column('login', sa.Text(), nullable=False),
        sa.Column('expires_at', wholecell.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column('used_at', wholecell.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ['integration_id'],
            ['integration.id'],
            name=op.f('fk_channel_sign_in_integration_id_integration'),
            ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['user_id'], ['user.id'], name=op.f('fk_channel_sign_in_user_id_user'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_channel_sign_in')),
        sa.UniqueConstraint('state_hash', name=op.f('uq_channel_sign_in_state_hash')),
    )
    for column in ('user_id', 'integration_id', 'expires_at'):
        op.create_index(op.f(f'ix_channel_sign_in_{column}'), 'channel_sign_in', [column])


def downgrade() -> None:
    op.drop_table('channel_sign_in')
