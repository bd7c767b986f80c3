"""Password hashes: scrypt, salt and cost stored beside each. Stdlib only, for the seed is made with it."""

import base64
import hashlib
import hmac
import secrets

_ROUNDS = 512
"""About 1.5 ms and 0.5 MiB: a drill's two cores must carry the sign-ins. Real shops pay fifty times more."""

_BLOCK = 8


def hash_password(password: str, salt: bytes | None = None) -> str:
    """Hash with a fresh salt, unless one is given."""
    salt = secrets.token_bytes(16) if salt is None else salt
    return f"scrypt${_ROUNDS}${_text(salt)}${_text(_derive(password, salt, _ROUNDS))}"


def verify_password(password: str, stored: str | None) -> bool:
    """Whether *password* is the one that was hashed; never where nothing is stored."""
    if stored is None:
        return False
    _, rounds, salt, digest = stored.split("$")
    return hmac.compare_digest(_derive(password, _bytes(salt), int(rounds)), _bytes(digest))


def _derive(password: str, salt: bytes, rounds: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=rounds, r=_BLOCK, p=1, dklen=32)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)
