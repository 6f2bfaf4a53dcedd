"""The panel « Actifs et mobilité »: who lives, works and stays in a place, and its main home-to-work flows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from fichetrack.indicators import mobilite
from fichetrack.indicators.quantities import Quantity
from fichetrack.queries.ground import get_communes
from fichetrack.queries.panels.asked import Setting
from fichetrack.queries.panels.shapes import (
    Column,
    Figure,
    Grid,
    Panel,
    Reader,
    by_code,
    not_imported,
    source_line,
)
from fichetrack.queries.panels.within import communes_of, epci_names
from fichetrack.queries.places import Place
from fichetrack.queries.releases import Shelf
from fichetrack.tables.french import share_of
from fichetrack.vocabulary import PlaceKind, millesime_label

CODE = "mobilite"
TITLE = "Actifs et mobilité"
INDICATORS = by_code(mobilite.INDICATORS)
COLUMNS = ["origine", "destination", "destination_nom", "nature", "flux"]
HIGHEST, STEP = 2000, 50  # of the slider
KEPT = 500  # flows of a grid: beyond, the threshold is to be raised
WHOLE = 0.95  # share of the inhabitants from which a file is said to describe a place
UNITS = {"epci": "entre intercommunalités", "commune": "entre communes"}
SETTINGS = {"flux_min": Setting("Flux d’au moins"), "flux_maille": Setting("Flux", UNITS)}
ADVICE = "L’Insee déconseille d’utiliser les flux inférieurs à 200 : ils sont signalés « fragile »."


@dataclass(frozen=True)
class Options:
    """The smallest flow shown, and between what."""

    threshold: int = mobilite.THRESHOLD
    unit: str = "epci"


def options(args: Mapping[str, str], place: Place, reader: Reader) -> Options:
    """A threshold out of bounds is brought back to them; flows between communes are for signed-in readers."""
    asked = args.get("flux_min", "")
    readable = asked.isascii() and asked.isdigit() and len(asked) < 8
    threshold = min(max(int(asked), mobilite.FLOOR), HIGHEST) if readable else mobilite.THRESHOLD
    # An intercommunalité says little of one commune: its own flows are between communes, unless asked otherwise.
    default = "commune" if place.kind == PlaceKind.COMMUNE else "epci"
    unit = args.get("flux_maille", default)
    allowed = unit in UNITS and (reader.detailed or unit == "epci") and place.kind != PlaceKind.FRANCE
    return Options(threshold, unit if allowed else "epci")


def in_force(panel: Panel) -> dict[str, str]:
    """The settings followed, as an address writes them."""
    return {"flux_min": str(panel.options.threshold), "flux_maille": panel.options.unit}


def build(place: Place, shelf: Shelf, options: Options) -> Panel:
    """The panel of a place."""
    shown = Panel(CODE, TITLE, place, options=options)
    table = shelf.get("mobilite", "flux")
    if table is None:
        return shown.without(not_imported("mobilite"))
    flows, inside, units = _read(place, shelf, options)
    profile = mobilite.profile(flows, inside)
    if profile.isna().all():
        return shown.without(f"Le recensement ({millesime_label(table.millesime)}) ne donne aucun flux pour ce lieu.")
    if place.kind == PlaceKind.FRANCE:
        # People who live abroad and work in France are not in the file: nobody entering is not a zero.
        profile["entrants"] = float("nan")
    found = mobilite.main_flows(flows, inside, units, options.threshold)
    return shown.holding(
        sentence=_sentence(place, options, table.millesime),
        figures=_figures(profile, table.millesime),
        grids=[_profile(profile), _grid(found, place, options, units)],
        sources=[source_line(table)],
        warnings=[*table.reservations, *_coverage(place, flows, inside), *_warnings(place)],
        extra={
            "units": UNITS,
            "floor": mobilite.FLOOR,
            "highest": HIGHEST,
            "step": STEP,
            "fragile": options.threshold < mobilite.FRAGILE,
            "advice": ADVICE,
            "kept": KEPT,
        },
    )


def _read(place: Place, shelf: Shelf, options: Options) -> tuple[pd.DataFrame, pd.Index, pd.Series]:
    """The flows that touch a place, the codes inside it, and the unit of each code."""
    if place.kind == PlaceKind.FRANCE:
        table = shelf.get("mobilite", "flux_epci")
        flows = table.read(COLUMNS) if table else pd.DataFrame(columns=COLUMNS)
        # Every place of residence is in France: whatever it is called, it is inside.
        inside = pd.Index(flows.loc[flows["nature"] == "commune", "destination"]).union(pd.Index(flows["origine"]))
        return flows, inside, pd.Series(dtype="object")
    communes = communes_of(place)
    inside = communes.index
    leaving, entering = shelf.get("mobilite", "flux"), shelf.get("mobilite", "flux_par_destination")
    frames = [leaving.read(COLUMNS, [("origine", inside)])] if leaving else []
    if entering:
        rows = entering.read(COLUMNS, [("destination", inside)])
        frames.append(rows[~rows["origine"].isin(inside)])
    epcis = get_communes()["epci"].dropna()
    units = pd.Series(dtype="object") if options.unit == "commune" else epcis
    return pd.concat(frames, ignore_index=True), inside, units


def _sentence(place: Place, options: Options, millesime: str) -> str:
    return (
        f"Recensement {millesime_label(millesime)} : actifs occupés de 15 ans ou plus, par lieu de résidence et lieu de "
        "travail. "
        f"Flux {UNITS[options.unit]} d’au moins {options.threshold} actifs."
    )


def _coverage(place: Place, flows: pd.DataFrame, inside: pd.Index) -> list[str]:
    """A file that does not describe all the inhabitants of a place gives figures of a part of it: which must be said."""
    communes = get_communes()
    people = communes.groupby("epci")["population"].sum() if place.kind == PlaceKind.FRANCE else communes["population"]
    people = people if place.kind == PlaceKind.FRANCE else people.reindex(inside).fillna(0.0)
    share = people[people.index.isin(flows["origine"].unique())].sum() / people.sum() if people.sum() else 1.0
    if share >= WHOLE:
        return []
    told = f"{share_of(share)} des habitants de ce lieu"
    return [f"Le fichier importé ne décrit que {told} : ces nombres sont ceux de cette partie."]


def _warnings(place: Place) -> list[str]:
    if place.kind == PlaceKind.FRANCE:
        return [
            "Pour la France, les entrées ne sont pas connues : les personnes qui vivent à l’étranger ne sont pas recensées ici."
        ]
    return []


def _figures(profile: pd.Series, millesime: str) -> list[Figure]:
    return [
        Figure(INDICATORS[f"mobilite.{code}"], _known(profile[code]), millesime)
        for code in ("residents", "emplois", "part_stables")
    ]


def _profile(profile: pd.Series) -> Grid:
    """Where residents work, and where those who work here live."""
    lines = (
        ("Actifs occupés qui vivent ici", "residents", None),
        ("dont travaillent ici (stables)", "stables", "residents"),
        ("dont sortent pour travailler", "sortants", "residents"),
        ("parmi eux, à l’étranger", "vers_etranger", "residents"),
        ("parmi eux, en un lieu inconnu", "vers_inconnu", "residents"),
        ("Emplois occupés sur place", "emplois", None),
        ("dont par des habitants", "stables", "emplois"),
        ("dont par des entrants", "entrants", "emplois"),
    )
    rows = [
        {
            "ligne": label,
            "nombre": _known(profile[key]),
            "part": _percent(profile[key], profile[whole]) if whole else None,
        }
        for label, key, whole in lines
    ]
    columns = (
        Column("ligne", "Actifs et emplois"),
        Column("nombre", "Nombre", "quantity", INDICATORS["mobilite.residents"]),
        Column("part", "Part", "quantity", unit="%", digits=1),
    )
    ratio = _known(profile["emplois_pour_100_actifs"])
    note = "" if ratio.value is None else f"Il y a {ratio.value:.0f} emplois occupés sur place pour 100 actifs occupés."
    return Grid("profil", "Qui vit et qui travaille ici", columns, rows, note)


def _grid(found: pd.DataFrame, place: Place, options: Options, units: pd.Series) -> Grid:
    shown = found.head(KEPT)
    named = get_communes()["nom"].reindex(pd.unique(shown[["origine", "destination"]].to_numpy().ravel())).dropna()
    names, cut = epci_names() | named.to_dict(), _cut(place, units)
    rows = [
        {
            "origine": _name(row.origine, row.origine_dedans, names, cut),
            "destination": _name(row.destination, row.destination_dedans, names, cut)
            if row.nature == "commune"
            else _abroad(row.destination, row.destination_nom, row.nature),
            "sens": _direction(row),
            "flux": Quantity(float(row.flux)),
            "fiable": "fragile" if row.fragile else "",
        }
        for row in shown.itertuples()
    ]
    columns = (
        Column("origine", "Vivent"),
        Column("destination", "Travaillent"),
        Column("sens", "Sens"),
        Column("flux", "Actifs", "quantity", INDICATORS["mobilite.flux"]),
        *((Column("fiable", "Prudence"),) if options.threshold < mobilite.FRAGILE else ()),
    )
    title = f"Principaux flux {UNITS[options.unit]}, d’au moins {options.threshold} actifs"
    note = "" if rows else "Aucun flux n’atteint ce seuil : abaissez-le."
    return Grid("flux", title, columns, rows, note, len(found) if len(found) > KEPT else None)


def _cut(place: Place, units: pd.Series) -> set[str]:
    """The units that the border of the place cuts: their name says which part is meant."""
    if units.empty:
        return set()
    dedans = units.index.isin(communes_of(place).index)
    return set(units[dedans]) & set(units[~dedans])


def _name(code: str, inside: bool, names: Mapping[str, str], cut: set[str]) -> str:
    name = names.get(code, code)
    if code not in cut:
        return name
    return f"{name} ({'communes du lieu' if inside else 'ses autres communes'})"


def _abroad(code: str, nom: str | None, nature: str) -> str:
    if nature == "etranger":
        return f"{nom} (étranger)" if nom else f"Étranger ({code})"
    return "Lieu de travail inconnu"


def _direction(row: Any) -> str:
    if row.origine_dedans and row.destination_dedans:
        return "interne"
    return "sortant" if row.origine_dedans else "entrant"


def _percent(part: float, whole: float) -> Quantity:
    return _known(100 * part / whole if whole else float("nan"))


def _known(value: Any) -> Quantity:
    return Quantity(None if pd.isna(value) else float(value))
