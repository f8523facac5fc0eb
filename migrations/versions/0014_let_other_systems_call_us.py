"""Let other systems call us: tokens, and what they called

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
import wholecell.db
from alembic import op


revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('api_token',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('prefix', sa.String(length=12), nullable=False),
    sa.Column('scopes', sa.JSON(), nullable=False),
    sa.Column('integration_id', BIG_ID, nullable=True),
    sa.Column('created_at', wholecell.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', BIG_ID, nullable=True),
    sa.Column('expires_at', wholecell.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', wholecell.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('last_used_at', wholecell.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('last_address', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['created_by_id'], ['user.id'], name=op.f('fk_api_token_created_by_id_user')),
    sa.ForeignKeyConstraint(['integration_id'], ['integration.id'], name=op.f('fk_api_token_integration_id_integration'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_token')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_api_token_token_hash'))
    )
    op.create_index(op.f('ix_api_token_integration_id'), 'api_token', ['integration_id'], unique=False)
    op.create_table('api_call',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('token_id', BIG_ID, nullable=False),
    sa.Column('at', wholecell.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('method', sa.String(length=10), nullable=False),
    sa.Column('path', sa.String(length=200), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('address', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['token_id'], ['api_token.id'], name=op.f('fk_api_call_token_id_api_token'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_call'))
    )
    op.create_index(op.f('ix_api_call_token_id_id'), 'api_call', ['token_id', 'id'], unique=False)


def downgrade() -> None:
    op.drop_table('api_call')
    op.drop_table('api_token')
