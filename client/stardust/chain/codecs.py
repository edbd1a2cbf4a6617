"""The thread in which SCALE is done, and the runtimes that were read already.

Reading metadata takes a second of CPU, so a node that comes back with the same is not read again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from typing import Any, Final, ParamSpec, TypeVar

from stardust.chain.codec import Codec

MAX_KEPT: Final = 2
"""The runtime of now and the one before an upgrade."""

Params = ParamSpec("Params")
Result = TypeVar("Result")


class Codecs:
    """Codecs are not for several threads, so there is one."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="chain-codec")
        self._kept: dict[bytes, Codec] = {}

    async def of(self, version: Mapping[str, Any], metadata: str, genesis: bytes) -> Codec:
        """The codec for what a node answered to ``state_getRuntimeVersion`` and ``state_getMetadata``."""
        return await self.run(self._of, version, metadata, genesis)

    def _of(self, version: Mapping[str, Any], metadata: str, genesis: bytes) -> Codec:
        numbers = f"{version.get('specVersion')} {version.get('transactionVersion')}"
        key = blake2b(genesis + numbers.encode() + metadata.encode(), digest_size=32).digest()
        codec = self._kept.pop(key, None) or Codec(version, metadata, genesis)
        self._kept[key] = codec
        while len(self._kept) > MAX_KEPT:
            del self._kept[next(iter(self._kept))]
        return codec

    async def run(
        self, work: Callable[Params, Result], *arguments: Params.args, **named: Params.kwargs
    ) -> Result:
        """``work`` in the thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: work(*arguments, **named))

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)
