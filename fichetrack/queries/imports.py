"""A batch checked: what a workbook would add and change, what it leaves alone, and every error; nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from fichetrack import permissions, versions, workbook
from fichetrack.errors import NotVisible
from fichetrack.extensions import db
from fichetrack.fields import ROWS_BY_NAME
from fichetrack.models import Event, Fiche, ImportBatch, Territoire
from fichetrack.queries import import_rules, territoires
from fichetrack.queries.import_rows import CONTENT, Reading, ReadRow, read, title_key
from fichetrack.tables import RowError
from fichetrack.versions import Change
from fichetrack.vocabulary import Action, Etat, EventKind

SOURCE = "fiches"
CHUNK = 400
UNKNOWN = "aucune fiche que vous puissiez lire ne porte ce code. Videz la cellule pour créer une fiche."


@dataclass(frozen=True)
class Added:
    """A row that would make a fiche; `missing` is what its état asks for and the row lacks (reprise only)."""

    row: ReadRow
    territoire: Territoire
    etat: Etat
    warning: str | None = None
    missing: tuple[str, ...] = ()

    @property
    def intitule(self) -> str:
        return str(self.row.values["intitule"])

    @property
    def key(self) -> str:
        return title_key(self.territoire.code, self.intitule)


@dataclass(frozen=True)
class Changed:
    """A row that would change a fiche, with each field before and after."""

    row: ReadRow
    fiche_id: int
    address: str
    intitule: str
    changes: list[Change]
    by_title: bool = False


@dataclass
class Check:
    """What a file would do. `unchanged` counts the fiches it finds as they are; `missing` those it does not name."""

    reading: Reading
    reprise: bool
    errors: list[RowError] = field(default_factory=list)
    added: list[Added] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    unchanged: int = 0
    missing: list[tuple[str, str]] = field(default_factory=list)
    by_title: int = 0
    ignored_etats: int = 0
    default_territoire: str | None = None

    @property
    def is_clean(self) -> bool:
        return not (self.errors or self.reading.problems)

    @property
    def changes_nothing(self) -> bool:
        return self.is_clean and not (self.added or self.changed)

    @property
    def remarks(self) -> list[str]:
        """What the reader must know beside the lists."""
        return [sentence for sentence in _remarks(self) if sentence]


def get_batch(user: Any, batch_id: int) -> ImportBatch:
    """A batch of this person's own. NotVisible for anyone else: it may hold what they cannot read."""
    batch = db.session.get(ImportBatch, batch_id)
    if batch is None or batch.source != SOURCE or user is None or batch.personne_id != user.id:
        raise NotVisible
    return batch


def list_batches(user: Any, limit: int = 10) -> list[ImportBatch]:
    """The last files this person brought, the newest first."""
    mine = select(ImportBatch).where(ImportBatch.personne_id == user.id, ImportBatch.source == SOURCE)
    return list(db.session.scalars(mine.order_by(ImportBatch.id.desc()).limit(limit)))


def earlier_batch(batch: ImportBatch) -> ImportBatch | None:
    """The same bytes, already applied by the same person and not undone."""
    same = select(ImportBatch).where(ImportBatch.sha256 == batch.sha256, ImportBatch.personne_id == batch.personne_id)
    applied = same.where(ImportBatch.applied_at.is_not(None), ImportBatch.undone_at.is_(None))
    return db.session.scalars(
        applied.where(ImportBatch.id != batch.id).order_by(ImportBatch.id.desc()).limit(1)
    ).first()


def check_batch(user: Any, batch: ImportBatch) -> Check:
    """Read the bytes of a batch and compare them with the register. Raises ImportRefused."""
    return compare(user, read(batch.content, batch.filename, batch.options), batch.options)


def compare(user: Any, reading: Reading, options: dict[str, Any]) -> Check:
    """What a file already read would do for this person, now."""
    check = Check(reading, bool(options.get("reprise")))
    _Comparison(user, check).run()
    check.errors.sort(key=lambda error: error.line)
    return check


class _Comparison:
    """One comparison: the rows sorted into the lists of a Check, in few queries."""

    def __init__(self, user: Any, check: Check) -> None:
        self.user, self.check, self.names = user, check, check.reading.names
        self.territoires = {one.code: one for one in territoires.list_territoires()}
        self.may_import: Callable[[str], bool] = import_rules.memo(
            lambda code: permissions.can(user, Action.IMPORT, self.territoires[code])
        )
        self.may_take_over: Callable[[str], bool] = import_rules.memo(
            lambda code: permissions.can(user, Action.IMPORT_REPRISE, self.territoires[code])
        )
        self.internal = permissions.reads_internal(user)
        self.seen: dict[Any, int] = {}
        self.touched: set[str] = set()

    def run(self) -> None:
        rows = self.check.reading.rows
        self._default_territoire(rows)
        self._compare_known([row for row in rows if row.code])
        self._compare_new([row for row in rows if not row.code])
        self._list_missing()

    # --- rows that name a fiche

    def _compare_known(self, rows: list[ReadRow]) -> None:
        for part in _chunks(rows):
            codes = [row.code for row in part]
            named = or_(Fiche.code.in_(codes), Fiche.draft_id.in_(codes))
            found = {address: one for one in self._load(named) for address in (one.code, one.draft_id) if address}
            for row in part:
                fiche = found.get(row.code)
                if fiche is None:
                    self.check.errors.append(row.error("code", UNKNOWN, row.code))
                else:
                    self._compare(row, fiche)

    def _compare(self, row: ReadRow, fiche: Fiche, by_title: bool = False) -> None:
        if fiche.id in self.seen:
            message = f"la fiche {fiche.address} est déjà à la ligne {self.seen[fiche.id]}. Gardez-en une seule."
            self.check.errors.append(row.error("code", message, fiche.address))
            return
        self.seen[fiche.id] = row.line
        self.touched.add(fiche.territoire.code)
        self.check.by_title += by_title
        self.check.ignored_etats += row.etat is not None and row.etat != fiche.etat
        changes, errors = self._changes(row, fiche)
        if changes and not errors:
            errors = import_rules.refusals(self.user, fiche, row, changes, self.territoires, self.may_import)
        if errors:
            self.check.errors += errors
        elif changes:
            changed = Changed(row, fiche.id, fiche.address, fiche.intitule, changes, by_title)
            self.check.changed.append(changed)
        else:
            self.check.unchanged += 1

    def _changes(self, row: ReadRow, fiche: Fiche) -> tuple[list[Change], list[RowError]]:
        """A cell as an export writes it is no change, even where the value held would be refused today."""
        # Asked once for a signed-in reader: it depends on who reads, not on which of the readable fiches.
        readable = CONTENT if self.internal else permissions.readable_names(self.user, fiche)
        changes = [
            (name, before, value)
            for name, value in row.values.items()
            if name in readable
            and not workbook.same(name, before := versions.value_of(fiche, name), value)
            and not (name in import_rules.NEVER_BLANK and versions.is_empty(value))
        ]
        errors = [fault.error for fault in row.faults if not import_rules.is_as_exported(fault, fiche)]
        if "intitule" in row.values and versions.is_empty(row.values["intitule"]):
            errors.append(row.error("intitule", "la cellule est vide. Renseignez-la."))
        return changes, errors

    def _load(self, *conditions: Any) -> Iterable[Fiche]:
        """Readable fiches, with the lists of rows the file brings and nothing more."""
        lists = [selectinload(getattr(Fiche, name)) for name in self.names if name in ROWS_BY_NAME]
        if "thematiques" in self.names:
            lists.append(selectinload(Fiche.thematique_rows))
        if "territoires_associes" in self.names:
            lists.append(selectinload(Fiche.territoires_associes))
        found = select(Fiche).where(permissions.visible_where(self.user), *conditions)
        return db.session.scalars(found.options(joinedload(Fiche.territoire), *lists))

    # --- rows that do not

    def _default_territoire(self, rows: list[ReadRow]) -> None:
        """Without that column, somebody who may import in one territoire only means that one."""
        mine = [code for code in self.territoires if self.may_import(code)] if "territoire" not in self.names else []
        if len(mine) == 1 and any(not row.code for row in rows):
            self.check.default_territoire = mine[0]

    def _compare_new(self, rows: list[ReadRow]) -> None:
        keyed = [(row, self._key(row)) for row in rows]
        codes = {key.partition("/")[0] for _row, key in keyed if key}
        imported, alike = self._imported(codes), self._alike(codes)
        wanted = {imported.get(key, 0) for _row, key in keyed if key}
        wanted |= {alike[key] for _row, key in keyed if key and key in alike}
        known = {one.id: one for part in _chunks(sorted(wanted)) for one in self._load(Fiche.id.in_(part))}
        for row, key in keyed:
            if key:
                self._sort_new(row, key, imported.get(key), known.get(alike.get(key, 0)), known)

    def _key(self, row: ReadRow) -> str | None:
        """Where the row belongs; None once its errors are noted."""
        errors = [fault.error for fault in row.faults]
        faulty = {fault.name for fault in row.faults}
        code = row.values.get("territoire") or self.check.default_territoire
        if versions.is_empty(row.values.get("intitule")) and "intitule" not in faulty:
            errors.append(row.error("intitule", "la cellule est vide. Renseignez-la, ou donnez le code de la fiche."))
        if "territoire" not in faulty:
            errors += import_rules.territoire_errors(row, code, self.may_import)
        if not errors:
            errors = import_rules.new_errors(row, str(code), self.check.reprise, self.may_take_over)
        self.check.errors += errors
        return None if errors else title_key(str(code), row.values["intitule"])

    def _sort_new(
        self, row: ReadRow, key: str, imported: int | None, alike: Fiche | None, known: dict[int, Fiche]
    ) -> None:
        if key in self.seen:
            message = f"même intitulé, même territoire qu’à la ligne {self.seen[key]}. Gardez-en une seule."
            self.check.errors.append(row.error("intitule", message, row.values["intitule"]))
            return
        self.seen[key] = row.line
        if imported in known:
            self._compare(row, known[imported], by_title=True)
        elif imported:  # Brought by this person, and now a draft of the territoire that they no longer read.
            self.check.unchanged += 1
            self.check.by_title += 1
        elif alike is not None and alike.id not in self.seen and not self._changes(row, alike)[0]:
            self._compare(row, alike, by_title=True)
        else:
            self.check.added.append(self._added(row, key.partition("/")[0], alike))

    def _added(self, row: ReadRow, code: str, alike: Fiche | None) -> Added:
        self.touched.add(code)
        etat = Etat(row.etat) if self.check.reprise and row.etat else Etat.BROUILLON
        self.check.ignored_etats += row.etat is not None and row.etat != etat
        warning = f"Ressemble à {alike.address}, qui porte le même intitulé." if alike else None
        missing = import_rules.missing_for(etat, row) if etat != Etat.BROUILLON else ()
        return Added(row, self.territoires[code], etat, warning, missing)

    def _imported(self, codes: set[str]) -> dict[str, int]:
        """The fiches made by imports in these territoires, by the key of the row that made each."""
        mine = or_(permissions.visible_where(self.user), Fiche.created_by_id == self.user.id)
        made = select(Event.details, Event.fiche_id).join(Event.fiche)
        made = made.where(Event.kind == EventKind.IMPORT.value, Event.etat_after == Etat.BROUILLON.value, mine)
        rows = db.session.execute(made.where(Fiche.territoire_id.in_(self._ids(codes))).order_by(Event.id))
        return {str(row[0].get("key")): row[1] for row in rows}

    def _alike(self, codes: set[str]) -> dict[str, int]:
        """The readable fiches of these territoires, by title."""
        by_id = {self.territoires[code].id: code for code in codes}
        listed = select(Fiche.id, Fiche.territoire_id, Fiche.intitule).where(permissions.visible_where(self.user))
        rows = db.session.execute(listed.where(Fiche.territoire_id.in_(by_id)).order_by(Fiche.id.desc()))
        return {title_key(by_id[territoire_id], intitule): fiche_id for fiche_id, territoire_id, intitule in rows}

    def _ids(self, codes: set[str]) -> list[int]:
        return [self.territoires[code].id for code in codes]

    def _list_missing(self) -> None:
        """The fiches of the territoires the file speaks of that it does not name: said, never deleted."""
        ids = self._ids({code for code in self.touched if self.may_import(code)})
        listed = select(Fiche.id, Fiche.code, Fiche.draft_id, Fiche.intitule).where(
            permissions.visible_where(self.user), Fiche.territoire_id.in_(ids)
        )
        rows = db.session.execute(listed.order_by(Fiche.code.is_(None), Fiche.code, Fiche.id))
        self.check.missing = [(code or draft, title) for key, code, draft, title in rows if key not in self.seen]


def _chunks(items: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]


def _remarks(check: Check) -> Iterator[str | None]:
    if check.default_territoire:
        yield "Le fichier n’a pas de colonne « Territoire » : les nouvelles fiches iront dans votre territoire."
    if check.by_title:
        yield (
            f"{check.by_title} ligne(s) sans code sont reconnues par leur intitulé : la fiche a déjà été importée, ou "
            "existe à l’identique. Elle n’est pas créée une seconde fois."
        )
    if check.ignored_etats and not check.reprise:
        yield (
            f"{check.ignored_etats} ligne(s) portent un autre état que la fiche : un import ne change pas les états, "
            "et les nouvelles fiches sont des brouillons."
        )
    elif check.ignored_etats:
        yield (
            f"{check.ignored_etats} ligne(s) portent un autre état que la fiche : une reprise ne donne leur état "
            "qu’aux nouvelles fiches."
        )
