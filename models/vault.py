"""Free text at rest: AES-256-GCM, bound to the table, column and row it was written for."""

import base64
import os
from collections.abc import Mapping
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from models.base import Sealed

_VERSION = "v1"
_NONCE_BYTES = 12
_KEY_BYTES = 32
_LONGEST_NAME = 32


class VaultError(Exception):
    """A key is wrong or missing, or a sealed text was moved or changed."""


class KeyMissing(VaultError):
    """A text was sealed with a key that is not set here. Another process may have it."""


def new_key() -> str:
    """A new random key as text for the settings: 32 bytes, base64url."""
    return base64.urlsafe_b64encode(os.urandom(_KEY_BYTES)).decode()


def parse_keys(text: str) -> dict[str, bytes]:
    """Read `id:key,id:key`; the first key seals, all of them open. Raises VaultError saying what is wrong."""
    keys: dict[str, bytes] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        key_id, _, encoded = part.partition(":")
        try:
            key = base64.urlsafe_b64decode(encoded)
        except ValueError as error:
            raise VaultError(f"Key {key_id!r} is not base64url text.") from error
        if not key_id.isalnum() or len(key_id) > _LONGEST_NAME or len(key) != _KEY_BYTES:
            raise VaultError(f"Key {key_id!r} must read `name:key`, with a name of letters and digits and 32 bytes.")
        keys[key_id] = key
    if not keys:
        raise VaultError("There is no key. `cadence init` writes one into .env.")
    return keys


def place(workspace_id: str, table: str, column: str, row_id: UUID) -> str:
    """What the envelope in a cell is bound to: only there it opens."""
    return f"{workspace_id}|{table}|{column}|{row_id}"


class Vault:
    """Seals and opens text. Envelope: `v1|key id|nonce and ciphertext`, base64url."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = dict(keys)
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._current = next(iter(keys))

    @property
    def key_id(self) -> str:
        """Name of the key that seals."""
        return self._current

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Names of the keys that open, the one that seals first."""
        return tuple(self._keys)

    def stamp(self, key_id: str | None = None) -> str:
        """How every envelope begins that was sealed with a key; without a name, with the one that seals now."""
        return f"{_VERSION}|{key_id or self._current}|"

    def derived(self, key_id: str, salt: bytes, purpose: str) -> bytes:
        """A key of its own for one purpose (HKDF-SHA256). Raises VaultError if that key is not set."""
        if key_id not in self._keys:
            raise VaultError(f"The key {key_id!r} is not set.")
        return HKDF(SHA256(), _KEY_BYTES, salt, purpose.encode()).derive(self._keys[key_id])

    def seal(self, text: str, bound_to: str, key_id: str | None = None) -> Sealed:
        """Seal `text` for the place named by `bound_to`; only that place opens it."""
        nonce = os.urandom(_NONCE_BYTES)
        box = self._ciphers[key_id or self._current].encrypt(nonce, text.encode(), self._aad(bound_to))
        return Sealed(f"{self.stamp(key_id)}{base64.urlsafe_b64encode(nonce + box).decode()}")

    def open(self, sealed: Sealed, bound_to: str) -> str:
        """The text of an envelope. Raises VaultError if its key is unknown (KeyMissing) or it belongs elsewhere."""
        try:
            version, key_id, encoded = sealed.split("|")
            raw = base64.urlsafe_b64decode(encoded)
            cipher = self._ciphers[key_id]
        except ValueError as error:
            raise VaultError(f"A sealed text cannot be read ({bound_to}): it is no envelope.") from error
        except KeyError as error:
            raise KeyMissing(f"A sealed text cannot be read ({bound_to}): its key is not set.") from error
        if version != _VERSION:
            raise VaultError(f"A sealed text has the unknown version {version!r} ({bound_to}).")
        try:
            return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], self._aad(bound_to)).decode()
        except (InvalidTag, ValueError) as error:
            raise VaultError(f"A sealed text was changed, moved or sealed with another key ({bound_to}).") from error

    def _aad(self, bound_to: str) -> bytes:
        return f"{_VERSION}|{bound_to}".encode()
