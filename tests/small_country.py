"""A made-up country of six communes, in the shape of the official geographic code, for quick tests of geography."""

from __future__ import annotations

from typing import Any

import shapely

from fichetrack.geography.reference import Reference, search_key


def epci(code: str, nom: str, kind: str) -> dict[str, Any]:
    return {"code": code, "nom": nom, "kind": kind, "search_key": search_key(nom)}


def commune(
    code: str, nom: str, population: int, epci_code: str | None = None, siren: str | None = None
) -> dict[str, Any]:
    return {
        "code": code,
        "nom": nom,
        "siren": siren,
        "departement_code": code[:2],
        "epci_code": epci_code,
        "ept_code": None,
        "population": population,
        "search_key": search_key(nom),
    }


def small_country() -> Reference:
    return Reference(
        cog_year=2026,
        package="made up",
        regions=[{"code": "76", "nom": "Grand Sud"}, {"code": "84", "nom": "Petit Est"}],
        departements=[
            {"code": "99", "nom": "Exemple", "region_code": "76"},
            {"code": "98", "nom": "Lacs", "region_code": "84"},
        ],
        epcis=[
            epci("200000018", "CA Exempleville Agglomération", "CA"),
            epci("200000026", "CC de la Plaine, du Lac et des Bois", "CC"),
            epci("200000034", "CC du Val", "CC"),
        ],
        communes=[
            commune("99001", "Exempleville", 10_000, "200000018"),
            commune("99002", "Bourg-l’Exemple", 1_000, "200000018"),
            commune("99003", "Plaineville", 3_000, "200000026"),
            commune("98001", "Lacville", 500, "200000026"),
            commune("99004", "Seuleville", 800, siren="219900048"),
            commune("99005", "Valbourg", 600, "200000034"),
        ],
        successors={"99009": "99002"},  # Ancienbourg, merged into Bourg-l’Exemple
    )


def small_contours() -> dict[str, Any]:
    """Unit squares in a row, by commune."""
    codes = [row["code"] for row in small_country().communes]
    return {code: shapely.box(column, 44, column + 1, 45) for column, code in enumerate(codes)}
