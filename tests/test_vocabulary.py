"""What is said of codes that people never see as they are stored."""

from __future__ import annotations

import pytest

from fichetrack.vocabulary import millesime_label


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("2024", "2024"),
        ("2025-10", "octobre 2025"),
        ("2025-T4", "4e trimestre 2025"),
        ("2025-T1", "1er trimestre 2025"),
        ("2026-04-01", "1er avril 2026"),
        ("2026-04-15", "15 avril 2026"),
        ("rev2-2008", "révision 2, 2008"),
        ("2019-2024", "de 2019 à 2024"),
        ("2025-06 à 2025-10", "juin 2025 à octobre 2025"),
        ("2025-10, 2024", "octobre 2025, 2024"),
        ("2025-13", "2025-13"),
        ("1234-56 Rue", "1234-56 Rue"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_millesime_is_said_in_words(code: str | None, said: str) -> None:
    assert millesime_label(code) == said
