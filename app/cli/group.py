"""How commands fail: one clear line on stderr and exit code 1."""

from __future__ import annotations

from typing import Any

import click


class Commands(click.Group):
    """A group of commands whose expected failures are messages, not traces."""

    def invoke(self, ctx: click.Context) -> Any:
        # Imported here because --help needs none of it.
        from app.admin.logs import configure_logs
        from app.domain.errors import GatewayError
        from app.storage.secrets import SecretKeysMalformed, SecretUnreadable
        from config import ConfigError

        configure_logs("warning")
        try:
            return super().invoke(ctx)
        except GatewayError as error:
            raise click.ClickException(error.message) from error
        except (ConfigError, SecretKeysMalformed, SecretUnreadable) as error:
            raise click.ClickException(str(error)) from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which they are likely to be needed."""
        return list(self.commands)
