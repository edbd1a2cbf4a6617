"""``python -m tests.e2e.light_follower SPEC``: follows a network as a light client, in a process that a
test can stop. One line of JSON for each change of the status and each event."""

from __future__ import annotations

import asyncio
import json
import sys

import structlog

from stardust.chain.errors import ChainUnavailableError
from stardust.chain.light.rpc import LightRpc
from stardust.chain.rpc import RpcChain


def say(**what: object) -> None:
    print(json.dumps(what), flush=True)


async def events(chain: RpcChain) -> None:
    async for event in chain.events():
        device = event.device.hex() if event.device else None
        say(event=event.kind.value, block=event.block, device=device)


async def main(spec: str) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    chain = RpcChain((spec,), opener=LightRpc.open, final=True)
    told = asyncio.create_task(events(chain))
    last: tuple[object, ...] = ()
    try:
        await chain.connect()
    except ChainUnavailableError as error:
        say(connected=False, problem=str(error), head=None)
    while not told.done():
        status = chain.status()
        head = status.head.number if status.head else None
        now = (status.connected, status.problem, head)
        if now != last:
            last = now
            say(connected=status.connected, problem=status.problem, head=head)
        await asyncio.sleep(0.1)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
