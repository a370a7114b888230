"""Every word that a page shows can be translated: templates say them inside translate tags.

Looks at the text between tags and at the attributes that people meet, with everything taken out
that a template tag or variable says.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.template.base import Lexer, TokenType

TEMPLATES = Path(settings.BASE_DIR) / "templates"
# The administration speaks as Django's does.
PAGES = sorted({*TEMPLATES.rglob("*.html")} - {*(TEMPLATES / "admin").rglob("*.html")})
SPOKEN = ("alt", "aria-label", "aria-description", "placeholder", "title")
# Names, units and the labels that are the same in every language.
SAME = {"Rushes", "Runway", "UTC", "API", "s", "cr", "fps", "https", "SHA-256", "½", *"JKLMO"}
CODE = ("code", "kbd", "pre", "script", "style", "svg")


class Words(HTMLParser):
    """Collects what would be read: text outside of code, and spoken attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins: its attributes may speak."""
        self.found += [value or "" for name, value in attrs if name in SPOKEN]
        if tag in CODE:
            self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        if tag in self.inside:
            self.inside.remove(tag)

    def handle_data(self, data: str) -> None:
        """Text between tags."""
        if not self.inside:
            self.found.append(data)


def untranslated(source: str) -> list[str]:
    """The words of a template that no translate tag says."""
    kept, is_translated = [], False
    for token in Lexer(source).tokenize():
        name = token.contents.split(maxsplit=1)[0] if token.contents.strip() else ""
        if token.token_type == TokenType.BLOCK and "blocktrans" in name:
            is_translated = not name.startswith("end")
        kept.append(token.contents if _is_bare(token.token_type, is_translated) else " ")
    parser = Words()
    parser.feed("".join(kept))
    words = (word for text in parser.found for word in re.findall(r"[^\W\d][\w'’-]*", text))
    return [word for word in words if word not in SAME]


def _is_bare(kind: TokenType, is_translated: bool) -> bool:
    return kind == TokenType.TEXT and not is_translated


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_template_says_nothing_that_cannot_be_translated(path: Path) -> None:
    assert untranslated(path.read_text()) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ('<p>{% translate "Hello" %} · 5 s</p>', []),
        ("<p>{% blocktranslate %}Hello {{ name }}{% endblocktranslate %} there</p>", ["there"]),
        ('<a title="Go on" href="/queue/">{{ name }}</a>', ["Go", "on"]),
        ("{# words: str #}<code>GET /v1</code>", []),
        ('<li class="{% if a %}one{% endif %}" data-x="two"></li>', []),
    ],
)
def test_the_check_finds_words_and_only_those(source: str, found: list[str]) -> None:
    assert untranslated(source) == found
