"""The panel « Emploi et chômage »: the rates of the zones d'emploi of a place, beside its région and France; events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from fichetrack.indicators import emploi
from fichetrack.indicators.allocation import Allocation
from fichetrack.indicators.quantities import Quantity
from fichetrack.queries.ground import get_communes
from fichetrack.queries.panels import evenements, lines
from fichetrack.queries.panels.asked import Setting
from fichetrack.queries.panels.shapes import (
    Column,
    Figure,
    Grid,
    Panel,
    Reader,
    by_code,
    not_imported,
    percent,
    source_line,
)
from fichetrack.queries.panels.within import communes_of, departement_names, region_names
from fichetrack.queries.places import FRANCE, Place
from fichetrack.queries.releases import Shelf, VisibleTable
from fichetrack.tables.french import share_of
from fichetrack.vocabulary import PlaceKind, millesime_label

CODE = "emploi"
TITLE = "Emploi et chômage"
INDICATORS = by_code(emploi.INDICATORS)
OWN = {PlaceKind.DEPARTEMENT: "departement", PlaceKind.REGION: "region", PlaceKind.FRANCE: FRANCE}
LEVELS = {"ze": "Zone d’emploi", "departement": "Département", "region": "Région", FRANCE: ""}
SHOWN = 21  # quarters: five years and the one they are compared with
HEADLINES = 3  # zones among the key figures, the most peopled ones
PAGE_EVENTS = 100
SETTINGS: dict[str, Setting] = {}


@dataclass(frozen=True)
class Options:
    """Whether the reader may see the events of the class « réseau »."""

    network: bool = False


def options(args: Mapping[str, str], place: Place, reader: Reader) -> Options:
    """The address asks nothing: the reader alone decides of the events."""
    return Options(reader.network)


def in_force(panel: Panel) -> dict[str, str]:
    """No setting is asked, none is refused."""
    return {}


def build(place: Place, shelf: Shelf, options: Options) -> Panel:
    """The panel of a place."""
    shown = Panel(CODE, TITLE, place, options=options)
    table, zones = shelf.get("chomage", "taux"), shelf.get("chomage", "zones")
    events = evenements.of_place(place, shelf, options.network)
    if table is None and not events.sources:
        return shown.without(not_imported("chomage"))
    rates = _Rates(place, table, zones) if table else None
    return shown.holding(
        sentence=rates.sentence if rates else not_imported("chomage"),
        figures=[*(rates.figures() if rates else ()), *events.figures],
        grids=[*(rates.grids() if rates else ()), *events.grids],
        sources=[*([source_line(table)] if table else ()), *events.sources],
        warnings=[*(rates.warnings() if rates else ()), *events.said],
        extra={"chart": rates.chart() if rates else None, "page_events": PAGE_EVENTS},
    )


class _Rates:
    """The rates to show: one line per zone, département, région… each its own, never averaged."""

    def __init__(self, place: Place, table: VisibleTable, zones: VisibleTable | None) -> None:
        self.place, self.table = place, table
        self.taux = table.read()
        self.zones = _allocate(place, zones)
        # Which communes make a zone changes every ten years: its millésime is said, and is never « late ».
        self.composition = f" Composition des zones : millésime {millesime_label(zones.millesime)}." if zones else ""
        self.split = emploi.rates_of_zones(self.taux, self.zones) if self.zones else None
        wanted = [(OWN[place.kind], place.key or FRANCE)] if place.kind in OWN else []
        wanted += [("departement", code) for code in place.departements if ("departement", code) not in wanted]
        wanted += [("region", code) for code in place.regions if ("region", code) not in wanted]
        if place.kind == PlaceKind.FRANCE:
            wanted += [("region", code) for code in sorted(region_names())]
        else:
            wanted.append((FRANCE, FRANCE))
        self.levels = _describe(self.taux, wanted)
        self.missing = [niveau for niveau in dict.fromkeys(one for one, _code in wanted) if niveau not in self.held]

    @property
    def held(self) -> set[str]:
        return set(self.levels["niveau"])

    @property
    def sentence(self) -> str:
        own = OWN.get(self.place.kind)
        if own and own in self.held:
            return "Taux publié par l’Insee pour ce niveau." + (
                " Les zones d’emploi qu’il touche sont à côté ; leurs taux ne sont jamais moyennés."
                if self.split
                else ""
            )
        if self.split is None or self.split.zones.empty:
            return (
                "L’Insee estime le taux de chômage par zone d’emploi ; celles de ce lieu ne sont pas connues ici. La table "
                "des communes de chaque zone d’emploi (source « chomage ») reste à importer."
                if self.zones is None
                else "Aucune zone d’emploi connue ne couvre ce lieu."
            )
        low, high = self.split.low, self.split.high
        spread = f" Ici, de {_french(low)} à {_french(high)} % selon la zone." if low and high and low != high else ""
        return emploi.SENTENCE + spread

    def warnings(self) -> list[str]:
        said = list(self.table.reservations)
        names = {"departement": "du département", "region": "de la région", FRANCE: "de la France"}
        absent = [names[niveau] for niveau in self.missing if niveau in names and niveau != "departement"]
        if OWN.get(self.place.kind) == "departement" and "departement" in self.missing:
            absent.insert(0, names["departement"])
        if absent:
            verb = "ne sont" if len(absent) > 1 else "n’est"
            said.append(f"Le taux {' et celui '.join(absent)} {verb} pas dans les fichiers importés.")
        alone = self.split is not None and self.split.zones.empty  # the sentence says it already
        if self.zones and self.zones.outside and self.place.kind not in OWN and not alone:
            number = len(self.zones.outside)
            said.append(
                f"{number} communes du lieu ne sont dans aucune zone d’emploi connue."
                if number > 1
                else "Une commune du lieu n’est dans aucune zone d’emploi connue."
            )
        return said

    def figures(self) -> list[Figure]:
        """The rates that speak first, then France, then the trend of the first one."""
        lines = self._lines()
        own = [line for line in lines if line["niveau"] == OWN.get(self.place.kind)]
        first = own or [line for line in lines if line["niveau"] == "ze"][:HEADLINES]
        beside = [line for line in lines if line["niveau"] == FRANCE and line not in first]
        figures = [
            Figure(
                INDICATORS["taux_chomage"],
                line["taux"],
                line["quarter"],
                f"Taux de chômage, {line['name']}",
                line["note"],
                line["name"],
            )
            for line in [*first, *beside]
        ]
        for years, key in ((1, "un_an"), (5, "cinq_ans")):
            if first and first[0][key].value is not None:
                label = f"Évolution sur {years} an{'s' if years > 1 else ''}, {first[0]['name']}"
                name, quarter = first[0]["name"], first[0]["quarter"]
                figures.append(Figure(INDICATORS["evolution_chomage"], first[0][key], quarter, label, named=name))
        return figures  # fmt: skip

    def grids(self) -> list[Grid]:
        columns = (
            Column("lieu", "Zone"),
            Column("taux", "Taux de chômage", "quantity", INDICATORS["taux_chomage"]),
            Column("un_an", "Sur 1 an", "quantity", INDICATORS["evolution_chomage"]),
            Column("cinq_ans", "Sur 5 ans", "quantity", INDICATORS["evolution_chomage"]),
            Column("trimestre", "Trimestre"),
            Column("habitants", "Part des habitants du lieu", "quantity", unit="%"),
            Column("dedans", "Part de la zone dans le lieu", "quantity", unit="%"),
        )
        note = f"Une zone d’emploi déborde souvent le lieu : son taux vaut pour toute la zone.{self.composition}"
        return [Grid("taux", "Taux de chômage, zone par zone", columns, self._lines(), note), self._quarters()]

    def chart(self) -> lines.Chart | None:
        return lines.draw(self._series())

    def _lines(self) -> list[dict[str, Any]]:
        rows = [_line("ze", row, row["nom"] or code) for code, row in self.split.zones.iterrows()] if self.split else []
        levels = [_line(row["niveau"], row, row["nom"]) for _index, row in self.levels.iterrows()]
        own = OWN.get(self.place.kind)
        return [
            *(one for one in levels if one["niveau"] == own),
            *rows,
            *(one for one in levels if one["niveau"] != own),
        ]

    def _series(self) -> dict[str, pd.Series]:
        """The lines of the chart: the place's own levels first, then what they are compared with."""
        held = [(line["niveau"], line["code"], line["lieu"]) for line in self._lines()]
        near = [one for one in held if one[0] == OWN.get(self.place.kind)] or [one for one in held if one[0] == "ze"]
        beside = [one for one in held if one[0] in ("region", FRANCE) and one not in near]
        room = lines.MOST - min(len(beside), 2)
        wanted = [*near[:room], *beside[-2:]] if self.place.kind != PlaceKind.FRANCE else near
        quarters = sorted(self.taux["trimestre"].unique())[-SHOWN:]
        return {lieu: emploi.series(self.taux, niveau, code).reindex(quarters) for niveau, code, lieu in wanted}

    def _quarters(self) -> Grid:
        """The table of the chart."""
        series = {f"s{rank}": (lieu, one) for rank, (lieu, one) in enumerate(self._series().items())}
        columns = [Column("trimestre", "Trimestre")]
        columns += [Column(key, lieu, "quantity", unit="%", digits=1) for key, (lieu, _one) in series.items()]
        quarters = sorted({str(quarter) for _lieu, one in series.values() for quarter in one.index}, reverse=True)
        rows = [
            {"trimestre": millesime_label(quarter)}
            | {key: _known(one.get(quarter)) for key, (_lieu, one) in series.items()}
            for quarter in quarters
        ]
        drawn = sum(lieu.startswith(LEVELS["ze"]) for lieu, _one in series.values())
        unseen = len(self.split.zones) - drawn if self.split and drawn else 0
        note = (
            f"Les {drawn} zones d’emploi où vivent le plus d’habitants du lieu, sur {drawn + unseen}." if unseen else ""
        )
        return Grid("trimestres", "Taux de chômage, trimestre par trimestre", columns, rows, note)


def _allocate(place: Place, zones: VisibleTable | None) -> Allocation | None:
    if zones is None or place.kind == PlaceKind.FRANCE:
        return None
    return emploi.allocate_zones(communes_of(place).index, get_communes(), zones.read())


def _describe(taux: pd.DataFrame, wanted: list[tuple[str, str]]) -> pd.DataFrame:
    """One row per level and code that has a published rate, or a secret one."""
    names = {"departement": departement_names(), "region": region_names(), FRANCE: {FRANCE: "France"}}
    frames = []
    for niveau in dict.fromkeys(one for one, _code in wanted):
        codes: Iterable[str] = [code for one, code in wanted if one == niveau]
        held = emploi.describe(taux, niveau, codes)
        held = held[held["taux"].notna() | (held["taux_secret"] > 0)].reset_index()
        frames.append(held.assign(niveau=niveau, nom=held["code"].map(names[niveau]).fillna(held["nom"])))
    return pd.concat(frames, ignore_index=True)


def _line(niveau: str, row: pd.Series, nom: str) -> dict[str, Any]:
    quarter = str(row["trimestre"] or "")
    share = _known(row.get("part_territoire"))
    level = LEVELS[niveau]
    notes = [f"{share_of(share.value)} des habitants" if share.value is not None else ""]
    notes.append("provisoire" if row["provisoire"] else "")
    return {
        "niveau": niveau,
        "code": row["code"] if "code" in row.index else row.name,
        "lieu": f"{level} : {nom}" if level else nom,
        "name": f"{level.lower()} {nom}".strip() if level else nom,
        "quarter": quarter,
        "trimestre": millesime_label(quarter) + (" (provisoire)" if row["provisoire"] else ""),
        "taux": Quantity(_known(row["taux"]).value, int(row["taux_secret"])),
        "un_an": _known(row["evolution_1_an"]),
        "cinq_ans": _known(row["evolution_5_ans"]),
        "habitants": percent(share) if share.value is not None else None,
        "dedans": percent(_known(row.get("part_zone"))) if share.value is not None else None,
        "note": ", ".join(note for note in notes if note),
    }


def _french(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")


def _known(value: Any) -> Quantity:
    return Quantity(None if value is None or pd.isna(value) else float(value))
