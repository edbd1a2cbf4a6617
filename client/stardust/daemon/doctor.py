"""What is wrong, and what to do: each check looks at one thing and never raises."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import struct
import time
from collections.abc import Awaitable
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

from stardust.api.types import Finding
from stardust.chain.port import Chain, ChainStatus
from stardust.daemon.config import Config
from stardust.daemon.errors import LOGIN_AGAIN
from stardust.daemon.home import Home
from stardust.errors import why
from stardust.signaling.port import Signaling
from stardust.signaling.presence import PresenceService

CHECK_LIMIT: Final = 5.0
"""Seconds for each check; all run at the same time."""
LOW_DISK: Final = 200 * 1024 * 1024
CLOCK_TOLERANCE: Final = 60.0
"""Seconds; signals expire, so clocks that differ by minutes lose them."""
STALE_HEAD: Final = 60.0

_STUN_BINDING: Final = 0x0001
_STUN_COOKIE: Final = 0x2112A442


async def examine(
    home: Home,
    config: Config,
    chain: Chain,
    status: ChainStatus,
    signaling: Signaling,
    presence: PresenceService,
    *,
    registered: bool,
    revoked: bool,
) -> tuple[Finding, ...]:
    """All findings, at most ``CHECK_LIMIT`` seconds later."""
    checks: list[tuple[str, Awaitable[Finding]]] = [
        ("chain", _chain(chain, status, config)),
        ("registration", _registration(status, registered, revoked)),
        ("signals", _signals(signaling, config)),
        ("presence", _presence(presence, config)),
        ("STUN", _stun(config)),
        ("TURN", _turn(config)),
        ("IPFS", _ipfs(config)),
        ("clock", _clock(config)),
        ("disk", asyncio.to_thread(_disk, home)),
        ("rights", asyncio.to_thread(_rights, home)),
    ]
    return tuple(await asyncio.gather(*(_limited(name, check) for name, check in checks)))


async def _limited(name: str, check: Awaitable[Finding]) -> Finding:
    try:
        async with asyncio.timeout(CHECK_LIMIT):
            return await check
    except TimeoutError:
        return Finding(
            name, "problem", f"no answer within {CHECK_LIMIT:.0f} s", "check the address and the network"
        )
    except Exception as error:
        return Finding(name, "problem", f"could not be checked: {why(error)}", "see the daemon's log")


async def _chain(chain: Chain, status: ChainStatus, config: Config) -> Finding:
    light = config.chain.spec is not None and config.chain.mode != "rpc"
    if not status.connected:
        nodes = ", ".join(config.chain.nodes)
        problem = status.problem or ("the network is not found" if light else f"no node answers ({nodes})")
        hint = "start a node, or name another under [chain] in config.toml"
        if light:
            hint = "check the Internet connection; ask the operator for a newer chain spec"
        return Finding("chain", "problem", problem, hint)
    head = await chain.head()
    runs = f"{status.spec_name} {status.spec_version} at {status.node}, block {head.number}"
    if status.problem is not None:
        return Finding("chain", "warning", f"{runs}. {status.problem}", "it may pass; else ask the operator")
    return Finding("chain", "ok", runs)


async def _registration(status: ChainStatus, registered: bool, revoked: bool) -> Finding:
    if registered:
        return Finding("registration", "ok", "this device stands on chain")
    if revoked:
        return Finding(
            "registration",
            "problem",
            "this device is no longer on chain: it was revoked, or the chain began anew",
            LOGIN_AGAIN,
        )
    if not status.connected:
        return Finding("registration", "warning", "unknown while the chain is away", "mend the chain first")
    return Finding("registration", "problem", "this device is not on chain", "run: stardust login")


async def _signals(signaling: Signaling, config: Config) -> Finding:
    transports = await signaling.health()
    told = "; ".join(f"{one.name}: {one.detail}" for one in transports)
    way = next((one.name for one in transports if one.usable), None)
    if way is None:
        return Finding(
            "signals", "problem", told or "no way is configured", "see [signaling] in docs/configuration.md"
        )
    if config.signaling.prefer not in ("auto", way):
        advice = f"signals go through {way}, not through what is preferred; name other nodes"
        return Finding("signals", "warning", told, advice)
    return Finding("signals", "ok", f"through {way}; {told}")


async def _presence(presence: PresenceService, config: Config) -> Finding:
    match config.presence.announce:
        case "contacts" if presence.way is None:
            advice = "name a node with a statement store or a rendezvous under [signaling]"
            return Finding("presence", "warning", f"contacts do not see it: {presence.problem}", advice)
        case "contacts":
            return Finding("presence", "ok", f"contacts see that this device is there, by {presence.way}")
        case "public":
            return Finding("presence", "ok", "everybody sees on the chain that this device is there")
        case _:
            return Finding("presence", "ok", "announced to nobody")


async def _stun(config: Config) -> Finding:
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


async def _turn(config: Config) -> Finding:
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


async def _ipfs(config: Config) -> Finding:
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
            "start kubo, or name its RPC address under [ipfs] in config.toml",
        )
    return Finding("IPFS", "ok", f"kubo {version} at {url}")


async def _clock(config: Config) -> Finding:
    """Compares with the nodes' HTTP ``Date``, which every WebSocket server's HTTP side may send."""
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


def _disk(home: Home) -> Finding:
    free = shutil.disk_usage(home.path).free
    if not os.access(home.path, os.W_OK):
        return Finding("disk", "problem", f"{home.path} cannot be written to", "check owner and rights")
    if free < LOW_DISK:
        return Finding("disk", "problem", f"{free / 1e6:.0f} MB are free", "make room")
    return Finding("disk", "ok", f"{free / 1e9:.1f} GB are free")


def _rights(home: Home) -> Finding:
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
