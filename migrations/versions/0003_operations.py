"""operations

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

# Autogenerate writes `JSONB(astext_type=Text())` without importing the name.
from sqlalchemy import Text  # noqa: F401
from sqlalchemy.dialects import postgresql

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('operations',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('act', sa.String(length=16), nullable=False),
    sa.Column('provider_id', sa.String(length=36), nullable=False),
    sa.Column('provider', sa.String(length=100), nullable=False),
    sa.Column('subject', sa.String(length=64), nullable=False),
    sa.Column('subject_text', sa.Text(), nullable=False),
    sa.Column('model', sa.Text(), nullable=False),
    sa.Column('wish', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('alone', sa.Boolean(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('progress', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('result', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=True),
    sa.Column('error', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=True),
    sa.Column('started_by', sa.String(length=150), nullable=False),
    sa.Column('started_by_id', sa.String(length=36), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('alive_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_operations'))
    )
    with op.batch_alter_table('operations', schema=None) as batch_op:
        batch_op.create_index('ix_operations_finished_at', ['finished_at'], unique=False)
        batch_op.create_index('ix_operations_started_at', ['started_at', 'id'], unique=False)
        batch_op.create_index('uq_operations_alone', ['provider_id'], unique=True, sqlite_where=sa.text("alone AND state = 'running'"), postgresql_where=sa.text("alone AND state = 'running'"))
        batch_op.create_index('uq_operations_running', ['provider_id', 'subject'], unique=True, sqlite_where=sa.text("state = 'running'"), postgresql_where=sa.text("state = 'running'"))



def downgrade() -> None:
    with op.batch_alter_table('operations', schema=None) as batch_op:
        batch_op.drop_index('uq_operations_running', sqlite_where=sa.text("state = 'running'"), postgresql_where=sa.text("state = 'running'"))
        batch_op.drop_index('uq_operations_alone', sqlite_where=sa.text("alone AND state = 'running'"), postgresql_where=sa.text("alone AND state = 'running'"))
        batch_op.drop_index('ix_operations_started_at')
        batch_op.drop_index('ix_operations_finished_at')

    op.drop_table('operations')
