"""A video's recipe as a script would ask for it again: JSON body, curl line, Python. Pure.

Called by the page that shows them. What a request holds as a file of ours has to be sent anew, so
the scripts upload it first; the page offers these files beside them.

Source: docs/api.md; POSIX Shell Command Language, section 2.2 (quoting).
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from providers import sizes

from .checked import CheckedRequest
from .inputs import LISTS, STORED

# Around the name of a file in a body, while nobody has sent it: no JSON changes these signs.
_OPEN, _CLOSE = "\ue000", "\ue001"
_OPENAIS = ("model", "prompt", "seconds", "size")
_READ_ID = "python3 -c 'import json, sys; print(json.load(sys.stdin)[\"id\"])'"


@dataclass(frozen=True)
class Sent:
    """A file that goes with the request: its `word` in a script, its name there, our path."""

    word: str
    path: str

    @property
    def name(self) -> str:
        """What it is called beside the script."""
        return f"{self.word}.{self.path.rpartition('.')[2]}"


def sent(checked: CheckedRequest) -> list[Sent]:
    """The files that the request holds, in its order; addresses are none."""
    return [
        Sent(f"{item.field}_{number}" if item.field in LISTS else item.field, path)
        for number, item in enumerate(checked.media, 1)
        if (path := item.uri.removeprefix(STORED)) != item.uri
    ]


def body(checked: CheckedRequest) -> dict[str, Any]:
    """The JSON body that asks for the same; files stand in it as marks for the scripts."""
    asked: dict[str, Any] = {"model": checked.model}
    if checked.prompt:
        asked["prompt"] = checked.prompt
    if checked.seconds is not None:
        asked["seconds"] = str(checked.seconds)
    if checked.ratio is not None:
        asked["size"] = sizes.shown(checked.ratio)
    for name, value in (("seed", checked.seed), ("audio", checked.audio)):
        if value is not None:
            asked[name] = value
    return {**asked, **_media(checked), **checked.options}


def curl(checked: CheckedRequest, origin: str) -> str:
    """Shell lines; the key is in $RUSHES_API_KEY. Nothing of the recipe is read by the shell."""
    key = '-H "Authorization: Bearer $RUSHES_API_KEY"'
    lines = [
        f"{each.word}=$(curl -s {origin}/v1/files {key} \\\n"
        f"  -F purpose=user_data -F file=@{each.name} | {_READ_ID})"
        for each in sent(checked)
    ]
    data = shlex.quote(json.dumps(body(checked), ensure_ascii=False, indent=2))
    for each in sent(checked):
        data = data.replace(_mark(each.word), f"'\"${each.word}\"'")
    call = f"curl {origin}/v1/videos {key} \\\n  -H 'Content-Type: application/json' -d {data}"
    return "\n".join([*lines, call])


def python(checked: CheckedRequest, origin: str) -> str:
    """A script for OpenAI's package."""
    asked = body(checked)
    extra = {name: value for name, value in asked.items() if name not in _OPENAIS}
    words = [f"    {name}={asked[name]!r}," for name in _OPENAIS if name in asked]
    if extra:
        words.append(f"    extra_body={_literal(extra, sent(checked))},")
    uploads = [
        f'with open("{each.name}", "rb") as file:\n'
        f'    {each.word} = client.files.create(file=file, purpose="user_data")\n'
        for each in sent(checked)
    ]
    head = "from openai import OpenAI\n\n"
    head += f'client = OpenAI(base_url="{origin}/v1", api_key="rk_…")\n\n'
    call = "\n".join(["video = client.videos.create_and_poll(", *words, ")"])
    tail = '\nclient.videos.download_content(video.id).write_to_file("video.mp4")'
    return head + "".join(uploads) + call + tail


def _media(checked: CheckedRequest) -> dict[str, Any]:
    """Every picture, video and sound by field, as a list where the field takes several."""
    words = {each.path: each.word for each in sent(checked)}
    found: dict[str, Any] = {}
    for item in checked.media:
        word = words.get(item.uri.removeprefix(STORED))
        one: dict[str, Any] = {"file_id": _mark(word)} if word else {"uri": item.uri}
        one |= item.extra
        if item.field == "character" and not word:
            one["type"] = item.kind
        if item.field in LISTS:
            found.setdefault(item.field, []).append(one)
        else:
            found[item.field] = one
    return found


def _mark(word: str) -> str:
    return f"{_OPEN}{word}{_CLOSE}"


def _literal(value: Mapping[str, Any], files: Sequence[Sent]) -> str:
    text = repr(value)
    for each in files:
        text = text.replace(repr(_mark(each.word)), f"{each.word}.id")
    return text
