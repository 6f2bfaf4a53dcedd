"""One load: people, then fiches by batches, then subscriptions.

Two passes. The first only plans lives, to number the fiches by date of filing and to give events identifiers in the
order of time, as the journal's position must be; the second writes. Each fiche throws its own dice, so both passes
agree and memory stays bounded.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from datetime import date
from random import Random
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection

from fichetrack import search
from fichetrack.demo import fiches, journal
from fichetrack.demo.cards import LONG_TITLE_NUMBER, Card, deal_cards, draft_id
from fichetrack.demo.dice import dice
from fichetrack.demo.lives import SITUATIONS, Life, plan
from fichetrack.demo.people import Cast, write_people, write_subscriptions
from fichetrack.demo.phrases import LONG_TITLE, actions
from fichetrack.demo.places import read_places, set_scene
from fichetrack.demo.scene import Scene
from fichetrack.demo.writing import Writer
from fichetrack.fields import BY_NAME, FIELDS, ROWS
from fichetrack.models import (
    Comment,
    Event,
    Fiche,
    FicheReader,
    FicheThematique,
    NamedVersion,
)
from fichetrack.models.assigning import typed
from fichetrack.models.fiche import FicheTerritoire
from fichetrack.vocabulary import Action, Diffusion, EventKind, Role

BATCH = 500
TITLE_TRIES = 12
_ELSEWHERE = {"territoire", "territoires_associes", "thematiques"}  # These have tables or columns of their own.
_ROW_MODELS = {rows.name: Fiche.__mapper__.relationships[rows.name].mapper.class_ for rows in ROWS}


class Load:
    def __init__(
        self, connection: Connection, count: int, seed: int, today: date, progress: Callable[[str], Any]
    ) -> None:
        self.count, self.seed, self.today, self.progress = count, seed, today, progress
        self.writer = Writer(connection)
        self.places = read_places(connection)
        self.ids = {place.slug: place.id for place in self.places}
        self.cards = deal_cards(self.places, count, seed)
        self.titles: set[tuple[int, str]] = set()

    def run(self) -> None:
        """Write everything; the caller commits."""
        self.progress(f"Personnes et mandats de {len(self.places)} territoires…")
        cast = write_people(self.writer, self.places, self.today, self.seed)
        self.writer.flush()
        self.progress(f"Histoires de {self.count} fiches…")
        event_ids, offsets, codes = self._first_pass()
        for card in self.cards:
            following = offsets[card.index + 1] if card.index + 1 < self.count else len(event_ids)
            self._write(card, cast, event_ids[offsets[card.index] : following], codes.get(card.index))
            if (card.index + 1) % BATCH == 0:
                self.writer.flush()
                self.progress(f"{card.index + 1} fiches sur {self.count}…")
        write_subscriptions(self.writer, cast, self.today, last_event=max(event_ids, default=0))
        self.writer.finish()
        self.progress(f"{self.count} fiches chargées.")

    def _first_pass(self) -> tuple[array[int], array[int], dict[int, str]]:
        """Identifiers of events in the order of time, where each fiche's begin, and the codes of those once filed."""
        moments, offsets = array("q"), array("q")
        filed: dict[tuple[int, int], list[tuple[Any, int]]] = {}
        for card in self.cards:
            offsets.append(len(moments))
            life = self._life(card)
            moments.extend(int(step.at.timestamp()) for step in life.steps)
            if submitted := life.first(Action.SUBMIT):
                filed.setdefault((card.place, submitted.day.year), []).append((submitted.at, card.index))
        first = self.writer.reserve(Event, len(moments))
        ids = array("q", bytes(8 * len(moments)))
        for rank, position in enumerate(sorted(range(len(moments)), key=moments.__getitem__)):
            ids[position] = first + rank
        return ids, offsets, self._codes(filed)

    def _codes(self, filed: dict[tuple[int, int], list[tuple[Any, int]]]) -> dict[int, str]:
        return {
            index: f"TI-{self.places[place].slug}-{year}-{number:03d}"
            for (place, year), rows in filed.items()
            for number, (_at, index) in enumerate(sorted(rows), start=1)
        }

    def _life(self, card: Card) -> Life:
        return plan(SITUATIONS[card.situation], self.today, dice(self.seed, "life", card.index))

    def _scene(self, card: Card, cast: Cast) -> Scene:
        rng, life = dice(self.seed, "fiche", card.index), self._life(card)
        place = self.places[card.place]
        neighbours = [one.slug for one in self.places if one is not place and set(one.regions) & set(place.regions)]
        associes = [rng.choice(neighbours)] if neighbours and rng.random() < 0.08 else []
        return Scene(
            place,
            set_scene(place, rng),
            actions()[card.action],
            life,
            cast,
            rng,
            self.today,
            _diffusion(life, rng),
            associes,
        )

    def _write(self, card: Card, cast: Cast, event_ids: array[int], code: str | None) -> None:
        scene = self._scene(card, cast)
        content = fiches.build(scene)
        content["intitule"] = self._title(card, scene, content["intitule"])
        history = journal.tell(scene, content)
        fiche_id = self.writer.reserve(Fiche)
        self._write_fiche(fiche_id, card, scene, content, history.memory, code)
        self._write_rows(fiche_id, content, cast)
        for event_id, row in zip(event_ids, history.events, strict=True):
            self.writer.add(Event, id=event_id, fiche_id=fiche_id, **row)
        for row in history.versions:
            self.writer.add(NamedVersion, fiche_id=fiche_id, **row)
        for row in history.comments:
            self.writer.add(Comment, fiche_id=fiche_id, **row)
        for reader in _readers(scene):
            self.writer.add(FicheReader, fiche_id=fiche_id, **reader)

    def _title(self, card: Card, scene: Scene, title: str) -> str:
        """A title nobody else bears in the territoire, as long as the vocabulary allows."""
        if scene.place.slug == "ales" and card.number == LONG_TITLE_NUMBER:
            title = scene.tell(LONG_TITLE)
        for _ in range(TITLE_TRIES):
            if (scene.place.id, title) not in self.titles:
                break
            title = scene.tell(scene.rng.choice(scene.action.titres))
        self.titles.add((scene.place.id, title))
        return title[:200]

    def _write_fiche(
        self, fiche_id: int, card: Card, scene: Scene, content: dict[str, Any], memory: dict[str, Any], code: str | None
    ) -> None:
        columns = {
            field.name: typed(content[field.name], BY_NAME[field.name])
            for field in FIELDS
            if field.name not in _ELSEWHERE
        }
        indexed = SimpleNamespace(code=code, **content)
        self.writer.add(
            Fiche, id=fiche_id, code=code, draft_id=draft_id(self.seed, self.count, card.index), etat=scene.etat.value,
            territoire_id=scene.place.id, section_versions={}, search_text=search.searchable(indexed),
            **columns, **memory,
        )  # fmt: skip

    def _write_rows(self, fiche_id: int, content: dict[str, Any], cast: Cast) -> None:
        for code in content["thematiques"]:
            self.writer.add(FicheThematique, fiche_id=fiche_id, code=code)
        for code in content["territoires_associes"]:
            self.writer.add(FicheTerritoire, fiche_id=fiche_id, territoire_id=self.ids[code.removeprefix("ti-")])
        for rows in ROWS:
            for place, row in enumerate(content[rows.name]):
                values = {column.name: typed(row.get(column.name), column) for column in rows.columns}
                if rows.name == "sollicitations":
                    values["organisation_id"] = cast.operators.get(row["operateur"])
                self.writer.add(_ROW_MODELS[rows.name], fiche_id=fiche_id, place=place, **values)


def _diffusion(life: Life, rng: Random) -> Diffusion:
    if life.situation.name == "amont":
        return Diffusion.AMONT
    if life.first(EventKind.RESTRICT):
        return rng.choice((Diffusion.RESEAU, Diffusion.NOMINATIVE))
    return rng.choices((Diffusion.PUBLIQUE, Diffusion.RESEAU, Diffusion.NOMINATIVE), (62, 28, 10))[0]


def _readers(scene: Scene) -> list[dict[str, int]]:
    """The people and operators named one by one, for the two classes that need naming."""
    if scene.diffusion == Diffusion.AMONT:
        person = scene.one_of(Role.INDUSTRIEL_REFERENT, scene.place.slug, scene.today)
        return [{"personne_id": person.id}] if person else []
    if scene.diffusion != Diffusion.NOMINATIVE:
        return []
    operator = scene.rng.choice(sorted(scene.cast.operators))
    found: list[dict[str, int]] = (
        [{"organisation_id": scene.cast.operators[operator]}] if scene.rng.random() < 0.5 else []
    )
    if not found or scene.rng.random() < 0.5:
        found.append({"personne_id": scene.cast.accounts[scene.rng.choice(("etat.gard", "operateur.bdt"))]})
    return found
