"""Know which listings are one on their channel

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op


revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, length in (('group_id', 120), ('group_title', 500)):
        op.add_column('listing', sa.Column(name, sa.String(length=length), server_default='', nullable=False))
    op.create_index(
        'ix_listing_group',
        'listing',
        ['integration_id', 'group_id'],
        sqlite_where=sa.text("group_id <> ''"),
        postgresql_where=sa.text("group_id <> ''"),
    )


def downgrade() -> None:
    op.drop_index('ix_listing_group', table_name='listing')
    op.drop_column('listing', 'group_title')
    op.drop_column('listing', 'group_id')
