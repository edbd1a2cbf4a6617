"""The process in which smoldot runs: ``python -m stardust.chain.light.process``.

Its standard input is the chain spec in one line, then JSON-RPC requests, one a line; its standard
output is the answers and notifications, one a line. It ends with its input, and so with the daemon.

It is a process of its own because a fault in smoldot ends it, or one of its tasks without a word, and
because the wheel cannot take a chain back: see docs/architecture.md.
"""

from __future__ import annotations

import os
import resource
import sys
from typing import Final

MAX_MEMORY: Final = 1024 * 1024 * 1024
"""Bytes that it may have for data; it needs a tenth. Beyond, it ends and is started anew."""
BAD_SPEC: Final = 3
"""Exit code: the chain spec is not accepted; standard error says why."""
_DRAIN: Final = 1024


def main() -> None:
    from smoldot_light import SmoldotClient  # 25 MB that only this process needs

    resource.setrlimit(resource.RLIMIT_DATA, (MAX_MEMORY, MAX_MEMORY))
    requests = sys.stdin.buffer
    spec = requests.readline().decode()

    def answered(message: str) -> None:
        """Called by smoldot's thread for each message; while it waits, smoldot waits with the next."""
        _write(message.encode() + b"\n")
        # It also keeps each message for who asks without a callback: nobody does.
        client.drain_responses(chain, _DRAIN)

    client = SmoldotClient("stardust", "1", answered)
    try:
        chain = client.add_chain(spec)
    except RuntimeError as error:
        print(str(error)[:1000], file=sys.stderr, flush=True)
        os._exit(BAD_SPEC)
    del spec
    for line in requests:
        client.json_rpc_request(chain, line.decode())
    os._exit(0)  # at once: its threads do not end by themselves


def _write(data: bytes) -> None:
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(1, view) :]
    except OSError:  # nobody reads any more
        os._exit(0)


if __name__ == "__main__":
    main()
