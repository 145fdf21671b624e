"""Encryption at rest, field by field: AES-256-GCM, bound to school, table, row and column, so that a value moved elsewhere does not open.

The first key encrypts; all keys open. From each key three others are derived: for fields, for the blind index (finding a
person or a repeated report without storing them), and for signing the head of the audit trail.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bot.errors import SettingsError, UsherError

KEY_BYTES = 32
NONCE_BYTES = 12
ID_BYTES = 4
HALVES = "surrogatepass"


class Sealed(UsherError):
    """A stored value does not open: the key is missing, or the value was changed or moved."""


@dataclass(frozen=True)
class Place:
    """Where a sealed value stands."""

    school: str
    table: str
    row: str
    column: str

    def as_bytes(self) -> bytes:
        """The place without ambiguity, whatever characters its parts hold."""
        return json.dumps([self.school, self.table, self.row, self.column]).encode()


def new_key() -> str:
    """A fresh key as it stands in ENCRYPTION_KEYS."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def parse_keys(text: str) -> tuple[bytes, ...]:
    """ENCRYPTION_KEYS, separated by commas or white space, first the one that encrypts. SettingsError where one is not 32 bytes."""
    keys: list[bytes] = []
    for number, part in enumerate(text.replace(",", " ").split(), start=1):
        try:
            key = base64.urlsafe_b64decode(part)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != KEY_BYTES:
            raise SettingsError([f"ENCRYPTION_KEYS: key {number} is not 32 bytes in URL-safe base64; make one with `app.py keys new`."])
        keys.append(key)
    if not keys:
        raise SettingsError(["ENCRYPTION_KEYS is empty; make a key with `app.py keys new`."])
    return tuple(keys)


def load_or_make(path: Path) -> tuple[tuple[bytes, ...], bool]:
    """The keys in this file, made with mode 0600 if it is not there. The second value tells whether it was made just now."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return parse_keys(path.read_text(encoding="ascii")), False
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(new_key() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return parse_keys(path.read_text(encoding="ascii")), True


def _derive(key: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=f"usher {purpose} 1".encode()).derive(key)


@dataclass(frozen=True)
class _Key:
    id: bytes
    cipher: AESGCM
    index: bytes
    signer: Ed25519PrivateKey


class Vault:
    """Seals and opens values. Holds the keys and nothing else."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = [
            _Key(
                hashlib.sha256(b"usher key id" + key).digest()[:ID_BYTES],
                AESGCM(_derive(key, "field")),
                _derive(key, "index"),
                Ed25519PrivateKey.from_private_bytes(_derive(key, "sign")),
            )
            for key in keys
        ]

    @property
    def current(self) -> bytes:
        """Id of the key that encrypts now."""
        return self._keys[0].id

    def seal(self, place: Place, text: str) -> bytes:
        """The text, readable again only at this place."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        key = self._keys[0]
        # Half a character cannot be drawn, but what holds one must be kept all the same.
        return key.id + nonce + key.cipher.encrypt(nonce, text.encode(errors=HALVES), place.as_bytes())

    def open(self, place: Place, sealed: bytes) -> str:
        """The text again. Sealed where no key opens it here."""
        for key in self._keys:
            if key.id == sealed[:ID_BYTES]:
                try:
                    nonce = sealed[ID_BYTES : ID_BYTES + NONCE_BYTES]
                    return key.cipher.decrypt(nonce, sealed[ID_BYTES + NONCE_BYTES :], place.as_bytes()).decode(errors=HALVES)
                except InvalidTag:
                    raise Sealed("A stored value was changed or moved: run `app.py incidents verify`.") from None
        raise Sealed("A stored value was encrypted with a key that is not in ENCRYPTION_KEYS.")

    def seal_json(self, place: Place, value: Any) -> bytes:
        """As `seal`, for anything that JSON can hold."""
        return self.seal(place, json.dumps(value, ensure_ascii=False, separators=(",", ":")))

    def open_json(self, place: Place, sealed: bytes) -> Any:
        """As `open`, for what `seal_json` sealed."""
        return json.loads(self.open(place, sealed))

    def is_current(self, sealed: bytes) -> bool:
        """Whether the value was sealed with the key that encrypts now."""
        return sealed[:ID_BYTES] == self.current

    def knows(self, key_id: bytes) -> bool:
        """Whether one of the keys has this id."""
        return any(key.id == key_id for key in self._keys)

    def index(self, school: str, column: str, value: str) -> str:
        """A blind index: the same for the same value, and telling nothing without the key."""
        return self._index(self._keys[0], school, column, value)

    def indexes(self, school: str, column: str, value: str) -> list[str]:
        """The blind index under every key, for looking up rows that have not been re-indexed yet."""
        return [self._index(key, school, column, value) for key in self._keys]

    @staticmethod
    def _index(key: _Key, school: str, column: str, value: str) -> str:
        return hmac.new(key.index, json.dumps([school, column, value]).encode(), hashlib.sha256).hexdigest()[:40]

    def sign(self, message: bytes) -> tuple[str, str]:
        """The key's id and an Ed25519 signature, both in hex."""
        return self.current.hex(), self._keys[0].signer.sign(message).hex()

    def signed(self, key_id: str, message: bytes, signature: str) -> bool:
        """Whether one of the keys signed this."""
        for key in self._keys:
            if key.id.hex() == key_id:
                try:
                    key.signer.public_key().verify(bytes.fromhex(signature), message)
                except (InvalidSignature, ValueError):
                    return False
                return True
        return False

    def public_key(self) -> str:
        """The public half of the signing key, in hex, for the second person who keeps the heads."""
        return self._keys[0].signer.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
