"""kinds of local servers

Ollama, llama.cpp's server and vLLM were templates of `openai_compatible`; now they are kinds of their own. The audit log
keeps the words of its time.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

KINDS = ("ollama", "llamacpp", "vllm")
COMPATIBLE = "openai_compatible"

providers = sa.table('providers', sa.column('kind', sa.String), sa.column('preset', sa.String))
versions = sa.table(
    'provider_versions',
    sa.column('provider_id', sa.String),
    sa.column('version', sa.Integer),
    sa.column('configuration', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')),
)


def upgrade() -> None:
    kind, preset = providers.c.kind, providers.c.preset
    op.execute(providers.update().where(kind == COMPATIBLE, preset.in_(KINDS)).values(kind=preset))

    def own_kind(configuration: Mapping[str, Any]) -> Mapping[str, Any] | None:
        named = configuration.get("preset")
        return {"provider": named} if configuration.get("provider") == COMPATIBLE and named in KINDS else None

    _rewrite(own_kind)


def downgrade() -> None:
    kind = providers.c.kind
    op.execute(providers.update().where(kind.in_(KINDS)).values(preset=kind, kind=COMPATIBLE))

    def compatible(configuration: Mapping[str, Any]) -> Mapping[str, Any] | None:
        named = configuration.get("provider")
        return {"provider": COMPATIBLE, "preset": named} if named in KINDS else None

    _rewrite(compatible)


def _rewrite(changes_of: Any) -> None:
    """Versions hold their configuration as one document."""
    connection = op.get_bind()
    rows = connection.execute(sa.select(versions)).all()
    for provider_id, version, configuration in rows:
        changes = changes_of(configuration)
        if changes is not None:
            this = (versions.c.provider_id == provider_id, versions.c.version == version)
            connection.execute(versions.update().where(*this).values(configuration={**configuration, **changes}))
