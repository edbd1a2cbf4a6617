"""The two runtimes that come after the committed one."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path
from typing import Final

from children import ROOT
from demo.screen import DemoFailedError

PATCHES: Final = tuple(
    ROOT / "tests" / "upgrade" / f"{name}.patch" for name in ("1-migration", "2-transactions")
)
UPGRADE: Final = str(ROOT / "scripts" / "upgrade")


async def run(*command: str) -> str:
    """What a command prints; ``DemoFailedError`` with what it says when it fails."""
    child = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, err = await child.communicate()
    finally:
        if child.returncode is None:
            os.killpg(child.pid, signal.SIGTERM)
            await child.wait()
    if child.returncode:
        raise DemoFailedError(f"{Path(command[0]).name}: {err.decode(errors='replace').strip()[-2000:]}")
    return out.decode().strip()


async def build(patches: int) -> tuple[Path, float]:
    """The Wasm with so many of the patches, and how long that took in seconds."""
    began = time.monotonic()
    options = [word for patch in PATCHES[:patches] for word in ("--patch", str(patch))]
    said = await run(str(ROOT / "scripts" / "build-runtime"), *options)
    return Path(said.splitlines()[-1]), time.monotonic() - began


async def enact(rpc: str, wasm: Path, root_key: Path) -> None:
    """By the commands of docs/operators.md; returns when the block with the new code is final."""
    digest = await run(UPGRADE, "hash", str(wasm))
    await run(UPGRADE, "--rpc", rpc, "authorize", digest, "--root-key", str(root_key))
    await run(UPGRADE, "--rpc", rpc, "apply", str(wasm))
