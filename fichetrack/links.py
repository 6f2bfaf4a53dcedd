"""Signed links: scoped to a person, a subject and an act, expiring. Pure: the secret and the moment are given.

The expiry travels inside what is signed, rather than being measured by the signer, so that a job replayed at another
moment writes, and reads, the same links.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from itsdangerous import BadSignature, URLSafeSerializer

TOKEN_MAX = 500


class Act(StrEnum):
    """What a link may do; a token signed for one act never opens another."""

    STOP = "stop"


@dataclass(frozen=True)
class SignedLink:
    """Who may act, and on what: the person and the subject (for STOP, the identifiers of subscriptions)."""

    personne_id: int
    subject: tuple[int, ...]


def sign(secret: str, act: Act, personne_id: int, subject: tuple[int, ...], expires_at: datetime) -> str:
    """The token to put in an address."""
    return _serializer(secret, act).dumps([personne_id, list(subject), int(expires_at.timestamp())])


def read(secret: str, act: Act, token: str, now: datetime) -> SignedLink | None:
    """What a token allows, or None: forged, signed for another act, or expired."""
    if len(token) > TOKEN_MAX:
        return None
    try:
        personne_id, subject, expires_at = _serializer(secret, act).loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    return SignedLink(personne_id, tuple(subject)) if now.timestamp() <= expires_at else None


def _serializer(secret: str, act: Act) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt=f"fichetrack.links.{act}", signer_kwargs={"key_derivation": "hmac"})
