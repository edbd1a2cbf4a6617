from __future__ import annotations

import asyncio
import threading

from stardust.chain.codec import Codec
from stardust.chain.codecs import Codecs
from tests.vectors.chain import codec, metadata, runtime


def test_runtimes_share_classes_that_remember_who_used_them_last() -> None:
    """Why there is one thread. When this fails, scalecodec has been mended."""
    one = codec()._chain.runtime_config
    other = Codec(runtime()["version"], "0x" + metadata().hex(), bytes(32))._chain.runtime_config
    shared = one.get_decoder_class("Bytes")
    assert shared.runtime_config is one
    assert other.get_decoder_class("Bytes") is shared
    assert shared.runtime_config is other


async def test_all_connections_of_a_process_do_their_scale_on_one_thread() -> None:
    many = [Codecs() for _ in range(4)]
    threads = await asyncio.gather(*(codecs.run(threading.get_ident) for codecs in many))
    assert len({*threads}) == 1
    assert threads[0] != threading.get_ident()
