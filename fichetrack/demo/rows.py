"""The lists of rows of a fiche, as plain values: partenaires, jalons, financements, notes…"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from fichetrack.demo.people import OPERATORS
from fichetrack.demo.phrases import exchanges, profils
from fichetrack.demo.scene import Scene
from fichetrack.vocabulary import PUBLISHED, Etat, EtatMontant, IssueSollicitation, MotifRefus, Nature

Row = dict[str, Any]

_PROMISED = (EtatMontant.ACCORDE, EtatMontant.NOTIFIE, EtatMontant.ENGAGE, EtatMontant.VERSE, EtatMontant.DEMANDE)


def partenaires(scene: Scene, leaders: set[str]) -> list[Row]:
    """Three to five organisations beside those who lead; companies carry a fictitious SIRET."""
    pool = [row for row in profils()[scene.action.profil]["partenaires"] if scene.tell(row[0]) not in leaders]
    chosen = scene.rng.sample(pool, scene.rng.randint(3, min(5, len(pool))))
    return [
        {
            "organisation": scene.tell(name),
            "siret": fictitious_siret(scene.rng) if name.startswith("{entreprise") else None,
            "role": role,
        }
        for name, role in chosen
    ]


def indicateurs(scene: Scene) -> list[Row]:
    return [
        {"libelle": libelle, "unite": unite, "base": str(base), "cible": str(scene.draw(low, high))}
        for libelle, unite, base, low, high in scene.action.indicateurs
    ]


def mesures(scene: Scene, known: list[Row], debut: date, last_day: date, progress: float) -> list[Row]:
    """One or two measures of each indicator, on the way to its target (`progress` of it by the last day)."""
    whole = (last_day - debut).days
    if whole < 120:
        return []
    found = []
    for row in known:
        base, target = int(row["base"]), int(row["cible"])
        for share in sorted(scene.rng.sample((0.4, 0.6, 0.8, 1.0), scene.rng.randint(1, 2))):
            value = base + round((target - base) * share * progress * scene.rng.uniform(0.85, 1.1))
            found.append(
                {
                    "indicateur": row["libelle"],
                    "valeur": str(min(value, 98) if row["unite"] == "%" else value),
                    "date": (debut + timedelta(days=int(whole * share))).isoformat(),
                    "source": scene.rng.choice(exchanges()["mesure_source"]),
                }
            )
    return found


def jalons(scene: Scene, debut: date, fin: date, late: bool) -> list[Row]:
    """Steps spread from start to end; those past are done, save the last ones of a late fiche."""
    labels = profils()[scene.action.profil]["jalons"]
    labels = labels[: scene.rng.randint(4, len(labels))]
    whole = (fin - debut).days
    days = [debut + timedelta(days=whole * (n + 1) // len(labels)) for n in range(len(labels))]
    past = [day for day in days if day < scene.today]
    unmet = past[-scene.rng.randint(1, 2) :] if late else []
    return [
        {
            "libelle": label,
            "date": day.isoformat(),
            "fait_le": _done_on(scene, day) if day in past and day not in unmet else None,
            "responsable": scene.rng.choice((scene.leader_name, scene.slots["entreprise"], None)),
        }
        for label, day in zip(labels, days, strict=True)
    ]


def financements(scene: Scene, cost: int) -> list[Row]:
    """Lines of several financeurs whose sum never exceeds the cost (in euros)."""
    pool = profils()[scene.action.profil]["financeurs"]
    weights = [line[4] for line in pool]
    chosen: list[list[Any]] = []
    while len(chosen) < 2 or (len(chosen) < len(pool) and scene.rng.random() < 0.55):
        line = scene.rng.choices(pool, weights)[0]
        chosen += [line] if line not in chosen else []
    shares = [scene.rng.uniform(0.5, 2) for _ in chosen]
    covered = cost * scene.rng.uniform(0.62, 1.0) / sum(shares)
    step = 1000 if cost >= 100_000 else 500
    rows = [_line(scene, line, int(covered * share) // step * step) for line, share in zip(chosen, shares, strict=True)]
    return [row for row in rows if row["montant"] != "0.00"]


def notes(scene: Scene) -> list[Row]:
    """A note for about half of the updates made once validated."""
    return [_note(scene, step.day) for step in scene.life.life_edits() if scene.rng.random() < 0.6]


def sollicitations(scene: Scene, needs_help: bool) -> list[Row]:
    """Requests to operators: some answered, some not yet, some refused."""
    started = scene.life.last("take_up")
    if started is None or not (needs_help or scene.rng.random() < 0.3):
        return []
    operators = scene.rng.sample(OPERATORS, 2 if scene.rng.random() < 0.2 else 1)
    return [_request(scene.rng, operator, started.day, scene.today) for operator in operators]


def fictitious_siret(rng: Random, siren: str | None = None) -> str:
    """A SIRET that satisfies Luhn's key; its SIREN begins with 99, which nobody has been given, unless one is named."""
    siren = siren or _with_key("99" + "".join(str(rng.randint(0, 9)) for _ in range(6)))
    return _with_key(siren + "0001")


def _with_key(digits: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return digits + str(-total % 10)


def _note(scene: Scene, day: date) -> Row:
    known, rng = exchanges(), scene.rng
    return {
        "date": day.isoformat(),
        "fait": scene.tell(rng.choice(known["note_fait"])),
        "difficulte": scene.tell(rng.choice(known["note_difficulte"])) if rng.random() < 0.4 else None,
        "prochaine_etape": rng.choice(known["note_etape"]),
    }


def _done_on(scene: Scene, planned: date) -> str:
    return min(planned + timedelta(days=scene.rng.randint(-6, 18)), scene.today - timedelta(days=1)).isoformat()


def _line(scene: Scene, line: list[Any], amount: int) -> Row:
    financeur, dispositif, nature, base, _weight = line
    etat, day = _etat_montant(scene, own=nature == Nature.FONDS_PROPRES)
    return {
        "financeur": scene.tell(financeur),
        "dispositif": dispositif,
        "nature": nature,
        "etat_montant": etat.value,
        "montant": f"{amount}.00",
        "base": base,
        "date": day.isoformat() if day else None,
        "justificatif": "Courrier de notification" if etat == EtatMontant.NOTIFIE else None,
    }


def _etat_montant(scene: Scene, own: bool) -> tuple[EtatMontant, date | None]:
    """Hoped for before filing, asked for while waiting, promised or paid once validated."""
    filed, validated = scene.life.first("submit"), scene.life.last("validate")
    if filed is None:
        return EtatMontant.ENVISAGE, None
    if validated is None or scene.etat not in PUBLISHED:
        return scene.rng.choice((EtatMontant.ENVISAGE, EtatMontant.DEMANDE)), filed.day
    latest = scene.life.steps[-1].day
    day = validated.day + timedelta(days=scene.rng.randint(0, max(0, min(300, (latest - validated.day).days))))
    if scene.etat in {Etat.CLOTUREE, Etat.ARCHIVEE}:
        return scene.rng.choice((EtatMontant.VERSE, EtatMontant.VERSE, EtatMontant.NOTIFIE)), day
    return (EtatMontant.ENGAGE if own else scene.rng.choices(_PROMISED, (4, 2, 2, 1, 3))[0]), day


def _request(rng: Random, operator: str, after: date, today: date) -> Row:
    asked = min(after + timedelta(days=rng.randint(3, 200)), today - timedelta(days=rng.randint(2, 40)))
    asked = max(asked, after)
    row: Row = {"operateur": operator, "demandee_le": asked.isoformat(), "accusee_le": None, "repondue_le": None}
    row |= {"issue": None, "motif_refus": None}
    received, answered = asked + timedelta(days=rng.randint(1, 15)), asked + timedelta(days=rng.randint(16, 75))
    if received < today:
        row["accusee_le"] = received.isoformat()
    if answered < today and rng.random() < 0.7:
        issue = rng.choices(list(IssueSollicitation), (5, 3, 2, 1))[0]
        row |= {"repondue_le": answered.isoformat(), "issue": issue.value}
        row["motif_refus"] = rng.choice(list(MotifRefus)).value if issue == IssueSollicitation.REFUS else None
    return row
