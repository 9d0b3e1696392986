"""outside names

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('outside_names',
    sa.Column('user_id', sa.String(length=36), nullable=False),
    sa.Column('face', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('conversation_id', sa.String(length=36), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_outside_names_conversation_id_conversations'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_outside_names_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', 'face', 'name', name=op.f('pk_outside_names'))
    )
    with op.batch_alter_table('outside_names', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_outside_names_conversation_id'), ['conversation_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('outside_names', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_outside_names_conversation_id'))

    op.drop_table('outside_names')
