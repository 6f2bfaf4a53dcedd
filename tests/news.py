"""A small world for the tests of e-mails: a territoire, its chef, a subscriber of the network, fiches that move."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fichetrack import clock
from fichetrack.extensions import db
from fichetrack.models import Event, Fiche, Mandat, OutgoingEmail, Personne, Region, Subscription, Territoire
from fichetrack.vocabulary import Role


@dataclass
class World:
    territoire: Territoire
    chef: Personne
    reader: Personne


def build() -> World:
    """Everything committed; `reader` is an operator, who reads what the network reads."""
    db.session.add(Region(code="76", nom="Occitanie"))
    territoire = Territoire(slug="ales", nom="Bassin d’Alès", region_instructrice_code="76")
    db.session.add(territoire)
    db.session.flush()
    chef = add_personne("Camille Chef", Role.CHEF_DE_PROJET, territoire_id=territoire.id)
    reader = add_personne("Rachid Lecteur", Role.OPERATEUR)
    db.session.commit()
    return World(territoire, chef, reader)


def add_personne(nom: str, role: Role, **perimeter: Any) -> Personne:
    now = clock.now()
    courriel = f"{nom.lower().replace(' ', '.')}@demo.fichetrack.fr"
    personne = Personne(courriel=courriel, nom=nom, password_hash="x", created_at=now)
    personne.mandats = [Mandat(role=role, starts_on=clock.today() - timedelta(days=900), granted_at=now, **perimeter)]
    db.session.add(personne)
    db.session.flush()
    return personne


def add_fiche(world: World, intitule: str = "Une halle des métiers", **values: Any) -> Fiche:
    """A validated public fiche, filed and validated ten days ago unless said otherwise."""
    before = clock.now() - timedelta(days=10)
    number = db.session.query(Fiche).count() + 1
    moments = dict.fromkeys(
        ("confirmed_at", "created_at", "updated_at", "etat_since", "filed_at", "validated_at"), before
    )
    defaults = {"etat": "validee", "axe": "innover", "diffusion": "publique", "code": f"TI-ales-2026-{number:03d}"}
    fiche = Fiche(
        intitule=intitule,
        draft_id=f"brouillon-{number}",
        territoire_id=world.territoire.id,
        created_by_id=world.chef.id,
        **{**moments, **defaults, **values},
    )
    db.session.add(fiche)
    db.session.commit()
    return fiche


def happen(fiche: Fiche, kind: str = "edit", field: str = "resume", actor: Personne | None = None) -> Event:
    """Something happens to a fiche now."""
    changes = [[field, "avant", "après"]] if kind == "edit" else []
    event = Event(
        fiche_id=fiche.id, actor_id=actor.id if actor else fiche.created_by_id, kind=kind, at=clock.now(),
        source="page", changes=changes,
    )  # fmt: skip
    db.session.add(event)
    db.session.commit()
    return event


def follow(
    personne: Personne, filters: dict[str, list[str]] | None = None, frequency: str = "quotidien"
) -> Subscription:
    subscription = Subscription(
        personne_id=personne.id, filters=filters or {}, frequency=frequency, position=0, created_at=clock.now()
    )
    db.session.add(subscription)
    db.session.commit()
    return subscription


def write(recipient: str = "lectrice@demo.fichetrack.fr", at: datetime | None = None, **values: Any) -> OutgoingEmail:
    """A plain e-mail in the outbox."""
    now = at or clock.now()
    number = db.session.query(OutgoingEmail).count() + 1
    defaults = {
        "name": "essai",
        "subject": f"Essai {number}",
        "body_text": "Bonjour.\n",
        "body_html": "<p>Bonjour.</p>",
    }
    email = OutgoingEmail(
        message_id=f"<essai-{number}@localhost>", recipient=recipient, created_at=now, next_try_at=now,
        **{**defaults, "headers": {}, **values},
    )  # fmt: skip
    db.session.add(email)
    db.session.commit()
    return email
