"""The recorded runtime, under which calls have golden vectors, is the one that the dev chain runs."""

from __future__ import annotations

import pytest

from stardust.chain.jsonrpc import JsonRpc
from tests.fixtures.devchain import DevChain
from tests.vectors.chain import metadata, runtime

pytestmark = pytest.mark.chain


async def test_the_golden_runtime_is_that_of_the_dev_chain(dev_chain: DevChain) -> None:
    rpc = await JsonRpc.open(dev_chain.url)
    try:
        version = await rpc.request("state_getRuntimeVersion")
        described = await rpc.request("state_getMetadata")
    finally:
        await rpc.close()
    assert {name: version[name] for name in runtime()["version"]} == runtime()["version"]
    assert bytes.fromhex(described[2:]) == metadata()
