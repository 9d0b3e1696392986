"""providers list, add, test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.cli.workbench import line_from_stdin, parts

if TYPE_CHECKING:
    from app.admin.provider_fields import ProviderFields
    from app.domain.catalog import ProviderConfig
    from app.providers.ladder import LadderReport


@click.group("providers")
def providers() -> None:
    """List, add and test the servers that answer."""


@providers.command("list")
def list_providers() -> None:
    """List every shared provider; * marks the default one."""
    from app.admin.provider_rules import Editor
    from app.domain.audit import COMMAND_LINE

    found = [one.config for one in parts().provider_settings.visible(Editor.trusted(COMMAND_LINE))]
    if not found:
        click.echo("There are no providers yet. Add one: ./patchbay admin providers add --help", err=True)
        return
    rows = [("", "SLUG", "KIND", "ADDRESS", "KEY", "MODEL", ""), *(_row(config) for config in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _row(config: ProviderConfig) -> tuple[str, ...]:
    return (
        "*" if config.is_default else "",
        config.slug,
        config.kind,
        config.base_url or "(this machine)",
        "yes" if config.api_key else "no",
        config.models.chat or "-",
        "" if config.enabled else "disabled",
    )


@providers.command("add")
@click.option(
    "--kind", required=True, help="lmstudio, ollama, llamacpp, vllm, openai, groq, openai_compatible or local_gguf."
)
@click.option("--name", required=True, help="What people see; the slug is made from it.")
@click.option("--slug", help="How models are called: SLUG/MODEL. Fixed for good.")
@click.option("--base-url", help="Such as http://localhost:1234/v1; needed where the kind has no address of its own.")
@click.option("--api-key", help="Other users of this machine may see it while the command runs; see --api-key-stdin.")
@click.option("--api-key-stdin", is_flag=True, help="Take the key from the first line of standard input.")
@click.option("--model", help="The model that answers when a request names none.")
@click.option("--default", "make_default", is_flag=True, help="Make it the default provider.")
def add_provider(
    kind: str,
    name: str,
    slug: str | None,
    base_url: str | None,
    api_key: str | None,
    api_key_stdin: bool,
    model: str | None,
    make_default: bool,
) -> None:
    """Add a shared provider. The first one becomes the default.

    \b
        ./patchbay admin providers add --kind lmstudio --name "LM Studio"
        ./patchbay admin providers add --kind groq --name Groq --api-key-stdin < groq.key
    """
    from app.admin.provider_rules import Editor
    from app.domain.audit import COMMAND_LINE

    if api_key is not None and api_key_stdin:
        raise click.UsageError("Give --api-key or --api-key-stdin, not both.")
    fields: ProviderFields = {"provider": kind, "name": name}
    if slug is not None:
        fields["slug"] = slug
    if base_url is not None:
        fields["base_url"] = base_url
    if api_key is not None or api_key_stdin:
        fields["api_key"] = line_from_stdin("key") if api_key_stdin else api_key
    if model is not None:
        fields["model"] = model
    settings, editor = parts().provider_settings, Editor.trusted(COMMAND_LINE)
    added = settings.create(fields, editor)
    config = added.provider.config
    if make_default and not config.is_default:
        config = settings.activate(config.slug, editor).config
    for notice in added.notices:
        click.echo(notice, err=True)
    click.echo(f"Added {config.name} as {config.slug}{' (default)' if config.is_default else ''}.")
    click.echo(f"Test it: ./patchbay admin providers test {config.slug}", err=True)


@providers.command("test")
@click.argument("slug")
@click.option("--completion", is_flag=True, help="Also ask a model for an answer, which may cost a few tokens.")
def test_provider(slug: str, completion: bool) -> None:
    """Test the connection to SLUG step by step and say what is wrong.

    Exit code 1 when a step fails. The built-in engine (local_gguf) can be tested while the server runs.
    """
    from app.admin.provider_rules import Editor
    from app.domain.audit import COMMAND_LINE

    workbench = parts()
    config = workbench.provider_settings.get(slug, Editor.trusted(COMMAND_LINE)).config
    report = workbench.ladder(config, completion=completion)
    draw(report)
    if not report.ok:
        raise click.exceptions.Exit(1)


def draw(report: LadderReport) -> None:
    for step in report.steps:
        click.echo(f"  {'ok' if step.ok else 'FAILED':6}  {step.step:10}  {step.ms:7.0f} ms  {step.detail}".rstrip())
    click.echo(f"{report.diagnosis.value}: {report.message}")
    for field, value in (report.repair or {}).items():
        click.echo(f"This would work: {field} = {value}")
