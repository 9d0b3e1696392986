"""What may stand in variable parts of addresses, where that is more than any text without a slash."""

from __future__ import annotations

from werkzeug.routing import BaseConverter

from app.domain.catalog import RESERVED_SLUGS


class ProviderReference(BaseConverter):
    """An id or slug; words with routes of their own are none, so that a wrong method there is 405 and not 404."""

    regex = rf"(?!(?:{'|'.join(sorted(RESERVED_SLUGS))})$)[^/]+"
