"""Passwords (argon2) and random secrets. Nothing here reads or writes the database.

Verifying takes a tenth of a second and 64 MiB: never call it inside a writing transaction. At most SLOTS computations
run at once in a process, so that a burst of sign-ins cannot exhaust the memory.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

MIN_LENGTH = 12
MAX_LENGTH = 256
SLOTS = 4

_slots = threading.BoundedSemaphore(SLOTS)


def hash_password(password: str) -> str:
    """The argon2id hash to store."""
    with _slots:
        return _hasher().hash(_normalised(password))


def verify(stored: str | None, password: str) -> bool:
    """Whether the password is the one stored; without one, the same time is spent and the answer is no."""
    hasher = _hasher()
    try:
        with _slots:
            hasher.verify(stored or _dummy(hasher), _normalised(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def needs_rehash(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher().check_needs_rehash(stored)


def weaknesses(password: str, courriel: str) -> list[str]:
    """What is wrong with a new password, in French sentences: its length and the name in the e-mail, nothing else."""
    found = []
    if len(_normalised(password)) < MIN_LENGTH:
        found.append(f"Choisissez au moins {MIN_LENGTH} caractères : une phrase de quelques mots convient très bien.")
    if len(password) > MAX_LENGTH:
        found.append(f"Choisissez au plus {MAX_LENGTH} caractères.")
    name = courriel.partition("@")[0].lower()
    if len(name) >= 3 and name in password.lower():
        found.append("Le mot de passe ne doit pas contenir le début de votre adresse électronique.")
    return found


def new_secret() -> str:
    """256 random bits for an address or a cookie."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is stored of a secret: enough to recognise it, useless to whoever reads the database."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _hasher() -> PasswordHasher:
    return PasswordHasher(**current_app.config["ARGON2"])


def _dummy(hasher: PasswordHasher) -> str:
    """A well-formed hash of nothing, with today's parameters: verifying it costs what verifying a real one does."""
    salt, body = (base64.b64encode(bytes(size)).decode().rstrip("=") for size in (hasher.salt_len, hasher.hash_len))
    return f"$argon2id$v=19$m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}${salt}${body}"


def _normalised(password: str) -> str:
    """The same password typed on two keyboards gives the same characters."""
    return unicodedata.normalize("NFKC", password)
