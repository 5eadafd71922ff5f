"""Keys are found by their prefix and proved by an HMAC; the database alone opens nothing."""

from __future__ import annotations

import pytest
from django.test import override_settings

from accounts import keys


def test_a_new_key_has_our_form_and_is_never_the_same() -> None:
    made = {keys.random_key() for _ in range(200)}
    assert len(made) == 200
    assert all(keys.KEY_PATTERN.fullmatch(key) for key in made)


def test_what_is_kept_does_not_hold_the_key() -> None:
    new = keys.make_key()
    secret = new.key.removeprefix(f"gv_{new.prefix}_")
    assert secret not in new.digest
    assert len(new.digest) == 64


def test_a_key_proves_itself_and_no_other() -> None:
    new = keys.make_key()
    assert keys.matches(new.key, new.digest)
    assert not keys.matches(new.key[:-1] + ("A" if new.key[-1] != "A" else "B"), new.digest)
    assert not keys.matches(new.key, None)


def test_another_deployments_pepper_proves_nothing() -> None:
    new = keys.make_key()
    with override_settings(KEY_PEPPER="another"):
        assert not keys.matches(new.key, new.digest)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "gv_",
        "gv_abcdefghij_short",
        "GV_abcdefghij_" + "A" * 43,
        "gv_abcdefgh01_" + "A" * 43,
        "gv_钥匙_" + "A" * 43,
    ],
)
def test_what_has_not_our_form_is_no_key(text: str) -> None:
    assert keys.prefix_of(text) is None
    with pytest.raises(ValueError, match="gv_PREFIX_SECRET"):
        keys.make_key(text or "x")


def test_a_line_end_behind_a_key_makes_it_none() -> None:
    assert keys.prefix_of(keys.random_key() + "\n") is None
