"""Who asks, and whether they may come in at all: one check for views and the data path alike."""

from __future__ import annotations

from collections.abc import Mapping

from app.api.credentials import Credentials
from app.domain.accounts import Caller
from app.domain.errors import PasswordChangeRequired


def admitted(credentials: Credentials, headers: Mapping[str, str], *, changing_password: bool = False) -> Caller:
    """The caller of a request with these headers (names in lower case).

    Raises NotAuthenticated, and PasswordChangeRequired unless the request is part of changing it.
    """
    caller = credentials.caller(headers.get("authorization"), headers.get("x-api-key"))
    if caller.must_change_password and not changing_password:
        raise PasswordChangeRequired("Change the one-time password first: POST /api/v1/auth/change-password.")
    return caller
