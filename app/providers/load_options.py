"""Whether a load's options are those that the provider's kind declares."""

from __future__ import annotations

from app.domain.errors import InvalidRequest, Problem
from app.domain.lifecycle import LoadWish
from app.providers.base import ProviderKind
from app.providers.parameters import by_name, problem_of


def check_options(kind: ProviderKind, wish: LoadWish, *, within: str = "") -> None:
    """Raises InvalidRequest for an option that the kind does not declare, or that is out of its bounds.

    `within` is the field of the request that has the options, where they are not the request's own.
    """
    declared = by_name(kind.load_options)
    problems = []
    for name, value in wish.options.items():
        field = f"{within}.{name}" if within else name
        if name in kind.missing_options:
            problems.append(Problem(field, kind.missing_options[name]))
        elif name not in declared:
            known = ", ".join(["context_length", *declared])
            problems.append(Problem(field, f"is not an option of {kind.label}, which takes {known}"))
        elif (problem := problem_of(declared[name], value)) is not None:
            problems.append(Problem(field, problem))
    if problems:
        first = problems[0]
        raise InvalidRequest(f"{first.field} {first.problem}.", param=first.field, details=problems)
