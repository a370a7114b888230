"""Every key of the pages, once: this table is the list that `?` shows, and what the keys press.

`templates/_shortcuts.html` renders it into each page; static/js/keys.js reads the rows there and
clicks what carries their word in `data-do`, so that no key can do what its page does not offer.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ANYWHERE, COMPOSER = _("Anywhere"), _("While writing")
LIBRARY, VIEWER = _("In the library and on a video's page"), _("On a video's page")


@dataclass(frozen=True)
class Shortcut:
    """One row. `shown` are the keys as people see them, one of which is enough.

    `keys` are the same for the script, "g s" being one after the other; none where the browser or
    the field itself does it. `do` names what is pressed, the first of several that is there.
    `page` is the page that it needs to exist.
    """

    where: Promise
    shown: tuple[str, ...]
    what: Promise
    keys: tuple[str, ...] = ()
    do: str = ""
    page: str = ""

    @property
    def is_character(self) -> bool:
        """Whether typing or dictating could press it; these can be switched off (WCAG 2.1.4)."""
        return any(
            len(part) == 1 for key in self.keys for part in key.removeprefix("Shift+").split()
        )


TABLE = (
    Shortcut(ANYWHERE, ("P", "N"), _("Go to the prompt"), ("p", "n"), "prompt"),
    Shortcut(ANYWHERE, ("/",), _("Search"), ("/", "Shift+/"), "search"),
    Shortcut(
        ANYWHERE,
        ("Esc",),
        _("Close, or clear the selection, or stop the preview, or leave the field"),
        ("Escape",),
        "clear stop",
    ),
    Shortcut(ANYWHERE, ("G S",), _("Studio"), ("g s",), "go_studio"),
    Shortcut(ANYWHERE, ("G Q",), _("Queue"), ("g q",), "go_queue", "queue"),
    Shortcut(ANYWHERE, ("G U",), _("Usage"), ("g u",), "go_usage", "usage"),
    Shortcut(ANYWHERE, ("G T",), _("Trash"), ("g t",), "go_trash", "trash"),
    Shortcut(ANYWHERE, ("Z",), _("Undo what the notice offers"), ("z",), "undo"),
    Shortcut(ANYWHERE, ("?",), _("This list"), ("?", "Shift+?"), "help"),
    Shortcut(COMPOSER, ("Ctrl Enter", "⌘ Enter"), _("Generate")),
    Shortcut(COMPOSER, ("↑", "Alt ↑"), _("The prompt before; in an empty field without Alt")),
    Shortcut(COMPOSER, ("Alt ↓",), _("The prompt after it")),
    Shortcut(COMPOSER, ("Ctrl V", "⌘ V"), _("A copied picture becomes the first frame")),
    Shortcut(
        LIBRARY,
        ("←", "→", "↑", "↓", "Home", "End"),
        _("Move between cards"),
        ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"),
        "move",
    ),
    Shortcut(LIBRARY, ("Enter",), _("Open the card")),
    Shortcut(LIBRARY, ("Space",), _("Play the card's preview"), ("Space",), "preview"),
    Shortcut(LIBRARY, ("X",), _("Select"), ("x",), "select"),
    Shortcut(LIBRARY, ("Shift X",), _("Select up to here"), ("Shift+x",), "select"),
    Shortcut(LIBRARY, ("F", "S"), _("Favourite"), ("f", "s"), "favourite"),
    Shortcut(LIBRARY, ("R",), _("Reuse all"), ("r",), "reuse"),
    Shortcut(LIBRARY, ("Shift R",), _("Reuse the prompt"), ("Shift+r",), "reuse_prompt"),
    Shortcut(LIBRARY, ("C",), _("Cancel; if it costs, Enter confirms"), ("c",), "cancel"),
    Shortcut(LIBRARY, ("D",), _("Download; a selection as a zip"), ("d",), "download"),
    Shortcut(LIBRARY, ("Delete",), _("Move to the trash"), ("Delete",), "trash"),
    Shortcut(VIEWER, ("J",), _("Back one second"), ("j",), "back"),
    Shortcut(VIEWER, ("K",), _("Play or pause"), ("k",), "play"),
    Shortcut(VIEWER, ("L",), _("Forward one second"), ("l",), "forward"),
    Shortcut(VIEWER, (",",), _("Back one frame"), (",",), "frame_back"),
    Shortcut(VIEWER, (".",), _("Forward one frame"), (".",), "frame_forward"),
    Shortcut(VIEWER, ("M",), _("Mute"), ("m",), "mute"),
    Shortcut(VIEWER, ("O",), _("Loop"), ("o",), "loop"),
    Shortcut(VIEWER, ("←",), _("The video before it in the library"), ("ArrowLeft",), "previous"),
    Shortcut(VIEWER, ("→",), _("The next video of the library"), ("ArrowRight",), "next"),
)


def by_place() -> list[tuple[Promise, list[Shortcut]]]:
    """The rows of the pages that there are, by where they work, for templates/_shortcuts.html."""
    shown = (row for row in TABLE if not row.page or _is_there(row.page))
    return [(where, list(rows)) for where, rows in groupby(shown, lambda row: row.where)]


def _is_there(page: str) -> bool:
    try:
        return bool(reverse(page))
    except NoReverseMatch:
        return False
