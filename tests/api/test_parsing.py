"""How deep JSON may nest, told at once also for bodies that were made to take long."""

from __future__ import annotations

import time

import pytest

from app.api.parsing import MAX_DEPTH, check_depth
from app.domain.errors import InvalidRequest

SIZE_BYTES = 2 * 1024 * 1024
BRACKETS = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"[]"


def test_brackets_inside_of_strings_do_not_count() -> None:
    check_depth(b'["' + b"[" * 100 + rb'\"[" , "\\", []]')


def test_one_level_more_than_allowed_is_refused() -> None:
    check_depth(BRACKETS)

    with pytest.raises(InvalidRequest, match="nested more than 64 levels"):
        check_depth(b"[" * (MAX_DEPTH + 1))


@pytest.mark.parametrize(
    "body",
    [
        BRACKETS + b'"' + rb"\"" * (SIZE_BYTES // 2),
        BRACKETS + b'"' + rb"\a" * (SIZE_BYTES // 2) + b'"',
        BRACKETS + b'"\\\\' * (SIZE_BYTES // 3) + b'"',
        BRACKETS + b"[]," * (SIZE_BYTES // 3),
    ],
    ids=["a string of quotes without end", "a string of escapes", "many short strings", "many brackets"],
)
def test_a_body_that_was_made_to_take_long_is_read_in_a_moment(body: bytes) -> None:
    started = time.monotonic()

    check_depth(body)

    assert time.monotonic() - started < 3
