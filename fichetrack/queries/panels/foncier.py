"""The panel « Foncier »: friches, zones d'activité and sites clés en main of a place, and the search for a terrain.

A « friche potentielle » is shown apart: it is neither counted as a friche nor found by a search.
"""

from __future__ import annotations

import math
import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from fichetrack.indicators import foncier, terrains
from fichetrack.indicators.quantities import Quantity, quantity
from fichetrack.queries.ground import get_communes
from fichetrack.queries.panels.asked import Setting
from fichetrack.queries.panels.shapes import (
    Column,
    Figure,
    Grid,
    Panel,
    Reader,
    by_code,
    millesime_choices,
    not_imported,
    source_line,
)
from fichetrack.queries.panels.terrains import (
    ORIGINS,
    Land,
    Rows,
    communes_of,
    find_tables,
    millesimes_of,
    names_of,
    read_land,
)
from fichetrack.queries.places import Place
from fichetrack.queries.releases import Shelf, VisibleTable
from fichetrack.sources.layouts import get_source
from fichetrack.tables.french import count, quote
from fichetrack.vocabulary import millesime_label

CODE = "foncier"
TITLE = "Foncier"
INDICATORS = by_code(foncier.INDICATORS)
SETTINGS = {
    "surface_min": Setting("Un terrain d’au moins (ha)"),
    "type": Setting("Type"),
    "millesime_friches": Setting("Inventaire des friches"),
}
LARGEST_HA = 15_000.0
REACHED = re.compile(r"@|\d(?:[\s.()/-]*\d){7}")  # an e-mail address, or the digits of a telephone
DRAWN = 300  # terrains on the map and in its table; an export has them all
KEPT = 12  # places whose terrains are kept at hand: those of France weigh a few tens of megabytes
_kept: OrderedDict[Any, tuple[Land, Panel]] = OrderedDict()
_lock = threading.Lock()

PRINCIPAL = (terrains.SANS_PROJET, terrains.AVEC_PROJET, terrains.RECONVERTIE, terrains.POTENTIELLE)
LABELS = {
    terrains.FRICHES: "Inventaire des friches",
    terrains.ZONES: "Inventaire des zones d’activité",
    terrains.SITES: "Liste de sites clés en main",
}
SURFACES = (
    "Surface d’une ligne : celle que sa source annonce, ou celle du contour si elle n’en annonce pas. Les totaux mesurent les "
    "contours quand il y en a, recouvrements comptés une fois : ils peuvent différer de la somme des lignes."
)
SENTENCE = (
    "Chaque site publié est compté une fois. Les friches potentielles, que personne n’a vérifiées, sont à part : ni friches, "
    "ni terrain disponible."
)


@dataclass(frozen=True)
class Options:
    """Which terrains are listed. minimum: hectares of free land searched for, None without a search; kind: a type.

    detailed: the reader signed in, and is told whom to write to or call.
    """

    minimum: float | None = None
    kind: str = ""
    millesime: str = ""
    detailed: bool = False

    @property
    def shown_minimum(self) -> str:
        """« 2,5 »; empty without a search."""
        return "" if self.minimum is None else f"{self.minimum:g}".replace(".", ",")


def options(args: Mapping[str, str], place: Place, reader: Reader) -> Options:
    """What the address asks; a surface that is not one asks for nothing."""
    kind = args.get("type", "").strip()[:120].replace("’", "'")
    millesime = args.get("millesime_friches", "")[:20]
    return Options(_hectares(args.get("surface_min", "")), kind, millesime, reader.detailed)


def in_force(panel: Panel) -> dict[str, str]:
    """The settings followed, as an address writes them."""
    asked, known = panel.options, panel.options.millesime in dict(panel.extra["choices"])
    surface = "" if asked.minimum is None else str(asked.minimum)
    return {"surface_min": surface, "type": asked.kind, "millesime_friches": asked.millesime if known else ""}


def build(place: Place, shelf: Shelf, options: Options) -> Panel:
    """The panel of a place."""
    land, whole = _whole(place, shelf, options.millesime)
    if whole.missing:
        return whole
    extra = {**whole.extra, "kinds": _kinds(land, options)}
    return whole.holding(options=options, grids=[_terrains(land, options), *whole.grids], extra=extra)


def _whole(place: Place, shelf: Shelf, millesime: str) -> tuple[Land, Panel]:
    """What a search does not change: the terrains read, the figures; kept for the searches that follow."""
    if millesime not in shelf.millesimes("friches", "friches"):
        millesime = ""  # reading France costs a second: an invented millésime does not have it read again
    key = (place, shelf.signature, millesime)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    tables = find_tables(shelf, millesime)
    land = read_land(place, tables)
    made = land, _told(place, shelf, land, tables)
    with _lock:
        _kept[key] = made
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return made


def _told(place: Place, shelf: Shelf, land: Land, tables: Mapping[str, VisibleTable]) -> Panel:
    """The panel without its list."""
    shown = Panel(CODE, TITLE, place)
    if not tables:
        return shown.without(not_imported("friches"))
    friches = land.terrains.get(terrains.FRICHES)
    real = None if friches is None else terrains.surface_once(foncier.averees(friches))
    return shown.holding(
        sentence=SENTENCE,
        figures=_figures(place, land, tables, real),
        grids=[*_friches(land), *_zones(land)],
        sources=[source_line(table) for table in tables.values()],
        warnings=_warnings(real, tables),
        extra={
            "points": True,
            "drawn": DRAWN,
            "choices": millesime_choices(shelf.millesimes("friches", "friches")),
        },
    )


def _hectares(text: str) -> float | None:
    """« 5 », « 2,5 »; None for anything that is not a surface of 0 to 15,000 ha."""
    try:
        asked = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return asked if math.isfinite(asked) and 0 <= asked <= LARGEST_HA else None


def _figures(
    place: Place, land: Land, tables: Mapping[str, VisibleTable], real: terrains.Surface | None
) -> list[Figure]:
    """The key figures of the sources that are there, each with what must be known beside it."""
    held = land.terrains
    found = foncier.figures(held.get(terrains.FRICHES), held.get(terrains.ZONES), held.get(terrains.SITES))
    notes = {
        "friches_potentielles": "à vérifier",
        "terrain_disponible": "friches sans projet, zones d’activité, sites clés en main",
    }
    if real is not None and real.unmeasured and real.hectares.value is not None:
        notes["friches_surface"] = f"{_number(real.unmeasured, 'site')} sans surface connue"
    if unknown := found["terrain_disponible"].unknown:
        notes["terrain_disponible"] += f", {_number(unknown, 'terrain')} sans surface connue"
    if terrains.ZONES in tables:
        vacancy = foncier.vacancy(land.zones)
        found["zae_vacance"] = vacancy.rate
        zones = _number(vacancy.covered, "zone")
        weighed = f"{zones} sur {count(vacancy.zones)}, pondération : {vacancy.weight}"
        notes["zae_vacance"] = weighed if vacancy.zones else "aucune zone inventoriée"
        notes["zae_nombre"] = _coverage(place, tables[terrains.ZONES])
    millesimes = {one.code: land.millesimes[one.source] for one in foncier.INDICATORS if one.source in tables}
    millesimes["terrain_disponible"] = ", ".join(dict.fromkeys(land.millesimes.values()))
    return [
        Figure(one, found[one.code], millesimes[one.code], note=notes.get(one.code, ""))
        for one in foncier.INDICATORS
        if one.code in found and one.code in millesimes
    ]


def _coverage(place: Place, table: VisibleTable) -> str:
    """« inventaire de 3 EPCI sur 7 »: no zone where nobody published is not « no zone »."""
    epcis = get_communes()["epci"]
    here = set(epcis.loc[list(communes_of(place))].dropna())
    around = epcis.index[epcis.isin(here)]
    told = table.read(columns=["commune"], where=[("commune", around)])["commune"]
    return f"inventaire de {count(len(set(told.map(epcis)) & here))} EPCI sur {count(len(here))}"


def _warnings(real: terrains.Surface | None, tables: Mapping[str, VisibleTable]) -> list[str]:
    said = []
    if missing := [get_source(origin).title.lower() for origin in ORIGINS if origin not in tables]:
        said.append(f"Pas encore importé ici : {', '.join(missing)}. Les chiffres qui en viennent manquent.")
    if real is not None:
        said += real.warnings
    zones = tables.get(terrains.ZONES)
    if zones and len(zones.releases) > 1:
        said.append(
            f"Zones d’activité : {len(zones.releases)} fichiers réunis, millésimes {millesime_label(millesimes_of(zones))} ; "
            "un EPCI qui n’a rien publié n’y est pas."
        )
    return said + [text for table in tables.values() for text in table.reservations]


def _kinds(land: Land, options: Options) -> list[tuple[str, str]]:
    """The types that are there, and the one asked for even when it is not: an empty answer says what was asked."""
    there = set(land.gathered["type"].dropna()) | ({options.kind} if options.kind else set())
    return [("", "tous"), *((one, _typographic(one)) for one in sorted(there))]


def _terrains(land: Land, options: Options) -> Grid:
    """The list behind the map: every terrain, or those that a search finds."""
    asked = land.gathered
    asked = asked[asked["type"] == options.kind] if options.kind else asked
    of_kind = f", type {quote(_typographic(options.kind))}" if options.kind else ""
    if options.minimum is None:
        found = _in_order(terrains.distinct(asked))
        title = f"Terrains recensés{of_kind}"
        note = (
            "Les terrains libres d’abord, ceux que personne n’a vérifiés en dernier ; les plus grands avant les autres."
        )
    else:
        found = foncier.available_land(asked, options.minimum)
        title = f"Terrains d’au moins {options.shown_minimum} ha{of_kind}"
        note = _found(found, asked)
    rows = Rows(land.listed, lambda one: _terrain(one, land.millesimes, options.detailed), found.index)
    return Grid("terrains", title, TERRAIN, rows, f"{note} {SURFACES}")


TERRAIN = (
    Column("nom", "Terrain"),
    Column("commune", "Commune"),
    Column("statut", "Statut"),
    Column("type", "Type"),
    Column("surface", "Surface", "quantity", unit="ha", digits=1),
    Column("disponible", "Disponible", "quantity", INDICATORS["terrain_disponible"]),
    Column("source", "Source"),
    Column("contact", "Contact ou producteur"),
    Column("actualise", "Mis à jour"),
    Column("identifiant", "Identifiant"),
    Column("longitude", "Longitude", "quantity", unit="°", digits=5),
    Column("latitude", "Latitude", "quantity", unit="°", digits=5),
)


def _found(found: gpd.GeoDataFrame, asked: gpd.GeoDataFrame) -> str:
    """The surface of what was found, and what no search can find."""
    surface = foncier.available_surface(found.reset_index(drop=True)).hectares.value if len(found) else 0.0
    said = f"{_number(len(found), 'terrain')}, {_one_decimal(surface)} ha en tout, recouvrements comptés une fois."
    if unknown := foncier.count_unmeasured(asked):
        said += f" {_number(unknown, 'terrain')} sans surface connue : la recherche ne peut pas en juger."
    return said + " À vérifier sur place : pollution, accès et urbanisme n’y sont pas jugés."


def _in_order(found: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """What is free first, what nobody checked last, the largest first."""
    last = found["statut"].isin([terrains.POTENTIELLE, "inconnu", "sans objet"])
    rank = last.astype("int64") - found["libre"].astype("int64")
    ordered = found.assign(_rank=rank).sort_values(
        ["_rank", "surface_ha", "site_id"], ascending=[True, False, True], kind="stable"
    )
    return ordered.drop(columns="_rank")


def _terrain(one: Any, millesimes: Mapping[str, str], detailed: bool) -> dict[str, Any]:
    """A row of the list; lon and lat are what the map draws, `href` the page of its publisher."""
    return {
        "nom": _text(one.nom) or f"Sans nom ({one.site_id})",
        "commune": one.nom_commune,
        "statut": _text(one.statut),
        "type": _typographic(_text(one.type) or "") or None,
        "surface": _known(one.surface_ha, one.surface_ha_secret),
        "disponible": _known(one.disponible_ha) if one.libre else None,
        "source": f"{LABELS[one.source]}, {millesime_label(millesimes[one.source])}",
        "contact": _contact(_text(one.contact), detailed),
        "actualise": _day(one.actualise_le),
        "identifiant": one.site_id,
        "longitude": _known(one.lon),
        "latitude": _known(one.lat),
        "href": _text(one.url),
        "origin": one.source,
        "is_free": bool(one.libre),
        "is_potential": one.statut == terrains.POTENTIELLE,
    }


def _contact(text: str | None, detailed: bool) -> str | None:
    """A service is named to everybody; its address and telephone are for signed-in readers, who are not harvested."""
    return "avec un compte" if text and not detailed and REACHED.search(text) else text


def _friches(land: Land) -> list[Grid]:
    """Friches by status, the potentielles on their own row and no total; then by type."""
    held = land.terrains.get(terrains.FRICHES)
    if held is None:
        return []
    statuts = [
        _counted(statut, row)
        for statut, row in foncier.by_statut(held).iterrows()
        if row["nombre"] or statut in PRINCIPAL
    ]
    types = [_counted(kind, row) for kind, row in foncier.by_type(held).iterrows()]
    apart = "Pas de total : une friche potentielle n’est pas vérifiée. Une surface peut être dans deux statuts."
    return [
        Grid("statuts", "Friches par statut", _counted_columns("Statut"), statuts, apart),
        Grid("types", "Friches par type", _counted_columns("Type"), types, "Friches sans projet et avec projet seulement."),
    ]  # fmt: skip


def _counted_columns(first: str) -> tuple[Column, ...]:
    return (
        Column("nom", first),
        Column("nombre", "Sites", "quantity", unit="sites"),
        Column("surface", "Surface", "quantity", unit="ha", digits=1),
        Column("sans_surface", "Sans surface connue", "quantity", unit="sites"),
    )


def _counted(name: Any, row: pd.Series) -> dict[str, Any]:
    return {
        "nom": _typographic(str(name)).capitalize(),
        "nombre": Quantity(float(row["nombre"])),
        "surface": quantity(row, "surface_ha") + Quantity(unknown=int(row["sans_surface"])),
        "sans_surface": Quantity(float(row["sans_surface"])),
    }


ZONE = (
    Column("nom", "Zone"),
    Column("commune", "Commune"),
    Column("etat", "État"),
    Column("vocation", "Vocation"),
    Column("surface", "Surface", "quantity", unit="ha", digits=1),
    Column("disponible", "En vente", "quantity", unit="ha", digits=1),
    Column("unites", "Unités foncières", "quantity"),
    Column("vacantes", "Unités vacantes", "quantity"),
    Column("taux", "Taux de vacance publié", "quantity", unit="%", digits=1),
)


def _zones(land: Land) -> list[Grid]:
    """The zones and their vacancy, each in its three states."""
    if land.zones.empty:
        return []
    held = land.zones.drop_duplicates("site_id", keep="last").sort_values(["commune", "site_id"], kind="stable")
    rows = Rows(held.assign(nom_commune=names_of(held["commune"])), _zone)
    note = f"{quote('secret')} : le taux existe et n’est pas publié ; {quote('n. d.')} : le fichier n’en dit rien."
    return [Grid("zones", "Zones d’activité et vacance", ZONE, rows, note)]


def _zone(one: Any) -> dict[str, Any]:
    return {
        "nom": _text(one.nom) or f"Sans nom ({one.site_id})",
        "commune": one.nom_commune,
        "etat": _text(one.etat),
        "vocation": _text(one.vocation),
        "surface": _known(one.surface_ha, one.surface_ha_secret),
        "disponible": _known(one.surface_disponible_ha, one.surface_disponible_ha_secret),
        "unites": _known(one.uf_nombre, one.uf_nombre_secret),
        "vacantes": _known(one.uf_vacantes, one.uf_vacantes_secret),
        "taux": _known(one.taux_vacance, one.taux_vacance_secret),
        "href": _text(one.url),
    }


def _known(value: float, secrets: int = 0) -> Quantity:
    return Quantity(None if pd.isna(value) else float(value), int(secrets))


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _day(text: Any) -> str | None:
    """« 10/03/2025 », or the year alone when a file says no more."""
    year, *rest = (_text(text) or "").split("-")
    return "/".join([*reversed(rest), year]) or None


def _typographic(text: str) -> str:
    """The closed lists of the standards are written with straight apostrophes; what is shown is not."""
    return text.replace("'", "’")


def _number(number: int, word: str) -> str:
    return f"{count(number)} {word}{'s' if number > 1 else ''}"


def _one_decimal(value: float | None) -> str:
    return "?" if value is None else f"{value:,.1f}".replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")
