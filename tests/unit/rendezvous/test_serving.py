"""``stardust rendezvous serve`` as a process: its end, its log, its figures, what it cannot do."""

from __future__ import annotations

import json
import resource
import signal
import socket
import subprocess

import httpx
import pytest

from stardust.rendezvous.serving import TooFewFilesError, allow_files
from tests.fakes.rendezvous import TOPIC, Raw
from tests.fixtures.rendezvous import COMMAND, serving
from tests.unit.cli.conftest import Stardust, home, stardust

__all__ = ["home", "stardust"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_serves_until_it_is_told_to_end(number: signal.Signals) -> None:
    async with serving("--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0", "--json") as run:
        listening = json.loads(await run.line())
        assert listening["event"] == "listening"
        async with Raw(listening["at"]) as client:
            await client.subscribe(TOPIC)
            await client.publish(b"sealed by somebody")
            assert (await client.arrival()).envelope == b"sealed by somebody"
            await check_figures(listening["metrics"])
            assert await run.end(number) == 0
            await client.socket.wait_closed()
            assert client.socket.close_code == 1001
        events = [json.loads(line)["event"] for line in run.log if line]
        assert events == ["listening", "stopped"]
        assert TOPIC.hex()[:8] not in "".join(run.log)
        assert TOPIC.decode()[:8] not in "".join(run.log)


async def check_figures(url: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(url)
        health = await client.get(url.replace("metrics", "health"))
        nothing = await client.get(url.replace("metrics", "topics"))
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = answer.text.splitlines()
    assert "stardust_rendezvous_connections 1" in lines
    assert "stardust_rendezvous_published_total 1" in lines
    assert "stardust_rendezvous_envelopes 1" in lines
    assert "127.0.0.1" not in answer.text
    assert (health.status_code, health.text, nothing.status_code) == (200, "ok\n", 404)


async def test_its_log_for_people_says_where_it_listens() -> None:
    async with serving("--listen", "127.0.0.1:0") as run:
        line = await run.line()
        assert "listening" in line
        assert "ws://127.0.0.1:" in line
        assert await run.end(signal.SIGTERM) == 0


@pytest.mark.parametrize("option", ["--listen", "--metrics"])
def test_a_port_that_is_taken_is_said_in_a_sentence(option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        listen = () if option == "--listen" else ("--listen", "127.0.0.1:0")
        ran = subprocess.run([*COMMAND, *listen, option, where, "--json"], capture_output=True)
    assert ran.returncode == 5
    error = json.loads(ran.stdout)["error"]
    assert (error["code"], error["message"]) == ("address_taken", f"{where} is taken by another program.")


@pytest.mark.parametrize(
    "options",
    [
        ("--listen", "7480"),
        ("--listen", "127.0.0.1:"),
        ("--listen", ":7480"),
        ("--listen", "127.0.0.1:65536"),
        ("--listen", "127.0.0.1:-1"),
        ("--max-connections", "0"),
        ("--proxy", "a.example"),
        ("--proxy", "10.0.0.1/8"),
        ("--metrics", ""),
    ],
)
def test_wrong_options_are_named(options: tuple[str, str], stardust: Stardust) -> None:
    ran = stardust("rendezvous", "serve", *options)
    assert ran.code == 2
    assert options[0] in ran.err


def test_it_says_when_the_system_allows_too_few_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        pytest.skip("this system has no limit")
    with pytest.raises(TooFewFilesError, match="files"):
        allow_files(hard + 1)
