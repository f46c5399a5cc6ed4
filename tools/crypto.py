"""Encryption of secrets before they are stored: AES-GCM with a key that is not in the database."""

import base64
import binascii
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from odoo.tools import config

OPTION = "inventory_source_key"
VARIABLE = "INVENTORY_SOURCE_KEY"
SHORTEST_KEY = 32
_ENCRYPTED, _PLAIN = "encrypted:", "plain:"
_NONCE_BYTES = 12


class CryptoError(Exception):
    """A secret cannot be encrypted or decrypted; `str()` is a sentence for an administrator."""


def keys() -> list[str]:
    """Return the configured keys, the one to encrypt with first; a list split at commas.

    The environment wins over the configuration file, so that a container can keep it out of files.

    :raise CryptoError: a key is too short to be one
    """
    text: str = os.environ.get(VARIABLE) or config.get(OPTION) or ""
    found = [key.strip() for key in text.split(",") if key.strip()]
    if any(len(key) < SHORTEST_KEY for key in found):
        raise CryptoError(f"Each {OPTION} needs at least {SHORTEST_KEY} characters.")
    return found


@lru_cache(maxsize=8)
def _cipher(key: str) -> AESGCM:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"inventory_source secrets").derive(
        key.encode()
    )
    return AESGCM(derived)


def encrypt(value: str, bound_to: str) -> str:
    """Return the text to store for `value`; it decrypts only with the same `bound_to`."""
    available = keys()
    if not available:
        return _PLAIN + value
    nonce = os.urandom(_NONCE_BYTES)
    encrypted = _cipher(available[0]).encrypt(nonce, value.encode(), bound_to.encode())
    return _ENCRYPTED + base64.b64encode(nonce + encrypted).decode()


def decrypt(stored: str, bound_to: str) -> str:
    """Return what was encrypted.

    :raise CryptoError: no configured key decrypts it, it is damaged, it was moved from another row
        or database, or it is kept without encryption although there is a key
    """
    available = keys()
    if is_plain(stored):
        if not available:
            return stored.removeprefix(_PLAIN)
        # Bound to nothing: whoever can write to the database could have put it there.
        raise CryptoError("A stored secret is not encrypted, although this server has a key.")
    for key in available:
        if (value := _decrypted(key, stored, bound_to)) is not None:
            return value
    raise CryptoError("A stored secret cannot be read with the key of this server.")


def is_plain(stored: str) -> bool:
    """Return whether a text was stored without a key."""
    return stored.startswith(_PLAIN)


def encrypt_plain(stored: str, bound_to: str) -> str:
    """Return the text to store instead of a plain one, now that there is a key."""
    return encrypt(stored.removeprefix(_PLAIN), bound_to)


def is_encrypted(stored: str, bound_to: str) -> bool:
    """Return whether a text is encrypted with the key that encrypts now; False without a key.

    :raise CryptoError: as `keys`
    """
    first = keys()[:1]
    return bool(first) and _decrypted(first[0], stored, bound_to) is not None


def _decrypted(key: str, stored: str, bound_to: str) -> str | None:
    """Return what one key makes of an encrypted text, None when it is not the one, or it is none.

    Stored texts are restored, cut and edited by hand: whatever stands there is no failure.
    """
    if not stored.startswith(_ENCRYPTED):
        return None
    try:
        raw = base64.b64decode(stored.removeprefix(_ENCRYPTED), validate=True)
        value = _cipher(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], bound_to.encode())
        return value.decode()
    except (InvalidTag, binascii.Error, ValueError):
        return None
