"""Pages of lists: whatever number an address asks for, the page shown is one that exists."""

from __future__ import annotations

import math


def page_of(count: int, page: int, size: int) -> tuple[int, int]:
    """(page, pages) for `count` rows, `size` a page: a page below the first or beyond the last is brought back."""
    pages = max(1, math.ceil(count / size))
    return min(max(page, 1), pages), pages
