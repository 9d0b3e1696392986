"""The native face's success shape."""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Response


def ok(data: Any, status: int = 200, **headers: str) -> Response:
    """`{"success": true, "data": …}`; `headers` are given with underscores (`ETag`, `Cache_Control`)."""
    response = Response(
        msgspec.json.encode({"success": True, "data": data}), status=status, content_type="application/json"
    )
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return response
