"""Runs the daemon of one home folder in this process, until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog

from stardust.daemon import config, launch, logs, vault
from stardust.daemon.home import Home
from stardust.errors import StardustError

if TYPE_CHECKING:
    from stardust.daemon.app import App

log = structlog.get_logger(__name__)


def run(home: Home, passphrase: str, on_ready: Callable[[], None]) -> None:
    """Returns after a clean end by ``system.shutdown``, SIGTERM or SIGINT; ``on_ready`` is called once
    the API answers. Raises whatever stood in the way of that, ``KeyboardInterrupt`` for a signal."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the keys
    home.require()
    home.require_history()
    settings = config.load(home.config)
    with home.locked():
        logs.set_up(home.log, settings.log.level)
        try:
            was_ready = asyncio.run(_serve(home, settings, vault.unseal(home, passphrase), on_ready))
        except StardustError as error:
            launch.note_failure(home, error)
            raise
        except Exception:
            log.exception("the daemon failed unexpectedly")
            unexpected = StardustError(
                "The daemon failed in a way it did not expect.", hint=f"its log: {home.log}"
            )
            launch.note_failure(home, unexpected)
            raise unexpected from None
    if not was_ready:
        raise KeyboardInterrupt


async def _serve(
    home: Home, settings: config.Config, secrets: vault.Secrets, on_ready: Callable[[], None]
) -> bool:
    """Whether it ever was ready."""
    app: App
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Before the imports, which take a second; no handler runs until the first await.
        loop.add_signal_handler(number, lambda: app.stop())
    from stardust.daemon.app import App
    from stardust.daemon.parts import RealParts

    app = App(home, settings, secrets, RealParts())
    await app.start()
    try:
        ready = not app.stopping
        if ready:
            home.failure.unlink(missing_ok=True)
            on_ready()
            log.info("ready", pid=os.getpid())
        await app.stopped()
    finally:
        await app.close()
    log.info("stopped")
    return ready
