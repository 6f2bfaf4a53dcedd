"""« Pourquoi ai-je ce droit ? »: what each mandat allows, and what one may do on a fiche, read from permissions.RULES.

Nothing here grants anything: HELD_BY only says in which roles each predicate of the rules may hold, and a test keeps
the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fichetrack import permissions
from fichetrack.models import Fiche, Mandat
from fichetrack.vocabulary import Action, Role

ALL = frozenset(Role)

# predicate → the roles that make it hold, and the words that say why. An empty set: held without any mandat.
HELD_BY: dict[str, tuple[frozenset[Role], str]] = {
    "is_published": (frozenset(), "la fiche est validée et publique : tout le monde la lit"),
    "is_signed_in": (frozenset(), "vous êtes connecté"),
    "is_named": (
        frozenset({Role.OPERATEUR}),
        "vous êtes désigné, vous ou votre organisation, comme lecteur de la fiche",
    ),
    "is_author": (frozenset(), "vous avez créé la fiche"),
    "is_author_of_amont": (frozenset(), "vous avez créé cette fiche « amont »"),
    "reads_amont": (frozenset(), "vous avez créé cette fiche « amont », ou son auteur vous a désigné"),
    "is_solicited": (frozenset({Role.OPERATEUR}), "votre organisation est sollicitée par la fiche"),
    "is_in_network": (permissions.NETWORK, "vous faites partie du réseau du programme"),
    "reads_as_network": (permissions.NETWORK, "la fiche est validée et ouverte au réseau du programme"),
    "reads_as_team": (permissions.TEAM, "vous faites partie de l’équipe d’un territoire de la fiche"),
    "carries_territoire": (permissions.TEAM, "vous faites partie de l’équipe du territoire"),
    "leads_territoire": (frozenset({Role.CHEF_DE_PROJET}), "vous êtes chef de projet du territoire"),
    "leads_withdrawn": (
        frozenset({Role.CHEF_DE_PROJET}),
        "vous êtes chef de projet du territoire de cette fiche retirée",
    ),
    "contributes_to_territoire": (frozenset({Role.CONTRIBUTEUR}), "vous êtes contributeur du territoire"),
    "edits_somewhere": (permissions.EDITORS, "vous modifiez les fiches d’un territoire"),
    "reads_as_region": (
        frozenset({Role.INSTRUCTEUR_REGION}),
        "votre région lit les fiches déposées de ses territoires",
    ),
    "of_a_region": (frozenset({Role.INSTRUCTEUR_REGION}), "le territoire est, en tout ou partie, dans votre région"),
    "instructs_region": (frozenset({Role.INSTRUCTEUR_REGION}), "votre région instruit les fiches du territoire"),
    "instructs_somewhere": (frozenset({Role.INSTRUCTEUR_REGION}), "vous instruisez pour une région"),
    "instructs_decided": (
        frozenset({Role.INSTRUCTEUR_REGION, Role.DTI}),
        "vous instruisez pour la région, ou pouvez agir à sa place",
    ),
    "reads_as_delegation": (frozenset({Role.DTI}), "la délégation lit toutes les fiches déposées, hors « amont »"),
    "steers_programme": (frozenset({Role.DTI}), "vous pilotez le programme"),
    "stands_in_for_region": (
        frozenset({Role.DTI}),
        "la délégation peut agir à la place d’une région, en disant pourquoi",
    ),
    "animates_data": (frozenset({Role.ANIMATEUR_DATA}), "vous animez les données"),
    "administers": (frozenset({Role.ADMINISTRATEUR}), "vous administrez le service"),
    "is_not_only_technical": (
        ALL - {Role.ADMINISTRATEUR},
        "vous êtes connecté, avec un rôle qui n’est pas seulement technique",
    ),
}


@dataclass(frozen=True)
class Why:
    """One act, whether it is allowed, and through what: (words, mandat or None) for each rule that holds."""

    action: Action
    reasons: list[tuple[str, Mandat | None]]


def list_mandat_rights(user: Any) -> list[tuple[Mandat, list[Action]]]:
    """Each mandat in force, with the acts it can allow where its perimeter applies."""
    return [(mandat, _actions_of(Role(mandat.role))) for mandat in permissions.valid_mandats(user)]


def list_other_mandats(user: Any) -> list[Mandat]:
    """The mandats over or to come: they allow nothing today."""
    return [mandat for mandat in user.mandats if mandat not in permissions.valid_mandats(user)]


def list_fiche_rights(user: Any, fiche: Fiche) -> list[Why]:
    """Every act one may ask for on a fiche, allowed ones first."""
    acts = [Why(action, _reasons(user, action, fiche)) for action in _FICHE_ACTIONS]
    return sorted(acts, key=lambda why: not why.reasons)


def _actions_of(role: Role) -> list[Action]:
    held = {name for name, (roles, _words) in HELD_BY.items() if role in roles}
    rules = {
        action: (*predicates, *permissions.ANYWHERE.get(action, ())) for action, predicates in permissions.RULES.items()
    }
    return [action for action, predicates in rules.items() if held & {predicate.__name__ for predicate in predicates}]


def _reasons(user: Any, action: Action, fiche: Fiche) -> list[tuple[str, Mandat | None]]:
    return [(HELD_BY[reason.predicate][1], reason.mandat) for reason in permissions.explain(user, action, fiche)]


_AROUND = {Action.CREATE, Action.IMPORT, Action.IMPORT_REPRISE, Action.MANAGE_MANDATS, Action.INSTRUCT, Action.STEER}
_FICHE_ACTIONS = [
    action for action in permissions.RULES if action not in {*_AROUND, Action.ADMINISTER, Action.ARCHIVE, Action.FOLLOW}
]
