"""The one thread in which SCALE is done, and the runtimes that were read already.

scalecodec notes in classes that all runtimes of a process share (``U8``, ``Bytes``, those of metadata)
which runtime used them last. Two threads, say for two nodes that hear of an upgrade in the same moment,
could read one runtime by the types of the other.

Reading metadata takes 0.15 s of CPU, so a node that comes back with the same is not read again.
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

_thread: Final = ThreadPoolExecutor(1, thread_name_prefix="chain-codec")

Params = ParamSpec("Params")
Result = TypeVar("Result")


class Codecs:
    """Of one connection after the other. All share the thread."""

    def __init__(self) -> None:
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
        return await loop.run_in_executor(_thread, lambda: work(*arguments, **named))
