"""Which ports there are, and what is said about one that cannot be had."""

from __future__ import annotations

import errno
import socket

import pytest
from django.core.exceptions import ImproperlyConfigured

from studio import ports
from tests.live import free_port


@pytest.mark.parametrize(("text", "port"), [("1", 1), ("8080", 8080), (" 65535 ", 65535)])
def test_a_port_is_a_number_of_tcps(text: str, port: int) -> None:
    assert ports.checked(text) == port


@pytest.mark.parametrize("text", ["abc", "99999", "65536", "-1", "0", "", "8 0", "²", "9" * 5000])
def test_anything_else_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        ports.checked(text)
    words = str(caught.value)
    assert words.startswith("PORT must be a number from 1 to 65535, not '")
    assert len(words) < 100 and "\n" not in words


def test_a_free_port_has_no_problem_and_a_taken_one_is_in_use() -> None:
    assert ports.why_not(free_port()) == ""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert ports.why_not(port).startswith(f"Port {port} is in use. Choose another one: PORT=")


@pytest.mark.parametrize(
    ("port", "number", "words"),
    [
        (80, errno.EACCES, "Port 80 is not allowed for this user. Choose another one: PORT=8080"),
        (
            8090,
            errno.EACCES,
            "Port 8090 is not allowed for this user. Choose another one: PORT=8091",
        ),
        (65535, errno.EADDRINUSE, "Port 65535 is in use. Choose another one: PORT=65534"),
        (8080, errno.EADDRNOTAVAIL, "Port 8080 cannot be had (Cannot assign requested address)."),
    ],
    ids=["privileged", "forbidden", "taken", "no loopback"],
)
def test_each_refusal_is_called_by_its_name(port: int, number: int, words: str) -> None:
    assert ports.explain(port, OSError(number, "")).startswith(words)
