"""A recipe as scripts: what they send asks for the same, and no prompt gets out of its quotes."""

from __future__ import annotations

import ast
import json
import shlex
from dataclasses import replace
from typing import Any

import pytest

from providers.tasks import MediaInput
from videos import requests, scripting
from videos.checked import CheckedRequest

ORIGIN = "http://127.0.0.1:8080"
NASTY = "it's \"quoted\" $(touch /tmp/x) `id` \\ ${HOME}\nline two 'end' é 🎬"


def checked(**given: object) -> CheckedRequest:
    """A request as it stands on record."""
    return requests.check({"model": "gen4.5", "prompt": "A lighthouse", **given})


def arguments(line: str) -> list[str]:
    """The words that a shell makes of a line; variables stay as they are written."""
    return shlex.split(line.replace("\\\n", " "))


def sent_by(line: str) -> Any:
    """The JSON that curl would send."""
    words = arguments(line)
    return json.loads(words[words.index("-d") + 1])


@pytest.mark.parametrize(
    "given",
    [
        {"seconds": 5, "size": "720x1280", "seed": 7},
        {"model": "veo3.1", "seconds": 8, "audio": True, "negative_prompt": "rain"},
        {"model": "sora-2"},
        {"model": "gen4_turbo"},
        {"input_reference": "https://example.org/a.png"},
        {"model": "seedance2", "reference_images": [{"uri": "https://example.org/a.png"}]},
    ],
    ids=["plain", "sound", "alias", "made frame", "address", "references"],
)
def test_the_body_asks_for_the_same(given: dict[str, object]) -> None:
    first = checked(**given)
    assert requests.check(scripting.body(first)) == first


def test_a_shell_reads_nothing_of_the_prompt() -> None:
    line = scripting.curl(checked(prompt=NASTY), ORIGIN)
    assert sent_by(line)["prompt"] == NASTY
    assert "Authorization: Bearer $RUSHES_API_KEY" in arguments(line)


def test_python_reads_the_prompt_as_text_too() -> None:
    tree = ast.parse(scripting.python(checked(prompt=NASTY, seed=7), ORIGIN))
    [call] = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "client.videos.create_and_poll"
    ]
    words = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
    assert words["prompt"] == NASTY
    assert words["extra_body"]["seed"] == 7


def test_a_picture_of_ours_is_uploaded_first_and_named_by_its_id() -> None:
    media = (MediaInput("input_reference", "file:videos/x/input-0.png"),)
    request = replace(checked(prompt=NASTY), media=media)
    lines = scripting.curl(request, ORIGIN)
    assert lines.startswith("input_reference=$(curl -s http://127.0.0.1:8080/v1/files ")
    assert "-F file=@input_reference.png" in lines
    body = sent_by(lines.partition(")\n")[2])
    assert body["input_reference"] == {"file_id": "$input_reference"}
    script = scripting.python(request, ORIGIN)
    assert 'input_reference = client.files.create(file=file, purpose="user_data")' in script
    assert "{'file_id': input_reference.id}" in script
    ast.parse(script)
