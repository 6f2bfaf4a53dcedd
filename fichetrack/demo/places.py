"""A territoire as the texts speak of it: its name with an article, its communes, its members, what it makes."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Connection, select

from fichetrack.demo.grammar import at, of, typographic
from fichetrack.models import Commune, Perimetre, PerimetreCommune, PerimetreMember, Region, Territoire
from fichetrack.models.territoire import TerritoireRegion

TEXTS = Path(__file__).parent / "texts"
MAIN_COMMUNES = 12
_PREFIXES = (
    ("CC ", "Communauté de communes "),
    ("CA ", "Communauté d’agglomération "),
    ("CU ", "Communauté urbaine "),
)


@dataclass
class Place:
    id: int
    slug: str
    nom: str
    with_article: str
    dans: str
    region_code: str
    region: str
    regions: list[str]
    filieres: list[list[str]]
    communes: list[tuple[str | None, str]]  # (code, name), the most populated first
    instruction_days: int
    completion_days: int
    members: list[tuple[str, str]] = field(default_factory=list)  # (SIREN, name)


def read_places(connection: Connection) -> list[Place]:
    """Every territoire of the database, in a stable order, with the words to speak of it."""
    query = select(
        Territoire.id, Territoire.slug, Territoire.nom, Region.code, Region.nom,
        Region.instruction_days, Region.completion_days,
    ).join(Region, Territoire.region_instructrice_code == Region.code)  # fmt: skip
    members, communes, regions = _members(connection), _communes(connection), _regions(connection)
    return [
        _place(row, members.get(row[0], []), communes.get(row[0], []), regions.get(row[0], []))
        for row in connection.execute(query.order_by(Territoire.slug))
    ]


@dataclass(frozen=True)
class Setting:
    """Where one fiche takes place: the words for its texts, the codes of its lieux, the SIREN of its EPCI."""

    slots: dict[str, str]
    lieux: list[str]
    siren: str | None


def set_scene(place: Place, rng: Random) -> Setting:
    """A setting for one fiche: its communes, its filière, its companies, its EPCI."""
    (code, commune), (_, commune2) = pick_communes(place, rng)
    siren, epci = rng.choice(place.members) if place.members else (None, f"Ville {of(commune)}")
    slots = _slots(place, rng, commune, commune2) | {"epci": spell(epci)}
    lieux = [code] if code else [siren] if siren else []
    if siren and code and rng.random() < 0.3:
        lieux.append(siren)
    return Setting(slots, lieux, siren)


def _slots(place: Place, rng: Random, commune: str, commune2: str) -> dict[str, str]:
    filiere = rng.choice(place.filieres)
    sites = words()["sites"]
    companies = words()["entreprises"]
    site, friche = rng.choice(sites["zones"]), rng.choice(sites["friches"])
    company, other = (f"{nom} {rng.choice(companies['suites'])}" for nom in rng.sample(companies["noms"], 2))
    other_epci = rng.choice(place.members)[1] if place.members else f"Ville {of(commune2)}"
    return {
        "le_ti": place.with_article,
        "du_ti": of(place.with_article),
        "au_ti": at(place.with_article),
        "dans_ti": f"{place.dans} {place.with_article}",
        "de_chef_lieu": of(place.communes[0][1]),
        "commune": commune,
        "a_commune": at(commune),
        "de_commune": of(commune),
        "commune2": commune2,
        "a_commune2": at(commune2),
        "de_commune2": of(commune2),
        "filiere": filiere[0],
        "la_filiere": filiere[1],
        "de_filiere": _of_filiere(filiere[1], filiere[0]),
        "aux_metiers": f"aux métiers {_of_filiere(filiere[1], filiere[0])}",
        "secteur": filiere[2],
        "metiers": filiere[3],
        "ecole_metier": filiere[4],
        "site": site,
        "le_site": site,
        "du_site": of(site),
        "la_friche": friche,
        "de_friche": of(friche),
        "region": place.region,
        "epci2": spell(other_epci),
        "entreprise": company,
        "de_entreprise": of(company),
        "entreprise2": other,
    }


def _of_filiere(names: str, short: str) -> str:
    """« de la fonderie et de la forge »; a plural would read as its products: « de la filière batteries électriques »."""
    if names.startswith("les "):
        return f"de la filière {short}"
    return " et ".join(of(name) for name in names.split(" et "))


def pick_communes(place: Place, rng: Random) -> tuple[tuple[str | None, str], tuple[str | None, str]]:
    """Two communes, the main ones more often."""
    first = place.communes[min(int(rng.expovariate(0.45)), len(place.communes) - 1)]
    others = [commune for commune in place.communes if commune != first] or [first]
    return first, rng.choice(others)


@cache
def words() -> dict[str, Any]:
    return tomllib.loads((TEXTS / "places.toml").read_text(encoding="utf-8"))


def _place(row: Any, members: list[Any], communes: list[Any], regions: list[str]) -> Place:
    place_id, slug, nom, region_code, region, instruction_days, completion_days = row
    known = words()["places"].get(_key(nom), {})
    keys = known.get("filieres") or ["mecanique", "agroalimentaire", "metallurgie"]
    return Place(
        id=place_id,
        slug=slug,
        nom=typographic(nom),
        with_article=known.get("nom") or f"le territoire {typographic(nom)}",
        dans=known.get("dans") or "sur",
        region_code=region_code,
        region=typographic(region),
        regions=sorted({region_code, *regions}),
        filieres=[words()["filieres"][key] for key in keys],
        communes=_known_communes(known, communes) or [(None, typographic(nom))],
        instruction_days=instruction_days,
        completion_days=completion_days,
        members=members,
    )


def _known_communes(known: dict[str, Any], communes: list[tuple[str, str]]) -> list[tuple[str | None, str]]:
    """The communes named in the texts first, then the most populated; all of them when the database holds none."""
    codes: dict[str, str | None] = {name: code for code, name in communes}
    named = [name for name in known.get("communes", []) if name in codes or not codes]
    names = list(dict.fromkeys([*named, *list(codes)[:MAIN_COMMUNES]]))
    return [(codes.get(name), name) for name in names[:MAIN_COMMUNES]]


def _members(connection: Connection) -> dict[int, list[tuple[str, str]]]:
    query = select(Perimetre.territoire_id, PerimetreMember.code, PerimetreMember.nom).join(
        PerimetreMember, PerimetreMember.perimetre_id == Perimetre.id
    )
    found: dict[int, list[tuple[str, str]]] = {}
    rows = connection.execute(
        query.where(Perimetre.valid_to.is_(None), PerimetreMember.kind != "commune").order_by(PerimetreMember.code)
    )
    for territoire_id, code, nom in rows:
        if (code, nom) not in found.setdefault(territoire_id, []):
            found[territoire_id].append((code, nom))
    return found


def _communes(connection: Connection) -> dict[int, list[tuple[str, str]]]:
    query = (
        select(Perimetre.territoire_id, Commune.code, Commune.nom)
        .join(PerimetreCommune, PerimetreCommune.perimetre_id == Perimetre.id)
        .join(Commune, Commune.code == PerimetreCommune.commune_code)
        .where(Perimetre.valid_to.is_(None))
        .order_by(Perimetre.territoire_id, Commune.population.desc().nulls_last(), Commune.code)
    )
    found: dict[int, dict[str, str]] = {}
    for territoire_id, code, nom in connection.execute(query):
        found.setdefault(territoire_id, {})[code] = typographic(nom)
    return {key: list(names.items()) for key, names in found.items()}


def _regions(connection: Connection) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = connection.execute(select(TerritoireRegion.territoire_id, TerritoireRegion.region_code))
    for territoire_id, code in rows:
        found.setdefault(territoire_id, []).append(code)
    return found


def spell(name: str) -> str:
    """The name of an EPCI without its abbreviation: « Communauté de communes de Lacq-Orthez »."""
    name = typographic(name)
    for short, long in _PREFIXES:
        if name.startswith(short):
            return long + name.removeprefix(short)
    return name


def _key(nom: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", nom.lower()) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z0-9]+", plain))
