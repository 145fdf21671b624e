"""Binds words into the audit trail without telling them."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets


def new_salt() -> str:
    """A salt for `digest`."""
    return secrets.token_hex(16)


def digest(salt: str, *parts: str) -> str:
    """Binds words into the trail without telling them: with the salt gone they cannot even be guessed at."""
    return hmac.new(salt.encode(), json.dumps(parts).encode(), hashlib.sha256).hexdigest()
