"""Routes that say what they answer, for the OpenAPI document.

The words are flask-openapi's (`responses`, `summary`, `security`, `abp_tags`, …). They are only kept here, beside an
ordinary Flask route: openapi_document.py hands them to flask-openapi when the document is made, which no start does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Blueprint

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Tag:
    """A group of routes in the document."""

    name: str
    description: str


def answers(**words: Any) -> Callable[[View], View]:
    """Mark a view with what the document says of it; views without this mark are not documented."""

    def decorate(view: View) -> View:
        view.words = words  # type: ignore[attr-defined]  # read by openapi_document.py
        return view

    return decorate


class APIBlueprint(Blueprint):
    """Flask's blueprint, whose route decorators also take flask-openapi's words."""

    def __init__(
        self,
        name: str,
        import_name: str,
        *,
        url_prefix: str,
        abp_tags: Sequence[Tag],
        abp_responses: Mapping[Any, Any] | None = None,
        doc_ui: bool = True,
    ) -> None:
        """`abp_responses` answer all routes of this blueprint; without `doc_ui` none of them is documented."""
        super().__init__(name, import_name, url_prefix=url_prefix)
        self._tags = tuple(abp_tags)
        self._responses = dict(abp_responses or {})
        self._is_documented = doc_ui

    def get(self, rule: str, **words: Any) -> Callable[[View], View]:
        return self._documented("GET", rule, words)

    def post(self, rule: str, **words: Any) -> Callable[[View], View]:
        return self._documented("POST", rule, words)

    def put(self, rule: str, **words: Any) -> Callable[[View], View]:
        return self._documented("PUT", rule, words)

    def patch(self, rule: str, **words: Any) -> Callable[[View], View]:
        return self._documented("PATCH", rule, words)

    def delete(self, rule: str, **words: Any) -> Callable[[View], View]:
        return self._documented("DELETE", rule, words)

    def _documented(self, method: str, rule: str, words: Mapping[str, Any]) -> Callable[[View], View]:
        def decorate(view: View) -> View:
            self.add_url_rule(rule, view_func=view, methods=[method])
            if not self._is_documented:
                return view
            responses = {**self._responses, **words.get("responses", {})}
            return answers(**{**words, "tags": self._tags, "responses": responses})(view)

        return decorate
