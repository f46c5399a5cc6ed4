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
PARAMETER = "inventory_source.key_file"
SHORTEST_KEY = 32
_LARGEST_FILE = 64 * 1024
_ENCRYPTED, _PLAIN = "encrypted:", "plain:"
_NONCE_BYTES = 12


class CryptoError(Exception):
    """A secret cannot be encrypted or decrypted; `str()` is a sentence for an administrator."""


def keys(key_file: str = "") -> list[str]:
    """Return the keys of this server, the one to encrypt with first; a list split at commas.

    :param key_file: the value of the system parameter, see `key_source`
    :raise CryptoError: a key is too short to be one, or there is no reading the file
    """
    source = key_source(key_file)
    if source == PARAMETER:
        return file_keys(key_file)
    text: str = os.environ.get(VARIABLE) or config.get(OPTION) or ""
    return _split(text, source)


def key_source(key_file: str = "") -> str:
    """Return where the keys come from: the name of a variable, an option, a parameter, or "".

    The environment wins over the configuration file, so that a container can keep it out of files.
    Either wins over the database, which can only name a file: a key in it would lie in each dump.
    """
    if os.environ.get(VARIABLE):
        return VARIABLE
    return OPTION if config.get(OPTION) else PARAMETER if key_file else ""


def file_keys(path: str) -> list[str]:
    """Return the keys in a file, one a line or split at commas.

    :raise CryptoError: as `keys`; also when there is none in it, which is not the same as no file
    """
    if not os.path.isabs(path):
        raise CryptoError(
            f"The system parameter {PARAMETER} holds the whole path of a file on the server, which "
            "begins with /. The key itself must not be there: it belongs into the file."
        )
    try:
        # Nothing that never ends: no pipe, no device.
        if not os.path.isfile(path):
            raise OSError(path)
        with open(path, encoding="utf-8") as file:
            text = file.read(_LARGEST_FILE)
    except (OSError, ValueError):
        raise CryptoError(
            f"The file that the system parameter {PARAMETER} names is not there, or is none that "
            "Odoo may read."
        ) from None
    found = _split(text.replace("\n", ","), PARAMETER)
    if not found:
        raise CryptoError(f"There is no key in the file that {PARAMETER} names.")
    return found


def _split(text: str, source: str) -> list[str]:
    found = [key.strip() for key in text.split(",") if key.strip()]
    if any(len(key) < SHORTEST_KEY for key in found):
        raise CryptoError(f"Each key of {source} needs at least {SHORTEST_KEY} characters.")
    return found


@lru_cache(maxsize=8)
def _cipher(key: str) -> AESGCM:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"inventory_source secrets").derive(
        key.encode()
    )
    return AESGCM(derived)


def encrypt(value: str, bound_to: str, key_file: str = "") -> str:
    """Return the text to store for `value`; it decrypts only with the same `bound_to`."""
    available = keys(key_file)
    if not available:
        return _PLAIN + value
    nonce = os.urandom(_NONCE_BYTES)
    encrypted = _cipher(available[0]).encrypt(nonce, value.encode(), bound_to.encode())
    return _ENCRYPTED + base64.b64encode(nonce + encrypted).decode()


def decrypt(stored: str, bound_to: str, key_file: str = "") -> str:
    """Return what was encrypted.

    :raise CryptoError: no configured key decrypts it, it is damaged, it was moved from another row
        or database, or it is kept without encryption although there is a key
    """
    available = keys(key_file)
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


def encrypt_plain(stored: str, bound_to: str, key_file: str = "") -> str:
    """Return the text to store instead of a plain one, now that there is a key."""
    return encrypt(stored.removeprefix(_PLAIN), bound_to, key_file)


def is_encrypted(stored: str, bound_to: str, key_file: str = "") -> bool:
    """Return whether a text is encrypted with the key that encrypts now; False without a key.

    :raise CryptoError: as `keys`
    """
    first = keys(key_file)[:1]
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
