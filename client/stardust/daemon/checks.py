"""What the doctor looks at without a running daemon as well: each check looks at one thing."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import struct
import time
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Final, Literal

import httpx

from stardust.api.types import Finding
from stardust.backup.ipfs import START_KUBO
from stardust.chain.age import CLOCK_TOLERANCE, span
from stardust.chain.examine import Level, NodeFinding, examine_nodes
from stardust.chain.light.rpc import LightRpc
from stardust.daemon.chains import light_spec
from stardust.daemon.config import Config
from stardust.daemon.home import Home
from stardust.daemon.parts import known_genesis
from stardust.errors import StardustError, why

CHECK_LIMIT: Final = 5.0
"""Seconds for each check; all run at the same time."""
LIGHT_LIMIT: Final = 30.0
"""Seconds in which a light client has to find its network and prove a block."""
LIGHT_HINT: Final = "check the Internet connection; ask the operator for a newer chain spec"
_OTHER_CLOCK: Final = "compare it with another; if it is fast, switch on time synchronisation"
LOW_DISK: Final = 200 * 1024 * 1024

_STUN_BINDING: Final = 0x0001
_STUN_COOKIE: Final = 0x2112A442


async def limited(name: str, check: Awaitable[Finding]) -> Finding:
    try:
        async with asyncio.timeout(CHECK_LIMIT):
            return await check
    except TimeoutError:
        return Finding(
            name, "problem", f"no answer within {CHECK_LIMIT:.0f} s", "check the address and the network"
        )
    except Exception as error:
        return Finding(name, "problem", f"could not be checked: {why(error)}", "see the daemon's log")


async def chain_and_clock(home: Home, config: Config) -> tuple[Finding, ...]:
    """Asks the nodes, or the light client, by connections of their own; within ``LIGHT_LIMIT`` seconds."""
    try:
        found = await _nodes(home, config)
    except StardustError as error:
        return Finding("chain", "problem", str(error), error.hint), await limited(
            "clock", clock(config, None)
        )
    ages = [one.age for one in found if one.age is not None]
    return *findings_of(found), await limited("clock", clock(config, min(ages, key=abs, default=None)))


async def _nodes(home: Home, config: Config) -> tuple[NodeFinding, ...]:
    spec, genesis = light_spec(home, config), known_genesis(home, config)
    if spec is None:
        return await examine_nodes(config.chain.nodes, genesis)
    found = await examine_nodes((str(spec.path),), genesis, opener=LightRpc.open, limit=LIGHT_LIMIT)
    title = f"the light client of {spec.name}"
    return tuple(
        replace(one, node=title, hint=LIGHT_HINT if one.level is Level.PROBLEM else one.hint) for one in found
    )


def findings_of(nodes: Sequence[NodeFinding]) -> tuple[Finding, ...]:
    """One for each node. One that serves is enough, so that the others are no problem then."""
    served = any(one.level is not Level.PROBLEM for one in nodes)
    return tuple(_chain_finding(one, served=served) for one in nodes)


def _chain_finding(one: NodeFinding, *, served: bool) -> Finding:
    severity: Literal["ok", "warning", "problem"] = one.level.value
    if served and one.level is Level.PROBLEM:
        severity = "warning"
    said = one.message if one.node in one.message else f"{one.node}: {one.message}"
    return Finding("chain", severity, said, one.hint or None)


def clock_by(age: float) -> Finding:
    """``age``: seconds from the newest block's timestamp to this clock."""
    if age < -CLOCK_TOLERANCE:
        said = f"this clock is {span(-age)} behind the chain"
        return Finding("clock", "problem", said, "switch on time synchronisation")
    if age > CLOCK_TOLERANCE:
        said = f"this clock is {span(age)} ahead of the chain's newest block"
        return Finding("clock", "warning", f"{said}: it is fast, or the chain is behind", _OTHER_CLOCK)
    return Finding("clock", "ok", f"agrees with the chain to {abs(age):.0f} s")


async def stun(config: Config) -> Finding:
    if config.network.stun is None:
        return Finding(
            "STUN",
            "warning",
            "no STUN server is configured: links work within one network only",
            "name one under [network] in config.toml",
        )
    host, port = _host_port(config.network.stun, 3478)
    answered = await _stun_binding(host, port)
    if answered:
        return Finding("STUN", "ok", f"{host}:{port} answers")
    return Finding(
        "STUN", "problem", f"{host}:{port} does not answer", "check the address and UDP in the firewall"
    )


async def turn(config: Config) -> Finding:
    turn = config.network.turn
    if turn is None:
        return Finding(
            "TURN",
            "warning",
            "no TURN server is configured: two strict NATs cannot be crossed",
            "name one under [network] in config.toml",
        )
    host, port = _host_port(turn.url, 5349 if turn.url.startswith("turns:") else 3478)
    if turn.url.startswith("turns:") or "transport=tcp" in turn.url:
        _, writer = await asyncio.open_connection(host, port)
        writer.close()
        answered = True
    else:
        answered = await _stun_binding(host, port)
    if answered:
        return Finding("TURN", "ok", f"{host}:{port} answers")
    return Finding(
        "TURN", "problem", f"{host}:{port} does not answer", "check the address and UDP in the firewall"
    )


async def _stun_binding(host: str, port: int) -> bool:
    """A STUN binding request (RFC 8489 §5), repeated twice, and whether its answer came."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[bool] = loop.create_future()
    request = struct.pack("!HHI", _STUN_BINDING, 0, _STUN_COOKIE) + secrets.token_bytes(12)

    class Asking(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, _: object) -> None:
            if data[8:20] == request[8:20] and not answer.done():
                answer.set_result(True)

        def error_received(self, _: Exception) -> None:
            if not answer.done():
                answer.set_result(False)

    transport, _ = await loop.create_datagram_endpoint(Asking, remote_addr=(host, port))
    try:
        for _ in range(3):
            transport.sendto(request)
            done, _ = await asyncio.wait((answer,), timeout=1.0)
            if done:
                return answer.result()
        return False
    finally:
        transport.close()


async def ipfs(config: Config) -> Finding:
    url = config.ipfs.api
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=CHECK_LIMIT) as http:
            answer = await http.post(f"{url}/api/v0/version")
            version = answer.json()["Version"] if answer.status_code == 200 else None
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        version = None
    if version is None:
        return Finding(
            "IPFS",
            "warning",
            f"no IPFS node at {url}: backups go to a file",
            START_KUBO,
        )
    return Finding("IPFS", "ok", f"kubo {version} at {url}")


async def clock(config: Config, age: float | None) -> Finding:
    """Compares with the chain, whose newest block is ``age`` seconds old, where that is known; where it is
    old, or not known, with the nodes' HTTP ``Date``, which every WebSocket server's HTTP side may send."""
    if age is not None and age <= CLOCK_TOLERANCE:
        return clock_by(age)
    for node in config.chain.nodes:
        offset = await _offset(node.replace("ws", "http", 1))
        if offset is None:
            continue
        if abs(offset) > CLOCK_TOLERANCE:
            return Finding(
                "clock",
                "problem",
                f"this clock differs by {offset:+.0f} s from {node}",
                "switch on time synchronisation",
            )
        return Finding("clock", "ok", f"agrees with {node} to {abs(offset):.0f} s")
    if age is not None:
        return clock_by(age)
    year = time.gmtime().tm_year
    if year < 2026:
        return Finding("clock", "problem", f"this clock says {year}", "switch on time synchronisation")
    return Finding("clock", "ok", "nothing to compare it with, but it is plausible")


async def _offset(url: str) -> float | None:
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=2.0) as http:
            date = (await http.get(url)).headers.get("date")
            return time.time() - parsedate_to_datetime(date).timestamp() if date else None
    except (httpx.HTTPError, ValueError):
        return None


def disk(home: Home) -> Finding:
    free = shutil.disk_usage(home.path).free
    if not os.access(home.path, os.W_OK):
        return Finding("disk", "problem", f"{home.path} cannot be written to", "check owner and rights")
    if free < LOW_DISK:
        return Finding("disk", "problem", f"{free / 1e6:.0f} MB are free", "make room")
    return Finding("disk", "ok", f"{free / 1e9:.1f} GB are free")


def rights(home: Home) -> Finding:
    loose = home.loose_permissions()
    if loose:
        names = ", ".join(path.name for path in loose)
        return Finding("rights", "problem", f"other users can look at {names}", f"chmod -R go= {home.path}")
    if home.unlock.exists():
        return Finding(
            "rights",
            "warning",
            "this home has no passphrase: who can read its files can be you",
            "keep the disk encrypted",
        )
    return Finding("rights", "ok", "only this user can look into the home folder")


def _host_port(url: str, default: int) -> tuple[str, int]:
    """Of ``stun:host:port?query`` (RFC 7064, RFC 7065)."""
    place = url.split(":", 1)[1].partition("?")[0]
    host, colon, port = place.rpartition(":")
    return (host, int(port)) if colon and port.isdigit() else (place, default)
