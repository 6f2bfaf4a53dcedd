"""The content of one fiche, as plain values (names of fields.py), fitting its territoire, its action and its life."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from fichetrack.demo import rows
from fichetrack.demo.phrases import exchanges, profils
from fichetrack.demo.scene import Scene
from fichetrack.fields import BY_NAME, FIELDS, RESUME_MAX, ROWS, Gate
from fichetrack.vocabulary import (
    METEO_NEEDS_HELP,
    PUBLISHED,
    SECTEURS_A17,
    Action,
    Avancement,
    Axe,
    EmploiUnite,
    Etat,
    Frein,
    Meteo,
    MotifCloture,
    Role,
)

Content = dict[str, Any]

CLOSED = frozenset({Etat.CLOTUREE, Etat.ARCHIVEE})
_HELPERS: dict[Frein, tuple[str, ...]] = {
    Frein.FONCIER: ("Établissement public foncier", "Cerema", "Banque des Territoires"),
    Frein.FINANCEMENT: ("Bpifrance", "Banque des Territoires", "Région"),
    Frein.REGLEMENTAIRE: ("DREAL", "Sous-préfecture", "DDT"),
    Frein.COMPETENCES: ("France Travail", "Région", "OPCO 2i"),
    Frein.PARTENAIRE: ("CCI", "Business France", "Région"),
    Frein.DECISION: ("Préfecture de région", "Région"),
    Frein.AUTRE: ("ADEME", "Délégation aux Territoires d’industrie"),
}
_KEPT_IN_DRAFTS = frozenset({"intitule", "axe", "territoire", "diffusion", "lieux", "avancement", "thematiques"})
_MISSING_WHILE_WAITING = (
    "resultats_attendus", "transition_justification", "maitre_ouvrage_siret", "emplois_a_maintenir", "date_fin",
    "cout_total", "partenaires", "financements",
)  # fmt: skip


def build(scene: Scene) -> Content:
    """Everything the fiche holds today."""
    debut, fin = _calendar(scene)
    late = _is_late(scene, debut, fin)
    cost = _cost(scene)
    content: Content = {field.name: None for field in FIELDS} | {rows_.name: [] for rows_ in ROWS}
    content |= _identite(scene) | _territoire(scene) | _acteurs(scene) | _objectifs(scene)
    content |= {"date_debut": debut.isoformat(), "date_fin": fin.isoformat()}
    content |= {"cout_total": f"{cost}.00", "financements": rows.financements(scene, cost)}
    if scene.rng.random() < 0.4:
        content["investissement_prive"] = f"{int(cost * scene.rng.uniform(0.1, 0.6)) // 1000 * 1000}.00"
    content["jalons"] = rows.jalons(scene, debut, fin, late)
    content |= _suivi(scene, debut, fin, late)
    if scene.etat in CLOSED:
        content |= _cloture(scene, content, debut)
    elif scene.etat in PUBLISHED and scene.rng.random() < 0.5:
        latest = scene.life.steps[-1].day
        progress = min(1.0, (latest - debut).days / (fin - debut).days)
        content["mesures"] = rows.mesures(scene, content["indicateurs"], debut, latest, progress)
    return _thinned(scene, content)


def missing_while_waiting(content: Content) -> list[str]:
    """What an instructeur may point at: first what is empty, else what is often asked to be made more precise."""
    empty = [name for name in _MISSING_WHILE_WAITING if not content[name]]
    return empty or ["resultats_attendus", "financements"]


def _identite(scene: Scene) -> Content:
    action, rng = scene.action, scene.rng
    others = [axe.value for axe in Axe if axe != action.axe]
    secteurs = [scene.slots["secteur"]]
    if rng.random() < 0.2:
        secteurs = sorted({*secteurs, rng.choice(sorted(SECTEURS_A17))})
    simplifies = action.axe == Axe.SIMPLIFIER
    return {
        "intitule": scene.tell(rng.choice(action.titres)),
        "resume": _cut(scene.tell(action.resume)),
        "description": "\n\n".join(scene.tell(paragraph) for paragraph in action.description),
        "axe": action.axe,
        "axes_secondaires": [rng.choice(others)] if rng.random() < 0.25 else [],
        "thematiques": sorted(set(action.themes)),
        "mots_cles": [*action.mots, scene.slots["filiere"]] if rng.random() < 0.8 else list(action.mots[:2]),
        "secteurs": secteurs,
        "transition_ecologique": action.transition,
        "transition_justification": scene.tell(action.justification),
        "norme_visee": scene.tell(action.norme) if simplifies else None,
        "proposition_simplification": scene.tell(action.proposition) if simplifies else None,
        "diffusion": scene.diffusion.value,
    }


def _territoire(scene: Scene) -> Content:
    return {
        "territoire": f"ti-{scene.place.slug}",
        "territoires_associes": [f"ti-{slug}" for slug in scene.associes],
        "lieux": list(scene.setting.lieux),
    }


def _acteurs(scene: Scene) -> Content:
    rng, slug, today = scene.rng, scene.place.slug, scene.today
    pilote = scene.tell(rng.choice(profils()[scene.action.profil]["pilotes"]))
    owner = pilote if rng.random() < 0.6 else scene.slots["epci"]
    siren = scene.setting.siren if owner == scene.slots["epci"] else None
    content: Content = {
        "pilote": pilote,
        "maitre_ouvrage": owner,
        "maitre_ouvrage_siret": rows.fictitious_siret(rng, siren),
        "partenaires": rows.partenaires(scene, {pilote, owner}),
        "referent_publie": False,
    }
    if rng.random() < 0.7:
        leader = scene.leader(today)
        content |= {
            "referent_nom": leader.nom,
            "referent_fonction": leader.fonction,
            "referent_courriel": leader.courriel,
            "referent_telephone": f"01 99 00 {rng.randint(10, 99)} 00",  # A range kept for fiction.
            "referent_publie": rng.random() < 0.4,
            "referent_verifie_le": scene.life.steps[-1].day.isoformat(),
        }
    for name, role, where in (
        ("elu_referent", Role.ELU_REFERENT, slug),
        ("industriel_referent", Role.INDUSTRIEL_REFERENT, slug),
        ("referent_region", Role.INSTRUCTEUR_REGION, scene.place.region_code),
    ):
        person = scene.one_of(role, where, today)
        content[name] = person.nom if person and rng.random() < 0.6 else None
    return content


def _objectifs(scene: Scene) -> Content:
    rng = scene.rng
    fewest, most, keep_low, keep_high = scene.action.emplois
    return {
        "constat": scene.tell(rng.choice(scene.action.constat)),
        "objectifs": "\n".join(f"- {scene.tell(goal)}" for goal in scene.action.objectifs),
        "resultats_attendus": scene.tell(scene.action.resultats),
        "indicateurs": rows.indicateurs(scene),
        "emplois_a_creer": rng.randint(fewest, most),
        "emplois_a_maintenir": rng.randint(keep_low, keep_high),
        "emplois_unite": rng.choice(list(EmploiUnite)).value,
        "emplois_source": rng.choice(exchanges()["emplois_source"]) if rng.random() < 0.6 else None,
    }


def _calendar(scene: Scene) -> tuple[date, date]:
    """Start and end: around validation once validated, in the future while waiting."""
    rng, today = scene.rng, scene.today
    length = rng.choice((240, 365, 365, 545, 730, 730, 910, 1095))
    validated, last = scene.life.last(Action.VALIDATE), scene.life.steps[-1].day
    if scene.etat in CLOSED and validated:
        closed = (scene.life.last(Action.CLOSE) or scene.life.last(Action.EXPEL) or scene.life.steps[-1]).day
        debut = validated.day + timedelta(days=rng.randint(-20, 15))
        return debut, max(closed + timedelta(days=rng.randint(-50, 20)), debut + timedelta(days=40))
    if scene.etat in PUBLISHED and validated:
        debut = validated.day + timedelta(days=rng.randint(-30, 60))
        elapsed = (today - debut).days
        if elapsed > 160 and rng.random() < 0.22:
            return debut, today - timedelta(days=rng.randint(8, min(200, elapsed - 90)))
        fin = debut + timedelta(days=length)
        return debut, fin if fin > today + timedelta(days=15) else today + timedelta(days=rng.randint(30, 420))
    begin = last if scene.etat in {Etat.NON_RETENUE, Etat.RETIREE} else today
    debut = begin + timedelta(days=rng.randint(20, 200))
    return debut, debut + timedelta(days=length)


def _is_late(scene: Scene, debut: date, fin: date) -> bool:
    if scene.etat != Etat.VALIDEE:
        return False
    return fin < scene.today or ((scene.today - debut).days > 100 and scene.rng.random() < 0.16)


def _cost(scene: Scene) -> int:
    low, high = (1000 * bound for bound in scene.action.cout)
    step = 10_000 if high > 500_000 else 1_000
    return int(low + (high - low) * scene.rng.random() ** 1.6) // step * step


def _suivi(scene: Scene, debut: date, fin: date, late: bool) -> Content:
    meteo = _meteo(scene, late)
    needs_help = meteo in METEO_NEEDS_HELP and scene.etat not in CLOSED
    frein = scene.rng.choice(list(Frein)) if needs_help else None
    given = scene.etat in PUBLISHED and scene.rng.random() < 0.15
    return {
        "avancement": _avancement(scene, debut, fin, late).value,
        "suspendue": scene.etat == Etat.VALIDEE and late and scene.rng.random() < 0.2,
        "meteo": meteo.value if meteo else None,
        "frein": frein.value if frein else None,
        "appui_demande_a": scene.rng.choice(_HELPERS[frein]) if frein else None,
        "meteo_region": scene.rng.choice(list(Meteo)).value if given else None,
        "notes": rows.notes(scene),
        "sollicitations": rows.sollicitations(scene, needs_help),
    }


def _meteo(scene: Scene, late: bool) -> Meteo | None:
    if scene.etat in {Etat.BROUILLON, Etat.DEPOSEE} and scene.rng.random() < 0.5:
        return None
    if scene.etat in CLOSED:
        return scene.rng.choices(list(Meteo), (6, 4, 0, 0))[0]
    return scene.rng.choices(list(Meteo), (1, 3, 4, 3) if late else (8, 8, 3, 1))[0]


def _avancement(scene: Scene, debut: date, fin: date, late: bool) -> Avancement:
    stages = list(Avancement)
    if scene.etat in CLOSED:
        expelled = scene.life.situation.motif == MotifCloture.HORS_PROGRAMME
        return scene.rng.choice(stages[1:5]) if expelled else Avancement.TERMINEE
    if scene.etat not in PUBLISHED:
        return scene.rng.choices(stages[:4], (4, 4, 2, 1))[0]
    if late:
        return scene.rng.choice((Avancement.MONTAGE_FINANCIER, Avancement.EN_COURS, Avancement.ETUDE))
    elapsed = (scene.today - debut).days / max(1, (fin - debut).days)
    if elapsed < 0.15:
        return scene.rng.choice((Avancement.ETUDE, Avancement.MONTAGE_FINANCIER, Avancement.PRETE))
    return scene.rng.choices(stages[2:], (2, 2, 9, 2 if elapsed > 0.85 else 0))[0]


def _cloture(scene: Scene, content: Content, debut: date) -> Content:
    """Results and lessons of a fiche that ended; one that left the programme has none."""
    if scene.life.situation.motif == MotifCloture.HORS_PROGRAMME:
        return {"motif_cloture": MotifCloture.HORS_PROGRAMME.value}
    closed = scene.life.last(Action.CLOSE) or scene.life.steps[-1]
    measured = rows.mesures(scene, content["indicateurs"], debut, closed.day, 1.0)
    lessons, rng = profils()[scene.action.profil], scene.rng
    return {
        "motif_cloture": MotifCloture.REALISEE.value,
        "emplois_crees": round(content["emplois_a_creer"] * rng.uniform(0.5, 1.2)),
        "emplois_maintenus": round(content["emplois_a_maintenir"] * rng.uniform(0.8, 1.05)),
        "mesures": measured,
        "resultat_non_mesure": None if measured else exchanges()["non_mesure"][0],
        "ce_qui_a_marche": rng.choice(lessons["marche"]),
        "ce_qui_na_pas_marche": rng.choice(lessons["pas_marche"]),
        "a_refaire": rng.choice(lessons["refaire"]),
    }


def _thinned(scene: Scene, content: Content) -> Content:
    """Drafts are unfinished; what waits for a decision may still lack what only validation needs."""
    if scene.etat == Etat.BROUILLON:
        ready = scene.rng.random() < 0.3
        names = [name for name in content if name not in _KEPT_IN_DRAFTS]
        dropped = [name for name in names if scene.rng.random() < _draft_odds(name, ready)]
    elif scene.etat in {Etat.DEPOSEE, Etat.EN_INSTRUCTION, Etat.A_COMPLETER}:
        lacks = scene.etat == Etat.A_COMPLETER or scene.rng.random() < 0.3
        dropped = scene.rng.sample(_MISSING_WHILE_WAITING, scene.rng.randint(1, 2)) if lacks else []
    else:
        dropped = []
    for name in dropped:
        content[name] = [] if isinstance(content[name], list) else False if isinstance(content[name], bool) else None
    if not content["indicateurs"]:
        content["mesures"] = []
    if content["meteo"] is None or content["meteo"] not in METEO_NEEDS_HELP:
        content["frein"] = content["appui_demande_a"] = None
    return content


def _draft_odds(name: str, ready: bool) -> float:
    """How often a draft lacks a field: a draft ready to be filed lacks nothing that filing needs."""
    gate = BY_NAME[name].gate if name in BY_NAME else None
    if gate == Gate.FILE:
        return 0.0 if ready else 0.3
    return 0.35 if ready else 0.65


def _cut(text: str) -> str:
    return text if len(text) <= RESUME_MAX else text[: RESUME_MAX - 1].rsplit(" ", 1)[0] + "…"
