from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from app.storage.secrets import SecretBox, SecretKeysMalformed, SecretUnreadable

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
DOCUMENT = {"api_key": "sk-1", "headers": {"X-Team": "blue"}}


def test_what_was_sealed_opens_again() -> None:
    sealed = SecretBox([OLD]).seal(DOCUMENT)

    assert b"sk-1" not in sealed
    assert SecretBox([OLD]).open(sealed) == DOCUMENT


def test_another_key_can_not_open_it_and_the_error_names_the_variable() -> None:
    sealed = SecretBox([OLD]).seal(DOCUMENT)

    with pytest.raises(SecretUnreadable, match="PATCHBAY_SECRET_KEYS"):
        SecretBox([NEW]).open(sealed)
    with pytest.raises(SecretUnreadable, match="PATCHBAY_SECRET_KEYS"):
        SecretBox([NEW]).rotate(sealed)


def test_a_rotated_secret_no_longer_needs_the_old_key() -> None:
    sealed = SecretBox([OLD]).seal(DOCUMENT)

    rotated = SecretBox([NEW, OLD]).rotate(sealed)

    assert SecretBox([NEW]).open(rotated) == DOCUMENT


@pytest.mark.parametrize("keys", [["short"], [OLD, "not base64 %%%"], []])
def test_malformed_keys_are_named_at_the_start(keys: list[str]) -> None:
    with pytest.raises(SecretKeysMalformed, match="PATCHBAY_SECRET_KEYS"):
        SecretBox(keys)
