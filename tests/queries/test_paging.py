"""A page of a list is one that exists, whatever the address asks for."""

from __future__ import annotations

from typing import Any

import pytest

from fichetrack.queries.paging import page_of
from tests import factories as make

ABSURD = (10**30, -5, 0)


@pytest.mark.parametrize(
    ("count", "page", "expected"), [(0, 1, (1, 1)), (100, 2, (2, 2)), (101, 9, (3, 3)), (101, -1, (1, 3))]
)
def test_a_page_is_brought_back_among_those_that_exist(count: int, page: int, expected: tuple[int, int]) -> None:
    assert page_of(count, page, 50) == expected


@pytest.mark.parametrize("page", ABSURD)
@pytest.mark.parametrize("path", ["/fiches", "/instruction", "/personnes"])
def test_an_absurd_page_number_gives_a_page_that_exists(login_as: Any, db: Any, path: str, page: int) -> None:
    make.FicheFactory(deposee=True)
    login_as(make.dti()).get(f"{path}?page={page}")
