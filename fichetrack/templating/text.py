"""French words for values: dates, numbers, amounts, plurals, labels, icons, rich text. No HTML component."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any

import nh3
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_currency, format_decimal, format_percent
from flask import url_for
from markdown_it import MarkdownIt
from markupsafe import Markup

from fichetrack import clock, vocabulary

LOCALE = "fr"
NARROW = "\u202f"
NBSP = "\N{NO-BREAK SPACE}"
UNKNOWN = "Non renseigné"

LABELLED: dict[str, type[vocabulary.Labelled]] = {
    "etat": vocabulary.Etat,
    "avancement": vocabulary.Avancement,
    "meteo": vocabulary.Meteo,
    "diffusion": vocabulary.Diffusion,
    "fraicheur": vocabulary.Fraicheur,
    "axe": vocabulary.Axe,
    "thematique": vocabulary.Thematique,
    "frein": vocabulary.Frein,
    "role": vocabulary.Role,
    "motif_cloture": vocabulary.MotifCloture,
}

RICH_TEXT_TAGS = {
    "p",
    "br",
    "strong",
    "em",
    "ul",
    "ol",
    "li",
    "blockquote",
    "code",
    "pre",
    "a",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
}
# As long as the longest field, and as many marks as nobody types: their number is what takes time. What is beyond is shown
# as it was typed, so that nothing is cut and no text makes a page slow.
MARKDOWN_MAX, MARKS_MAX = 20_000, 3_000
_MARKS = "*_[]()`~<>#&!|=+-\\\n"
_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 12})
# No table, whose cost grows with the square of its columns; no indented code nor reference, which nobody types here.
_markdown.disable(["image", "html_block", "html_inline", "reference", "code"])


def date_fr(value: date | datetime | None, form: str = "long") -> str:
    """« 3 mars 2026 »; form="short" gives « 03/03/2026 », form="month" « mars 2026 »."""
    if value is None:
        return ""
    day = _paris(value).date() if isinstance(value, datetime) else value
    first = "'1er'" if day.day == 1 else "d"
    pattern = {"long": f"{first} MMMM y", "short": "dd/MM/y", "month": "MMMM y"}[form]
    return format_date(day, pattern, locale=LOCALE).replace(" ", NBSP)


def datetime_fr(value: datetime | None) -> str:
    """« 3 mars 2026 à 14 h 32 », in Paris."""
    if value is None:
        return ""
    hour = format_datetime(_paris(value), "H 'h' mm", locale=LOCALE).replace(" ", NBSP)
    return f"{date_fr(value)} à {hour}"


def ago(value: date | datetime | None) -> str:
    """« il y a 3 jours », « dans 2 mois », « aujourd’hui »: for reading, never for deciding."""
    if value is None:
        return ""
    if not isinstance(value, datetime):
        days = (value - clock.today()).days
        near = {-1: "hier", 0: "aujourd’hui", 1: "demain"}
        if days in near:
            return near[days]
        delta = value - clock.today()
    else:
        delta = _paris(value) - _paris(clock.now())
        if abs(delta.total_seconds()) < 60:
            return "à l’instant"
    return format_timedelta(delta, add_direction=True, threshold=1.2, locale=LOCALE).replace(" ", NBSP)


def number_fr(value: float | Decimal | None, decimals: int = 2) -> str:
    """« 1 234,5 », with no-break spaces, the narrow ones being too thin to be seen on a screen; at most `decimals` decimals."""
    if value is None:
        return ""
    shown = format_decimal(value, format="#,##0." + "#" * decimals if decimals else "#,##0", locale=LOCALE)
    return shown.replace(NARROW, NBSP)


def quantity(value: Any, decimals: int = 0) -> str:
    """A figure in one of its states: « 1 234 », « au moins 1 234 », « secret », « n. d. »; never a zero for a secret."""
    if value is None or value.state == "absent":
        return f"n.{NBSP}d."
    if value.state == "secret":
        return "secret"
    rounded = round(value.value, decimals) + 0.0  # never « -0 »
    shown = format_decimal(rounded, format="#,##0." + "0" * decimals if decimals else "#,##0", locale=LOCALE)
    return ("au moins " if value.state == "au moins" else "") + shown.replace(NARROW, NBSP).replace("-", "−")


def euros(value: Decimal | int | None) -> str:
    """« 1 234 567,50 € »; whole euros have no decimals."""
    if value is None:
        return ""
    whole = Decimal(value) == Decimal(value).to_integral_value()
    shown = format_currency(value, "EUR", "#,##0 ¤" if whole else "#,##0.00 ¤", locale=LOCALE, currency_digits=False)
    return shown.replace(NARROW, NBSP)


def percent(ratio: float | Decimal | None, decimals: int = 0) -> str:
    """« 12 % » for 0.12."""
    if ratio is None:
        return ""
    return format_percent(ratio, format="#,##0." + "0" * decimals + " %" if decimals else "#,##0 %", locale=LOCALE)


def plural(count: int, singular: str, plural_form: str | None = None) -> str:
    """« 0 fiche », « 1 fiche », « 1 234 fiches »: the number with its word, as French counts."""
    word = singular if abs(count) < 2 else (plural_form or f"{singular}s")
    return f"{number_fr(count)}{NBSP}{word}"


def label(value: Any, kind: str | None = None) -> str:
    """French words of an enum member, of a code with its kind, of a yes/no or of a missing value."""
    if value is None or value == "":
        return UNKNOWN
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    if isinstance(value, Enum):
        return str(getattr(value, "label", value.value))
    members = LABELLED.get(kind or "", ())
    return next((member.label for member in members if member.value == value), str(value))


def sentence_case(text: str) -> str:
    """First letter in capital, the rest untouched (acronyms and names keep theirs)."""
    return text[:1].upper() + text[1:]


def markdown(text: str | None, level: int = 4) -> Markup:
    """User text as safe HTML: no raw HTML, no image, no table, headings from h`level` down, links that say where."""
    text = text or ""
    if len(text) > MARKDOWN_MAX or sum(map(text.count, _MARKS)) > MARKS_MAX:
        return Markup("<p>{}</p>").format(Markup("<br>\n").join(text.splitlines()))
    tokens = _markdown.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + level - 1)}"
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    # nh3 is the lock (markdown-it's html=False is only the latch), hence Markup on its output alone.
    safe = nh3.clean(
        html,
        tags=RICH_TEXT_TAGS,
        attributes={"a": {"href", "title"}},
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel="nofollow noopener noreferrer",
    )
    return Markup(safe)  # noqa: S704


def icon(name: str, text: str | None = None) -> Markup:
    """One symbol of the sprite (names: static/icons.txt); decorative unless `text` says what it means."""
    return _icon(url_for("static", filename="vendor/icons.svg"), name, text)


@lru_cache(maxsize=512)  # a list draws the same few symbols on each of its rows
def _icon(sprite: str, name: str, text: str | None) -> Markup:
    role = Markup('role="img" aria-label="{}"').format(text) if text else Markup('aria-hidden="true"')
    return Markup('<svg class="ft-icon" width="16" height="16" focusable="false" {}><use href="{}#{}"/></svg>').format(
        role, sprite, name
    )


def unbroken(text: str | None) -> str:
    """A sentence of ours whose « guillemets » and double signs never begin or end a line alone; markup stays markup."""
    shown = text or ""
    return type(shown)(re.sub(r" (?=[»:;?!%€])", NBSP, re.sub(r"« ", f"«{NBSP}", shown)))


def phone_fr(value: str | None) -> str:
    """« 04 66 00 00 00 » for ten digits; anything else as it was typed."""
    digits = re.sub(r"\D", "", value or "")
    return NBSP.join(re.findall("..", digits)) if len(digits) == 10 else (value or "")


def _paris(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment shown to a user must be aware")
    return moment.astimezone(clock.PARIS)
