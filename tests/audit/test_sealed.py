from __future__ import annotations

import pytest
from django.test import override_settings

from audit.sealed import SealBroken, seal, unseal

OLD, NEW = "o" * 40, "n" * 40


@pytest.mark.parametrize("cipher", ["aes", "sm4"])
def test_what_is_sealed_opens_again_and_never_looks_the_same(cipher: str) -> None:
    with override_settings(DATA_KEYS=[NEW], DATA_CIPHER=cipher):
        first, second = (seal("种子".encode(), purpose="a") for _ in range(2))
    with override_settings(DATA_KEYS=[NEW]):
        assert unseal(first, purpose="a") == unseal(second, purpose="a") == "种子".encode()
    assert first != second
    assert first.startswith(f"{cipher}:")


def test_keys_rotate() -> None:
    with override_settings(DATA_KEYS=[OLD]):
        sealed = seal(b"x", purpose="a")
    with override_settings(DATA_KEYS=[NEW, OLD]):
        assert unseal(sealed, purpose="a") == b"x"
    with override_settings(DATA_KEYS=[NEW]), pytest.raises(SealBroken):
        unseal(sealed, purpose="a")


@pytest.mark.parametrize("broken", ["", "aes", "aes:x:y", "rot13:00000000:AAAA", "aes:00000000:AAAA"])
def test_what_is_no_seal_does_not_open(broken: str) -> None:
    with pytest.raises(SealBroken):
        unseal(broken, purpose="a")


def test_neither_another_purpose_nor_changed_bytes_open() -> None:
    sealed = seal(b"secret", purpose="totp:1")
    with pytest.raises(SealBroken):
        unseal(sealed, purpose="totp:2")
    changed = sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:]
    with pytest.raises(SealBroken):
        unseal(changed, purpose="totp:1")
