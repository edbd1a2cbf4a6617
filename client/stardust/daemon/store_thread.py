"""The one thread on which the database, the sessions and the delivery streams live."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from stardust.daemon.errors import StoppingError

P = ParamSpec("P")
T = TypeVar("T")


class StoreThread:
    """Runs what it is given one after another, in the order in which it was asked."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._open = True

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of ``work``, which goes on to its end even when the caller is cancelled."""
        if not self._open:
            raise StoppingError
        future = self._pool.submit(work, *args, **kwargs)
        return await asyncio.shield(asyncio.wrap_future(future))

    def close(self) -> None:
        """Waits for what is under way; nothing is taken any more."""
        self._open = False
        self._pool.shutdown(wait=True)
