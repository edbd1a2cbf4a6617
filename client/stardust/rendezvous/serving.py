"""A rendezvous as a process: files to open, a log, signals to end by."""

from __future__ import annotations

import asyncio
import logging
import resource
import signal
from collections.abc import Sequence
from typing import Final

import structlog

from stardust.errors import UsageError
from stardust.logs import send_to
from stardust.rendezvous.limits import Limits
from stardust.rendezvous.metrics import serve_metrics
from stardust.rendezvous.server import Address, Network, Rendezvous, used

SPARE_FILES: Final = 64
"""Open files beside the connections."""
TOLD_EVERY_S: Final = 600.0

log = structlog.get_logger(__name__)


class TooFewFilesError(UsageError):
    """This system allows too few open files for so many connections."""

    code = "too_few_files"


def run(
    listen: Address, limits: Limits, *, metrics: Address | None, proxies: Sequence[Network], as_json: bool
) -> None:
    """Until SIGTERM or SIGINT. ``metrics``: where to answer ``/health`` and ``/metrics``."""
    send_to(logging.StreamHandler(), "info", as_json=as_json)
    allow_files(limits.connections + SPARE_FILES)
    asyncio.run(_run(Rendezvous(limits, proxies=proxies), listen, metrics))


def allow_files(count: int) -> None:
    """Lets this process open ``count`` files; ``TooFewFilesError``."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        raise TooFewFilesError(
            f"This system lets a program open {hard:,} files; {count:,} are needed.",
            hint="take fewer --max-connections, or raise the limit (ulimit -n, LimitNOFILE)",
        )
    if soft != resource.RLIM_INFINITY and soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


async def _run(rendezvous: Rendezvous, listen: Address, metrics: Address | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    at = await rendezvous.start(listen)
    telling = asyncio.create_task(_tell(rendezvous), name="rendezvous-figures")
    try:
        if metrics is None:
            log.info("listening", at=f"ws://{at}", connections=rendezvous.limits.connections)
            await stop.wait()
        else:
            async with await serve_metrics(metrics, rendezvous) as server:
                log.info("listening", at=f"ws://{at}", metrics=f"http://{used(server)}/metrics")
                await stop.wait()
    finally:
        telling.cancel()
        await rendezvous.close()
    log.info("stopped")


async def _tell(rendezvous: Rendezvous) -> None:
    """Now and then, for who has no Prometheus."""
    while True:
        await asyncio.sleep(TOLD_EVERY_S)
        figures = rendezvous.exchange.figures
        log.info(
            "so far",
            connections=rendezvous.door.open,
            envelopes=rendezvous.exchange.store.count,
            published=figures.published,
            refused=figures.refused.total(),
            turned_away=rendezvous.door.turned_away,
        )
