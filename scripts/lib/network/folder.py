"""The folder of a network on this machine: one at a time runs in it, on the same ports each time."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import msgspec

from children import PartFailedError, check_port, free_port

PORTS: Final = "ports.json"
MAX_PORTS_FILE: Final = 64 * 1024

Port = Annotated[int, msgspec.Meta(ge=1, le=65_535)]


class Ports(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of one node, on loopback."""

    rpc: Port
    p2p: Port
    prometheus: Port


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Makes it, and lets nobody else run a network in it meanwhile. ``PartFailedError``; what stands in
    the folder is not touched."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise PartFailedError(f"the folder {folder} cannot be used ({error.strerror})") from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PartFailedError(f"the folder {folder} is in use by a running network") from None
        yield
    finally:
        os.close(descriptor)


def assign(folder: Path, names: Sequence[str], chosen: Mapping[str, Mapping[str, int]]) -> dict[str, Ports]:
    """By name of the node: the ports of ``chosen`` (by node and kind), else those that it had the last
    time, else free ones; written down for the next time. ``PartFailedError`` when one is taken now."""
    file = folder / PORTS
    before = _load(file)
    used = {port for ports in chosen.values() for port in ports.values()}
    reserved = used | {port for ports in before.values() for port in msgspec.structs.astuple(ports)}

    def port(name: str, kind: str) -> int:
        if kind in (mine := chosen.get(name, {})):
            return mine[kind]
        kept = getattr(before.get(name), kind, None)
        if kept is None or kept in used:
            kept = free_port(reserved)
        else:
            check_port(kept, f"end that one, or remove {file} and the network gets other ports")
        used.add(kept)
        reserved.add(kept)
        return kept

    kinds = Ports.__struct_fields__
    assigned = {name: Ports(**{kind: port(name, kind) for kind in kinds}) for name in names}
    if assigned != before:
        draft = file.with_suffix(".new")
        draft.write_bytes(msgspec.json.format(msgspec.json.encode(assigned)) + b"\n")
        draft.rename(file)
    return assigned


def _load(file: Path) -> dict[str, Ports]:
    """Nothing when there is none yet."""
    try:
        with file.open("rb") as stream:
            return msgspec.json.decode(stream.read(MAX_PORTS_FILE), type=dict[str, Ports])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        raise PartFailedError(f"{file} cannot be read; remove it, and the network gets other ports") from None
