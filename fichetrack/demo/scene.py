"""What one fiche is made from: its territoire, its action, its life, its people, and its own dice."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from random import Random

from fichetrack.demo.grammar import Numbers, draw, expand
from fichetrack.demo.lives import Life
from fichetrack.demo.people import Cast, Member
from fichetrack.demo.phrases import ActionText
from fichetrack.demo.places import Place, Setting
from fichetrack.vocabulary import Diffusion, Etat, Role


@dataclass
class Scene:
    place: Place
    setting: Setting
    action: ActionText
    life: Life
    cast: Cast
    rng: Random
    today: date
    diffusion: Diffusion
    associes: list[str]  # slugs of other territoires
    numbers: Numbers = field(default_factory=dict)

    @property
    def slots(self) -> dict[str, str]:
        return self.setting.slots

    @property
    def etat(self) -> Etat:
        return self.life.situation.etat

    @property
    def leader_name(self) -> str:
        return self.leader(self.today).nom

    def tell(self, pattern: str) -> str:
        """A pattern read with this fiche's words and dice."""
        return expand(pattern, self.slots, self.numbers, self.rng)

    def draw(self, low: int, high: int) -> int:
        """A quantity of this fiche: the one its texts give for the same range, if they do."""
        return draw(low, high, self.numbers, self.rng)

    def leader(self, day: date) -> Member:
        return self.cast.holders(Role.CHEF_DE_PROJET, self.place.slug, day)[0]

    def editor(self, day: date) -> Member:
        """The chef de projet two times out of three, else a contributeur if there was one."""
        others = self.cast.holders(Role.CONTRIBUTEUR, self.place.slug, day)
        return self.rng.choice(others) if others and self.rng.random() < 0.35 else self.leader(day)

    def one_of(self, role: Role, where: str, day: date) -> Member | None:
        found = self.cast.holders(role, where, day)
        return self.rng.choice(found) if found else None
