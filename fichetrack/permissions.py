"""Who may do what: the whole policy on one page, an OR of named predicates over dated mandats.

`RULES` answers for one subject (can, require, explain); `visible_fiches` says the reading rules again as SQL, for lists and
totals alike, and a test holds the two together. One may do nothing to a fiche one may not read. Nothing here runs a query,
but for loading what a subject relates to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select

from fichetrack import clock, workflow
from fichetrack.errors import NotVisible, PermissionRefused
from fichetrack.fields import ITEMS, PUBLIC_IF_REFERENT_PUBLIE, Reader
from fichetrack.models import Fiche, FicheReader, Mandat, Sollicitation, Territoire
from fichetrack.models.fiche import FicheTerritoire
from fichetrack.models.territoire import TerritoireRegion
from fichetrack.vocabulary import DIFFUSION_ORDER, PUBLISHED, Action, Diffusion, Etat, PerimeterKind, Role

TEAM = frozenset({Role.CHEF_DE_PROJET, Role.CONTRIBUTEUR, Role.ELU_REFERENT, Role.INDUSTRIEL_REFERENT})
NETWORK = TEAM | {Role.INSTRUCTEUR_REGION, Role.CORRESPONDANT_ETAT, Role.OPERATEUR, Role.DTI}
EDITORS = frozenset({Role.CHEF_DE_PROJET, Role.CONTRIBUTEUR})

ROLE_PERIMETER: dict[Role, PerimeterKind] = {
    **dict.fromkeys(TEAM, PerimeterKind.TERRITOIRE),
    Role.INSTRUCTEUR_REGION: PerimeterKind.REGION,
    Role.CORRESPONDANT_ETAT: PerimeterKind.DEPARTEMENT,
    Role.OPERATEUR: PerimeterKind.ORGANISATION,
    Role.DTI: PerimeterKind.NATIONAL,
    Role.ANIMATEUR_DATA: PerimeterKind.NATIONAL,
    Role.ADMINISTRATEUR: PerimeterKind.NATIONAL,
}

# A predicate answers with the mandat that grants the right, with True when none is needed, or with None / False.
Grant = Mandat | bool | None
Predicate = Callable[[Any, Any], Grant]


# --- who the person is -------------------------------------------------------------------------------------------------


def valid_mandats(user: Any) -> list[Mandat]:
    """The mandats in force today; none for a visitor or a closed account."""
    if user is None or not user.is_authenticated or not user.is_active:
        return []
    day = clock.today()
    return [mandat for mandat in user.mandats if mandat.is_valid_on(day)]


def _first(user: Any, roles: Iterable[Role], matches: Callable[[Mandat], bool] = lambda mandat: True) -> Mandat | None:
    wanted = set(roles)
    return next((m for m in valid_mandats(user) if m.role in wanted and matches(m)), None)


def is_signed_in(user: Any, _subject: Any) -> Grant:
    return bool(user is not None and user.is_authenticated and user.is_active)


def is_in_network(user: Any, _subject: Any) -> Grant:
    return _first(user, NETWORK)


def steers_programme(user: Any, _subject: Any) -> Grant:
    return _first(user, {Role.DTI})


def administers(user: Any, _subject: Any) -> Grant:
    return _first(user, {Role.ADMINISTRATEUR})


def animates_data(user: Any, _subject: Any) -> Grant:
    return _first(user, {Role.ANIMATEUR_DATA})


def instructs_somewhere(user: Any, _subject: Any) -> Grant:
    return _first(user, {Role.INSTRUCTEUR_REGION})


def edits_somewhere(user: Any, _subject: Any) -> Grant:
    return _first(user, EDITORS)


# --- what binds the person to a territoire (or to the territoire of a fiche) -------------------------------------------


def leads_territoire(user: Any, subject: Any) -> Grant:
    return _first(user, {Role.CHEF_DE_PROJET}, _on(_territoire(subject)))


def contributes_to_territoire(user: Any, subject: Any) -> Grant:
    return _first(user, {Role.CONTRIBUTEUR}, _on(_territoire(subject)))


def carries_territoire(user: Any, subject: Any) -> Grant:
    return _first(user, TEAM, _on(_territoire(subject)))


def instructs_region(user: Any, subject: Any) -> Grant:
    code = _territoire(subject).region_instructrice_code
    return _first(user, {Role.INSTRUCTEUR_REGION}, lambda mandat: mandat.region_code == code)


def of_a_region(user: Any, subject: Any) -> Grant:
    codes = {region.code for region in _territoire(subject).regions} | {_territoire(subject).region_instructrice_code}
    return _first(user, {Role.INSTRUCTEUR_REGION}, lambda mandat: mandat.region_code in codes)


def stands_in_for_region(user: Any, subject: Any) -> Grant:
    """The DTI may act in the région's place, with a motive, traced as such (services.fiches asks for it)."""
    return steers_programme(user, subject)


# --- reading a fiche: each predicate knows its class and états (PRODUCT §2.4) ------------------------------------------


def is_published(_user: Any, fiche: Fiche) -> Grant:
    return fiche.etat in PUBLISHED and fiche.diffusion == Diffusion.PUBLIQUE


def reads_amont(user: Any, fiche: Fiche) -> Grant:
    if fiche.diffusion != Diffusion.AMONT or not is_signed_in(user, fiche):
        return False
    return fiche.created_by_id == user.id or any(reader.personne_id == user.id for reader in fiche.readers)


def reads_as_team(user: Any, fiche: Fiche) -> Grant:
    if fiche.diffusion == Diffusion.AMONT:
        return False
    return _first(user, TEAM, _on(fiche.territoire, *fiche.territoires_associes))


def reads_as_region(user: Any, fiche: Fiche) -> Grant:
    if fiche.etat == Etat.BROUILLON or fiche.diffusion == Diffusion.AMONT:
        return False
    return instructs_region(user, fiche) if fiche.diffusion == Diffusion.NOMINATIVE else of_a_region(user, fiche)


def reads_as_delegation(user: Any, fiche: Fiche) -> Grant:
    return None if fiche.etat == Etat.BROUILLON or fiche.diffusion == Diffusion.AMONT else steers_programme(user, fiche)


def reads_as_network(user: Any, fiche: Fiche) -> Grant:
    opened = fiche.etat in PUBLISHED and fiche.diffusion in {Diffusion.RESEAU, Diffusion.PUBLIQUE}
    return is_in_network(user, fiche) if opened else None


def is_named(user: Any, fiche: Fiche) -> Grant:
    """A person or an operator named one by one on a nominative fiche, once it is filed."""
    if fiche.diffusion != Diffusion.NOMINATIVE or fiche.etat == Etat.BROUILLON or not is_signed_in(user, fiche):
        return False
    if any(reader.personne_id == user.id for reader in fiche.readers):
        return True
    return _operator_mandat(user, {reader.organisation_id for reader in fiche.readers})


def is_solicited(user: Any, fiche: Fiche) -> Grant:
    if fiche.diffusion == Diffusion.AMONT or fiche.etat == Etat.BROUILLON:
        return False
    return _operator_mandat(user, {request.organisation_id for request in fiche.sollicitations})


# --- narrower rights ---------------------------------------------------------------------------------------------------


def is_not_only_technical(user: Any, _fiche: Fiche) -> Grant:
    """Signed-in readers read the internal fields; a purely technical administrator reads what a visitor reads."""
    if not is_signed_in(user, _fiche):
        return False
    mandats = valid_mandats(user)
    return not mandats or next((m for m in mandats if m.role != Role.ADMINISTRATEUR), None)


def is_author(user: Any, fiche: Fiche) -> Grant:
    return bool(is_signed_in(user, fiche) and fiche.created_by_id == user.id)


def is_author_of_amont(user: Any, fiche: Fiche) -> Grant:
    return is_author(user, fiche) if fiche.diffusion == Diffusion.AMONT else False


def instructs_decided(user: Any, fiche: Fiche) -> Grant:
    return None if fiche.etat == Etat.RETIREE else instructs_region(user, fiche) or stands_in_for_region(user, fiche)


def leads_withdrawn(user: Any, fiche: Fiche) -> Grant:
    return leads_territoire(user, fiche) if fiche.etat == Etat.RETIREE else None


READING: tuple[Predicate, ...] = (
    is_published, reads_as_team, reads_as_region, reads_as_delegation, reads_as_network, is_named, is_solicited, reads_amont,
)  # fmt: skip
REGION: tuple[Predicate, ...] = (instructs_region, stands_in_for_region)
AUTHORS: tuple[Predicate, ...] = (leads_territoire, contributes_to_territoire)

RULES: dict[Action, tuple[Predicate, ...]] = {
    # a fiche
    Action.READ: READING,
    Action.READ_INTERNAL: (is_not_only_technical,),
    Action.EDIT: AUTHORS,
    Action.COMMENT: (
        carries_territoire,
        of_a_region,
        steers_programme,
        reads_as_team,
        is_named,
        is_solicited,
        reads_amont,
    ),
    Action.RESTRICT: REGION,
    Action.GIVE_METEO: (instructs_region,),
    Action.NAME_READER: (leads_territoire, is_author_of_amont),
    Action.FOLLOW: (is_signed_in,),
    # its workflow
    Action.DELETE: (is_author, leads_territoire),
    Action.SUBMIT: (leads_territoire,),
    Action.TAKE_UP: REGION,
    Action.ASK_MORE: REGION,
    Action.ANSWER: (leads_territoire,),
    Action.VALIDATE: REGION,
    Action.REJECT: REGION,
    Action.WITHDRAW: (leads_territoire,),
    Action.CONFIRM: AUTHORS,
    Action.CLOSE: (leads_territoire,),
    Action.EXPEL: (steers_programme,),
    Action.REOPEN: (instructs_decided, leads_withdrawn),
    Action.ARCHIVE: (),  # a job only
    # a territoire, or None for « somewhere »
    Action.CREATE: (*AUTHORS,),
    Action.IMPORT: (*AUTHORS, *REGION),
    Action.IMPORT_REPRISE: REGION,
    Action.MANAGE_MANDATS: (*REGION, administers),
    # no subject
    Action.INSTRUCT: (instructs_somewhere, steers_programme),
    Action.STEER: (is_in_network,),
    Action.ADMINISTER: (administers,),
    # figures: visitors get 17 sectors, TI, départements and régions; accounts the detail; the network what is « réseau »
    Action.READ_DETAILED_FIGURES: (is_signed_in,),
    Action.READ_NETWORK_FIGURES: (is_in_network, animates_data),
    Action.MANAGE_DATA: (animates_data,),
}

# The same acts asked without a subject: « may this person do it anywhere? », for menus and for opening a page.
ANYWHERE: dict[Action, tuple[Predicate, ...]] = {
    Action.CREATE: (edits_somewhere,),
    Action.IMPORT: (edits_somewhere, instructs_somewhere, steers_programme),
    Action.IMPORT_REPRISE: (instructs_somewhere, steers_programme),
    Action.MANAGE_MANDATS: (instructs_somewhere, steers_programme, administers),
}


@dataclass(frozen=True)
class Reason:
    """Why somebody may: the predicate that holds, and through which mandat."""

    predicate: str
    mandat: Mandat | None


@dataclass(frozen=True)
class Available:
    """A transition offered to somebody, with what is still missing."""

    row: workflow.Transition
    missing: list[workflow.Missing]
    needs_motif: bool  # the DTI standing in for the région must say why

    @property
    def asks(self) -> tuple[str, ...]:
        """What the form draws: the answers asked and offered, the motif too when standing in for the région."""
        return tuple(dict.fromkeys((*self.row.asks, *self.row.offers, *(("motif",) if self.needs_motif else ()))))


def can(user: Any, action: Action, subject: Any = None) -> bool:
    """Whether any predicate of the action holds; on a fiche, only if it may be read at all."""
    return bool(explain(user, action, subject))


def require(user: Any, action: Action, subject: Any = None) -> None:
    """NotVisible if the fiche may not be read, PermissionRefused if it may but not this."""
    if isinstance(subject, Fiche) and not can(user, Action.READ, subject):
        raise NotVisible
    if not can(user, action, subject):
        raise PermissionRefused(f"Vous n’avez pas le droit nécessaire : « {action.label} ».")


def explain(user: Any, action: Action, subject: Any = None) -> list[Reason]:
    """Which predicates grant the action, and through which mandats; empty when it is refused."""
    if isinstance(subject, Fiche) and action != Action.READ and not explain(user, Action.READ, subject):
        return []
    rules = ANYWHERE.get(action, RULES[action]) if subject is None else RULES[action]
    grants = [(predicate.__name__, predicate(user, subject)) for predicate in rules]
    return [Reason(name, grant if isinstance(grant, Mandat) else None) for name, grant in grants if grant]


def available_transitions(user: Any, fiche: Fiche) -> list[Available]:
    """Workflow ∩ permissions, each with what is missing, in the order of the table."""
    rows = [row for row in workflow.TRANSITIONS if not row.by_job and Etat(fiche.etat) in row.froms]
    return [
        Available(row, workflow.missing_for(fiche, row), acts_in_place_of_region(user, row.action, fiche))
        for row in rows
        if can(user, row.action, fiche)
    ]


def acts_in_place_of_region(user: Any, action: Action, fiche: Fiche) -> bool:
    """Whether only the delegation's mandat lets this person do what belongs to the région."""
    reasons = {reason.predicate for reason in explain(user, action, fiche)}
    return reasons == {"stands_in_for_region"} or (
        reasons == {"instructs_decided"} and not instructs_region(user, fiche)
    )


def grantable_roles(user: Any, territoire: Territoire | None = None) -> list[Role]:
    """The roles somebody may grant: a région those of its territoires, the delegation all but technical ones."""
    if administers(user, None):
        return list(Role)
    if steers_programme(user, None):
        return [role for role in Role if role != Role.ADMINISTRATEUR]
    if instructs_somewhere(user, None) and (territoire is None or instructs_region(user, territoire)):
        return [role for role in Role if role in TEAM]
    return []


def restrictions_of(fiche: Fiche) -> list[Diffusion]:
    """The classes a région may restrict a fiche to: closer ones, down to nominative; never a wider one."""
    present = DIFFUSION_ORDER.index(Diffusion(fiche.diffusion))
    return [one for one in DIFFUSION_ORDER[present + 1 :] if one != Diffusion.AMONT]


def diffusion_refusal(user: Any, fiche: Fiche, diffusion: str) -> str | None:
    """Why an author may not give a fiche this class, in French, or None when they may."""
    if diffusion == fiche.diffusion:
        return None
    if fiche.code and diffusion == Diffusion.AMONT:
        return "Une fiche déjà déposée ne peut plus être « amont »."
    if fiche.code and not leads_territoire(user, fiche):
        return "Une fois la fiche déposée, seul le chef de projet change sa diffusion."
    if fiche.diffusion_max and _is_wider(diffusion, fiche.diffusion_max):
        return "La région a restreint la diffusion : elle ne peut pas être élargie au-delà."
    return None


def _is_wider(diffusion: str, limit: str) -> bool:
    return DIFFUSION_ORDER.index(Diffusion(diffusion)) < DIFFUSION_ORDER.index(Diffusion(limit))


def readable_names(user: Any, fiche: Fiche) -> set[str]:
    """The fields and rows of a fiche its reader may see: everything for signed-in readers, published ones otherwise."""
    everything = {item.name for item in ITEMS}
    if can(user, Action.READ_INTERNAL, fiche):
        return everything
    names = {item.name for item in ITEMS if item.reader == Reader.PUB}
    return names | PUBLIC_IF_REFERENT_PUBLIE if fiche.referent_publie else names


# --- the reading rules as SQL ------------------------------------------------------------------------------------------


def visible_fiches(user: Any) -> Select[Fiche]:
    """The fiches somebody may read, as a select: the same predicates as READING, written as row filters."""
    return select(Fiche).where(visible_where(user))


def visible_where(user: Any) -> ColumnElement[bool]:
    """The condition of visible_fiches alone, for counts and joins."""
    published = Fiche.etat.in_(PUBLISHED)
    rules = [and_(published, Fiche.diffusion == Diffusion.PUBLIQUE)]
    if is_signed_in(user, None):
        rules += [_team_rule(user), _region_rule(user), _named_rule(user), _operator_rule(user)]
    if steers_programme(user, None):
        rules.append(and_(_filed(), Fiche.diffusion != Diffusion.AMONT))
    if is_in_network(user, None):
        rules.append(and_(published, Fiche.diffusion == Diffusion.RESEAU))
    return or_(*rules)


def reads_internal(user: Any) -> bool:
    """Whether this person reads the internal fields of the fiches they may read (see is_not_only_technical)."""
    return bool(is_not_only_technical(user, None))  # type: ignore[arg-type]


def countable_where() -> ColumnElement[bool]:
    """What « et n fiches non consultables » may count at all: never an amont."""
    return Fiche.diffusion != Diffusion.AMONT


def _filed() -> ColumnElement[bool]:
    return Fiche.etat != Etat.BROUILLON


def _team_rule(user: Any) -> ColumnElement[bool]:
    ids = [m.territoire_id for m in valid_mandats(user) if m.role in TEAM]
    if not ids:
        return false()
    associated = _about(FicheTerritoire.fiche_id == Fiche.id, FicheTerritoire.territoire_id.in_(ids))
    return and_(Fiche.diffusion != Diffusion.AMONT, or_(Fiche.territoire_id.in_(ids), associated))


def _region_rule(user: Any) -> ColumnElement[bool]:
    codes = [m.region_code for m in valid_mandats(user) if m.role == Role.INSTRUCTEUR_REGION]
    if not codes:
        return false()
    lead = _about(Territoire.id == Fiche.territoire_id, Territoire.region_instructrice_code.in_(codes))
    touched = _about(TerritoireRegion.territoire_id == Fiche.territoire_id, TerritoireRegion.region_code.in_(codes))
    shared = Fiche.diffusion.in_([Diffusion.RESEAU, Diffusion.PUBLIQUE])
    return and_(_filed(), or_(and_(shared, or_(touched, lead)), and_(Fiche.diffusion == Diffusion.NOMINATIVE, lead)))


def _named_rule(user: Any) -> ColumnElement[bool]:
    named = _about(FicheReader.fiche_id == Fiche.id, FicheReader.personne_id == user.id)
    amont = and_(Fiche.diffusion == Diffusion.AMONT, or_(Fiche.created_by_id == user.id, named))
    return or_(amont, and_(_filed(), Fiche.diffusion == Diffusion.NOMINATIVE, named))


def _operator_rule(user: Any) -> ColumnElement[bool]:
    ids = [m.organisation_id for m in valid_mandats(user) if m.role == Role.OPERATEUR]
    if not ids:
        return false()
    named = _about(FicheReader.fiche_id == Fiche.id, FicheReader.organisation_id.in_(ids))
    asked = _about(Sollicitation.fiche_id == Fiche.id, Sollicitation.organisation_id.in_(ids))
    return and_(
        _filed(),
        or_(and_(Fiche.diffusion == Diffusion.NOMINATIVE, named), and_(Fiche.diffusion != Diffusion.AMONT, asked)),
    )


def _about(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Something exists about the fiche, whatever else the statement around joins."""
    return exists().where(*conditions).correlate(Fiche)


# --- small joints ------------------------------------------------------------------------------------------------------


def _territoire(subject: Any) -> Territoire:
    return subject.territoire if isinstance(subject, Fiche) else subject


def _on(*territoires: Territoire) -> Callable[[Mandat], bool]:
    ids = {territoire.id for territoire in territoires}
    return lambda mandat: mandat.territoire_id in ids


def _operator_mandat(user: Any, organisation_ids: set[int | None]) -> Mandat | None:
    return _first(user, {Role.OPERATEUR}, lambda mandat: mandat.organisation_id in organisation_ids)
