"""What PATCHBAY_SECRET_KEYS is made of: Fernet keys (https://github.com/fernet/spec)."""

from __future__ import annotations

import base64
import binascii


def is_secret_key(text: str) -> bool:
    """Whether it is 32 bytes in URL-safe base64."""
    try:
        return len(base64.urlsafe_b64decode(text)) == 32
    except (binascii.Error, ValueError):
        return False
