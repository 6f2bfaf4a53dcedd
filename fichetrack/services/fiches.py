"""What people do to the content of a fiche: create, edit a section, comment, restrict, give a météo, name readers.

Each verb locks the row, asks permissions, changes what must, and writes one journal event. États: services.transitions.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from fichetrack import clock, permissions, versions, workflow
from fichetrack.errors import EditConflict, EditRefused
from fichetrack.extensions import db
from fichetrack.fields import Section, label_of
from fichetrack.models import Comment, Fiche, FicheReader, NamedVersion, Organisation, Personne
from fichetrack.services._writing import apply_changes, journal, lock, new_draft, record, touch
from fichetrack.transactions import transaction
from fichetrack.versions import Change
from fichetrack.vocabulary import Action, Diffusion, Etat, EventKind, Meteo, Source

# The classes whose readers are named one by one.
NAMED_CLASSES = frozenset({Diffusion.AMONT, Diffusion.NOMINATIVE})


@transaction
def create(user: Any, changes: dict[str, Any], source: Source = Source.PAGE) -> str:
    """A new brouillon holding `changes` (plain values; territoire and intitule at least). Returns its address."""
    fiche = new_draft(user, changes)
    record(fiche, user, Action.CREATE, source, changes=journal(versions.diff({}, versions.snapshot(fiche))))
    return fiche.address


@transaction
def edit_section(
    user: Any, address: str, section: str, base: int, changes: dict[str, Any], source: Source = Source.PAGE
) -> str:
    """Save a section read at version `base`. EditConflict if somebody saved it since and the texts differ."""
    fiche = lock(user, address)
    permissions.require(user, Action.EDIT, fiche)
    _refuse_read_only(fiche)
    before = versions.section_values(fiche, section)
    changed = apply_changes(user, fiche, changes)
    if not changed:
        return fiche.address
    if base != fiche.version_of(section):
        raise EditConflict(
            "Cette section a été modifiée pendant que vous écriviez. Rien n’est enregistré, rien n’est perdu : "
            "comparez les deux textes, gardez ce qu’il faut, puis enregistrez.",
            [(name, before[name], before[name], changes[name]) for name, _theirs, _mine in changed],
        )
    _refuse_substantial(fiche, changed)
    _refuse_silent_weather(fiche, changed)
    fiche.bump(section)
    touch(fiche)
    record(fiche, user, EventKind.EDIT, source, section=section, changes=journal(changed))
    return fiche.address


@transaction
def comment(user: Any, address: str, body: str) -> str:
    """Add a comment to the discussion of a fiche."""
    fiche = lock(user, address)
    permissions.require(user, Action.COMMENT, fiche)
    db.session.add(Comment(fiche_id=fiche.id, author_id=user.id, at=clock.now(), body=body))
    record(fiche, user, EventKind.COMMENT, Source.PAGE)
    return fiche.address


@transaction
def restrict(user: Any, address: str, diffusion: Diffusion, motif: str) -> str:
    """A région closes a fiche further, down to nominative; it never opens one. Acts at once everywhere."""
    fiche = lock(user, address)
    permissions.require(user, Action.RESTRICT, fiche)
    if diffusion not in permissions.restrictions_of(fiche):
        raise EditRefused("Une région peut restreindre la diffusion, jusqu’à « nominative », jamais l’ouvrir.")
    if not motif.strip():
        raise EditRefused("Dites pourquoi la diffusion est restreinte.", {"motif": ["Le motif manque."]})
    change = ("diffusion", fiche.diffusion, diffusion.value)
    fiche.diffusion = fiche.diffusion_max = diffusion.value
    fiche.bump(Section.IDENTITE)
    stands_in = permissions.acts_in_place_of_region(user, Action.RESTRICT, fiche)
    record(
        fiche, user, EventKind.RESTRICT, Source.PAGE, section=Section.IDENTITE, motif=motif, changes=[list(change)],
        details={"stands_in": True} if stands_in else {},
    )  # fmt: skip
    return fiche.address


@transaction
def give_meteo(user: Any, address: str, meteo: Meteo | None) -> str:
    """The région's own météo, beside the chef de projet's."""
    fiche = lock(user, address)
    permissions.require(user, Action.GIVE_METEO, fiche)
    change = ["meteo_region", fiche.meteo_region, meteo.value if meteo else None]
    if change[1] != change[2]:
        fiche.meteo_region = change[2]
        fiche.bump(Section.SUIVI)
        record(fiche, user, EventKind.EDIT, Source.PAGE, section=Section.SUIVI, changes=[change])
    return fiche.address


@transaction
def name_reader(user: Any, address: str, courriel: str) -> str:
    """Let a person (by e-mail) or an operator (by name) read an amont or nominative fiche."""
    fiche = lock(user, address)
    permissions.require(user, Action.NAME_READER, fiche)
    if fiche.diffusion not in NAMED_CLASSES:
        raise EditRefused("On ne désigne des lecteurs que pour une fiche « nominative » ou « amont ».")
    reader = _reader_named(courriel, fiche)
    if not any(
        (r.personne_id, r.organisation_id) == (reader.personne_id, reader.organisation_id) for r in fiche.readers
    ):
        fiche.readers.append(reader)
        record(fiche, user, EventKind.NAME_READER, Source.PAGE, details=_ids(reader))
    return fiche.address


@transaction
def unname_reader(user: Any, address: str, reader_id: int) -> str:
    """Withdraw a named reader."""
    fiche = lock(user, address)
    permissions.require(user, Action.NAME_READER, fiche)
    for reader in [reader for reader in fiche.readers if reader.id == reader_id]:
        fiche.readers.remove(reader)
        record(fiche, user, EventKind.UNNAME_READER, Source.PAGE, details=_ids(reader))
    return fiche.address


def _refuse_read_only(fiche: Fiche) -> None:
    reason = workflow.read_only_reason(fiche)
    if reason:
        raise EditRefused(f"La fiche ne peut pas être modifiée maintenant. {reason}")


def _refuse_substantial(fiche: Fiche, changed: list[Change]) -> None:
    if fiche.etat != Etat.VALIDEE:
        return
    names = workflow.substantial_changes(changed, _validated_content(fiche))
    if names:
        labels = ", ".join(f"« {label_of(name)} »" for name in names)
        raise EditRefused(
            f"La fiche est validée : {labels} ne peut changer que par un avenant. Rien n’a été enregistré.",
            {name: ["Champ engagé par la validation : il demande un avenant."] for name in names},
        )


def _refuse_silent_weather(fiche: Fiche, changed: list[Change]) -> None:
    """A validated fiche that turns to nuage or orage says what blocks; a draft may be saved half written."""
    missing = workflow.missing_help(fiche) if fiche.etat == Etat.VALIDEE else []
    if missing and {"meteo", "frein", "appui_demande_a"} & {name for name, _before, _after in changed}:
        raise EditRefused("La météo demande une précision.", {one.field: [one.sentence] for one in missing})


def _validated_content(fiche: Fiche) -> dict[str, Any]:
    latest = (
        select(NamedVersion.content)
        .where(NamedVersion.fiche_id == fiche.id)
        .where(NamedVersion.label.like("validée%") | NamedVersion.label.like("reprise%"))
        .order_by(NamedVersion.id.desc())
    )
    with db.session.no_autoflush:
        content = db.session.scalars(latest.limit(1)).one_or_none()
    return content or {}


def _reader_named(name: str, fiche: Fiche) -> FicheReader:
    name = name.strip()
    personne = db.session.scalars(select(Personne).where(Personne.courriel == name.lower())).one_or_none()
    if personne is not None and personne.closed_at is None:
        return FicheReader(personne_id=personne.id)
    operators = db.session.scalars(select(Organisation).where(Organisation.is_operateur))
    operator = next((one for one in operators if one.nom.casefold() == name.casefold()), None)
    if operator is not None and fiche.diffusion != Diffusion.AMONT:
        return FicheReader(organisation_id=operator.id)
    raise EditRefused(
        "Personne ne correspond : donnez le courriel d’un compte, ou le nom d’un opérateur.",
        {"lecteur": ["Aucun compte ni opérateur de ce nom."]},
    )


def _ids(reader: FicheReader) -> dict[str, Any]:
    return {"personne_id": reader.personne_id, "organisation_id": reader.organisation_id}
