"""What the verbs on a fiche share: locking it, setting its values, writing its journal. No verb of its own, no commit."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import or_, select

from fichetrack import clock, permissions, versions
from fichetrack.errors import EditRefused, NotVisible
from fichetrack.extensions import db
from fichetrack.fields import BY_NAME, Kind
from fichetrack.models import Event, Fiche, Organisation, Territoire
from fichetrack.models.assigning import assign
from fichetrack.queries import lieux, territoires
from fichetrack.search import folded
from fichetrack.versions import Change
from fichetrack.vocabulary import Action, Avancement, Diffusion, Etat, Source

DRAFT_ID_BYTES = 12


def lock(user: Any, address: str) -> Fiche:
    """The fiche at an address, its row locked until the commit. NotVisible if this person may not read it."""
    found = select(Fiche).where(permissions.visible_where(user), or_(Fiche.code == address, Fiche.draft_id == address))
    fiche = db.session.scalars(found.with_for_update(of=Fiche)).one_or_none()
    if fiche is None:
        raise NotVisible
    return fiche


def new_draft(user: Any, changes: dict[str, Any]) -> Fiche:
    """A brouillon added to the session, its values set; no event yet."""
    territoire = _territoire(changes.get("territoire"))
    permissions.require(user, Action.CREATE, territoire)
    fiche = blank_draft(user, territoire, clock.now())
    fiche.intitule = changes.get("intitule") or "Fiche sans intitulé"
    db.session.add(fiche)
    apply_changes(user, fiche, changes)
    db.session.flush()
    return fiche


def blank_draft(user: Any, territoire: Territoire, at: datetime) -> Fiche:
    """A brouillon of this person with nothing written in it yet, not in the session."""
    return Fiche(
        draft_id=secrets.token_urlsafe(DRAFT_ID_BYTES),
        territoire=territoire,
        etat=Etat.BROUILLON.value,
        avancement=Avancement.EMERGENCE.value,
        diffusion=Diffusion.PUBLIQUE.value,
        suspendue=False,
        referent_publie=False,
        lieux=[],
        axes_secondaires=[],
        mots_cles=[],
        secteurs=[],
        created_by_id=user.id,
        created_at=at,
        updated_at=at,
        etat_since=at,
        confirmed_at=at,
        section_versions={},
        requested_fields=[],
    )


def apply_changes(user: Any, fiche: Fiche, changes: dict[str, Any]) -> list[Change]:
    """Set plain values on a fiche and return what changed. EditRefused naming each unacceptable value."""
    before = {name: versions.value_of(fiche, name) for name in changes}
    errors: dict[str, list[str]] = {}
    with db.session.no_autoflush:
        for name, value in changes.items():
            try:
                _set(user, fiche, name, value)
            except (ValueError, ArithmeticError) as error:
                errors[name] = [str(error) if " " in str(error) else "Valeur inattendue."]
        errors |= _coherence_errors(fiche, changes)
    if errors:
        raise EditRefused("Certaines valeurs ne peuvent pas être enregistrées.", errors)
    link_operators(fiche)
    return versions.diff(before, {name: versions.value_of(fiche, name) for name in changes})


def touch(fiche: Fiche) -> None:
    """An author's edit is a confirmation too."""
    fiche.updated_at = fiche.confirmed_at = clock.now()


def journal(changes: list[Change]) -> list[list[Any]]:
    secret = current_app.config["SECRET_KEY"]
    return [
        [name, versions.journal_value(name, before, secret), versions.journal_value(name, after, secret)]
        for name, before, after in changes
    ]


def record(fiche: Fiche, user: Any, kind: str, source: Source, **values: Any) -> None:
    """The one event of a verb."""
    db.session.add(
        Event(
            fiche_id=fiche.id,
            actor_id=user.id if user else None,
            kind=str(kind),
            at=clock.now(),
            source=source.value,
            **values,
        )
    )
    db.session.flush()


def _set(user: Any, fiche: Fiche, name: str, value: Any) -> None:
    if name == "territoire":
        territoire = _territoire(value)
        if territoire.id != fiche.territoire.id:
            permissions.require(user, Action.CREATE, territoire)
            fiche.territoire = territoire
    elif name == "territoires_associes":
        fiche.territoires_associes = _associated(fiche, value or [])
    elif name == "lieux":
        fiche.lieux = lieux.resolve_lieux(value or [])
    elif name == "diffusion" and value and (refusal := permissions.diffusion_refusal(user, fiche, value)):
        raise ValueError(refusal)
    elif name in BY_NAME and BY_NAME[name].kind == Kind.CHOICE and not value and name in {"avancement", "diffusion"}:
        return  # These two always have a value; a blank leaves them alone.
    elif name == "intitule" and not (value or "").strip():
        raise ValueError("L’intitulé ne peut pas être vide.")
    else:
        assign(fiche, name, value)


def _coherence_errors(fiche: Fiche, changes: dict[str, Any]) -> dict[str, list[str]]:
    """What the new values contradict; a contradiction already there does not stop another field from being saved."""
    if not versions.COHERENT & set(changes):
        return {}
    values = {name: versions.value_of(fiche, name) for name in versions.COHERENT}
    return {name: [text[:1].upper() + text[1:]] for name, text in versions.incoherences(values).items()}


def link_operators(fiche: Fiche) -> None:
    """A sollicitation that names a known operator lets its people read the fiche."""
    if not fiche.sollicitations:
        return
    operators = db.session.scalars(select(Organisation).where(Organisation.is_operateur))
    by_name = {folded(operator.nom): operator.id for operator in operators}
    for row in fiche.sollicitations:
        row.organisation_id = by_name.get(folded(row.operateur))


def _associated(fiche: Fiche, names: list[str]) -> list[Territoire]:
    """The territoires associés named by code or by name, without repeats nor the one that leads. Raises ValueError."""
    found = {name: territoires.find_territoire(name) for name in names}
    unknown = [name for name, territoire in found.items() if territoire is None]
    if unknown:
        raise ValueError(f"« {unknown[0]} » n’est pas un territoire connu : donnez son nom exact ou son code, ti-….")
    return list({one.id: one for one in found.values() if one and one.id != fiche.territoire.id}.values())


def _territoire(code: str | None) -> Territoire:
    territoire = territoires.find_territoire(code or "")
    if territoire is None:
        raise EditRefused("Choisissez un territoire.", {"territoire": ["Ce territoire n’est pas connu."]})
    return territoire
