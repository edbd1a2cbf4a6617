"""What is wrong, and what to do: each check looks at one thing and never raises."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from stardust.api.types import Finding
from stardust.chain.port import Chain, ChainStatus
from stardust.daemon import checks as check
from stardust.daemon import config as settings
from stardust.daemon import launch, vault
from stardust.daemon.config import Config
from stardust.daemon.errors import LOGIN_AGAIN
from stardust.daemon.home import Home
from stardust.daemon.live import problem_of
from stardust.errors import LocalError, StardustError
from stardust.signaling.port import Signaling
from stardust.signaling.presence import PresenceService
from stardust.signaling.public import WHAT_TO_DO, described, why_public

FIRST_WORD: Final = 4.0
"""Seconds for which a daemon that has just started waits until it knows how the chain is."""


async def examine(
    home: Home,
    config: Config,
    chain: Chain,
    status: ChainStatus,
    signaling: Signaling,
    presence: PresenceService,
    read: Callable[[], Awaitable[object]],
    *,
    registered: bool,
    revoked: bool,
) -> tuple[Finding, ...]:
    """What a running daemon finds, at most ``CHECK_LIMIT`` seconds later. ``read`` asks the history for
    something, and raises what stands in the way."""
    checks: list[tuple[str, Awaitable[Finding]]] = [
        ("chain", _chain(chain, status, config)),
        ("registration", _registration(status, registered, revoked)),
        ("signals", _signals(signaling, config)),
        ("presence", _presence(presence, config)),
        ("clock", check.clock(config, status.age)),
        ("history", _history(home, read)),
        *_surroundings(home, config),
    ]
    return await _all(checks)


async def examine_alone(home: Home, not_running: StardustError) -> tuple[Finding, ...]:
    """What can be looked at without a daemon, and why it could not start, if that was tried."""
    findings = [_checked("home", home.require, f"{home.path} holds an account.")]
    if home.exists:
        findings.append(_checked("settings", lambda: settings.load(home.config), "config.toml is valid."))
        findings.append(_checked("keys", lambda: vault.check(home), "device.keys is whole."))
        findings.append(_checked("history", home.require_history, "history.db is there."))
        findings += await _outside(home)
    failure, sentence, hint = launch.last_failure(home), str(not_running), not_running.hint
    if failure is not None:
        sentence, hint = f"It could not start the last time: {failure.message}", failure.data.hint
    return (*findings, Finding("daemon", "problem", sentence, hint))


async def _outside(home: Home) -> tuple[Finding, ...]:
    try:
        config = settings.load(home.config)
    except StardustError:  # said already; where chain and IPFS are is not known then
        return await _all(_of_the_home(home))
    chain, others = await asyncio.gather(
        check.chain_and_clock(home, config), _all(_surroundings(home, config))
    )
    return *chain, *others


def _checked(name: str, look: Callable[[], object], good: str) -> Finding:
    try:
        look()
    except StardustError as error:
        return Finding(name, "problem", str(error), error.hint)
    return Finding(name, "ok", good)


def _surroundings(home: Home, config: Config) -> list[tuple[str, Awaitable[Finding]]]:
    return [
        ("STUN", check.stun(config)),
        ("TURN", check.turn(config)),
        ("IPFS", check.ipfs(config)),
        *_of_the_home(home),
    ]


def _of_the_home(home: Home) -> list[tuple[str, Awaitable[Finding]]]:
    return [
        ("disk", asyncio.to_thread(check.disk, home)),
        ("rights", asyncio.to_thread(check.rights, home)),
    ]


async def _all(checks: list[tuple[str, Awaitable[Finding]]]) -> tuple[Finding, ...]:
    return tuple(await asyncio.gather(*(check.limited(name, one) for name, one in checks)))


async def _chain(chain: Chain, status: ChainStatus, config: Config) -> Finding:
    light = config.chain.spec is not None and config.chain.mode != "rpc"
    if not status.connected:
        nodes = ", ".join(config.chain.nodes)
        if light and status.problem is None:
            soon = f"the network is not found yet: that takes up to {check.LIGHT_LIMIT:.0f} s after the start"
            return Finding("chain", "warning", soon, "look again: stardust doctor")
        problem = status.problem or f"no node answers ({nodes})"
        hint = "start a node, or name another under [chain] in config.toml"
        if light:
            hint = check.LIGHT_HINT
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
    told = described(transports)
    way = next((one.name for one in transports if one.usable), None)
    if way is None:
        return Finding(
            "signals", "problem", told or "no way is configured", "see [signaling] in docs/configuration.md"
        )
    if config.asks_free and (why := why_public(transports)):
        return Finding("signals", "warning", why, WHAT_TO_DO)
    if config.signaling.prefer not in ("auto", way):
        advice = f"signals go through {way}, not through what is preferred; name other nodes"
        return Finding("signals", "warning", told, advice)
    return Finding("signals", "ok", f"through {way}; {told}")


async def _history(home: Home, read: Callable[[], Awaitable[object]]) -> Finding:
    try:
        home.require_history()
        await read()
    except LocalError as error:
        problem = problem_of(error)
        return Finding("history", "problem", problem.message, problem.hint)
    return Finding("history", "ok", "it can be read")


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
