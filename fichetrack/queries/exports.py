"""Fiches going out as a workbook: the filtered list as its reader may see it, and the sheet that says what it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from fichetrack import clock, permissions, versions, workbook
from fichetrack.fields import ITEMS, PUBLIC_IF_REFERENT_PUBLIE, Reader
from fichetrack.models import Fiche
from fichetrack.models.computed import fraicheur, is_late, reste_a_financer
from fichetrack.queries import fiches, filters, lieux, territoires
from fichetrack.queries.filters import Filters
from fichetrack.queries.import_rows import CONTENT
from fichetrack.search import words
from fichetrack.tables import Column, Sheet
from fichetrack.vocabulary import Action, Etat

BATCH = 500
ABOUT = (Column("quoi", "Rubrique"), Column("valeur", "Valeur", "long_text"))
DEFINITIONS = (
    ("Code", "Donné au premier dépôt et gardé pour toujours ; un brouillon a un identifiant provisoire."),
    ("État", "Où en est la fiche dans son parcours : du brouillon à la clôture. Un import ne le change pas."),
    ("Fraîcheur", "À jour : confirmée depuis moins de 90 jours. À confirmer : de 90 à 180 jours. Périmée : au-delà."),
    ("En retard", "La date de fin, ou celle d’un jalon non fait, est passée. Calculé au jour de l’export."),
    ("Reste à financer", "Coût total moins l’argent accordé, engagé, notifié ou versé et l’investissement privé."),
    (
        "Montants",
        "En euros, datés et typés dans le plan de financement. On ne les additionne jamais d’un type à l’autre.",
    ),
    (
        "Listes dans une cellule",
        "Une ligne par jalon, partenaire ou financement ; ses valeurs sont séparées par « | ».",
    ),
    (
        "Trop long pour une cellule",
        "Un texte qu’aucune cellule ne tient n’est pas exporté : lisez la fiche. À l’import, cette mention ne change rien.",
    ),
    (
        "Colonnes calculées",
        "Fraîcheur, confirmée le, en retard, reste à financer et région ne sont pas relues à l’import.",
    ),
)


@dataclass(frozen=True)
class Export:
    """What is written: its columns, its rows (made as they are read), and the rows of « Sources et filtres »."""

    columns: list[Column]
    rows: Iterator[dict[str, Any]]
    about: list[dict[str, str]]

    @property
    def sheets(self) -> list[Sheet]:
        return [Sheet(workbook.SOURCE["sheet"], self.columns, self.rows), self.about_sheet]

    @property
    def about_sheet(self) -> Sheet:
        return Sheet("Sources et filtres", ABOUT, self.about)


def get_export(user: Any, chosen: Filters, sort: str = fiches.DEFAULT_SORT) -> Export:
    """The fiches of a filtered list, with the columns this person may read. Rows are read by batches."""
    names = _readable(user)
    columns = [column for column in workbook.columns() if column.name in names] + list(workbook.COMPUTED)
    count = fiches.list_fiches(user, chosen, size=1).count
    return Export(columns, _rows(user, chosen, sort), list(_about(user, chosen, count)))


def model_columns(user: Any) -> list[Column]:
    """The columns of modele.xlsx: what this person may fill in, their territoires as a drop-down list."""
    may_take_over = permissions.can(user, Action.IMPORT_REPRISE)
    left_out = set(workbook.NEVER_IMPORTED) | (set() if may_take_over else {"etat", "validee_le"})
    mine = [(one.code, one.nom) for one in territoires.list_territoires() if permissions.can(user, Action.IMPORT, one)]
    return [
        replace(column, kind="choice", choices=mine, required=True) if column.name == "territoire" else column
        for column in workbook.columns()
        if column.name not in left_out
    ]


def _readable(user: Any) -> set[str]:
    always = {workbook.CODE.name, workbook.ETAT.name, workbook.VALIDEE_LE.name}
    if permissions.reads_internal(user):
        return always | {item.name for item in ITEMS}
    public = {item.name for item in ITEMS if item.reader == Reader.PUB}
    return always | public | PUBLIC_IF_REFERENT_PUBLIE


def _rows(user: Any, chosen: Filters, sort: str) -> Iterator[dict[str, Any]]:
    names = _territoire_names()
    batch: list[Fiche] = []
    for fiche in fiches.iterate_fiches(user, chosen, sort, BATCH):
        batch.append(fiche)
        if len(batch) == BATCH:
            yield from _records(user, batch, names)
            batch = []
    yield from _records(user, batch, names)


def _records(user: Any, batch: list[Fiche], names: dict[str, str]) -> Iterator[dict[str, Any]]:
    codes = {code for fiche in batch for code in fiche.lieux}
    labels = {lieu.code: lieu.label for lieu in lieux.list_lieux(codes)}
    internal = permissions.reads_internal(user)
    for fiche in batch:
        readable = CONTENT if internal else permissions.readable_names(user, fiche)
        content = {name: value for name, value in versions.snapshot(fiche).items() if name in readable}
        content["lieux"] = [labels.get(code, code) for code in fiche.lieux]
        content["territoire"] = names.get(fiche.territoire.code, fiche.territoire.code)
        content["territoires_associes"] = [names.get(one.code, one.code) for one in fiche.territoires_associes]
        yield workbook.record(content) | _state(fiche)


def _state(fiche: Fiche) -> dict[str, Any]:
    """What the workflow and the calendar say of it."""
    return {
        "code": fiche.address,
        "etat": fiche.etat,
        "validee_le": fiche.validated_at.astimezone(clock.PARIS).date() if fiche.validated_at else None,
        "fraicheur": fraicheur(fiche, clock.now()).value,
        "confirmee_le": fiche.confirmed_at.astimezone(clock.PARIS).date(),
        "en_retard": is_late(fiche, clock.today()),
        "reste_a_financer": reste_a_financer(fiche),
        "region": fiche.territoire.region_instructrice.nom,
    }


def _territoire_names() -> dict[str, str]:
    """How each territoire is written: its name, unless another bears the same, or one a list would cut in two."""
    everyone = territoires.list_territoires()
    keys = [" ".join(words(one.nom)) for one in everyone]
    alone = {key for key in keys if keys.count(key) == 1}
    return {one.code: one.nom for one, key in zip(everyone, keys, strict=True) if key in alone and ";" not in one.nom}


def _about(user: Any, chosen: Filters, count: int) -> Iterator[dict[str, str]]:
    now = clock.now().astimezone(clock.PARIS)
    said = [f"{label} : {value}" for _name, _code, label, value in filters.chips(chosen)]
    internal = permissions.reads_internal(user)
    rights = (
        "Une personne connectée : il contient des informations internes et personnelles. Ne le publiez pas."
        if internal
        else "Tout le monde : il ne contient que ce qui est publié."
    )
    lines = [
        ("Titre", workbook.SOURCE["title"]),
        ("Date de l’export", f"{now:%d/%m/%Y} à {now:%H} h {now:%M}"),
        ("Filtres", " ; ".join(said) or "Aucun : toutes les fiches que vous pouvez lire."),
        ("Nombre de fiches", str(count)),
        ("Qui peut lire ce fichier", rights),
        ("Source", f"FicheTrack. {workbook.SOURCE['producer']}."),
        ("Licence", workbook.SOURCE["licence"]),
        ("États présents dans le registre", ", ".join(etat.label for etat in Etat)),
        *DEFINITIONS,
    ]
    for what, value in lines:
        yield {"quoi": what, "valeur": value}
