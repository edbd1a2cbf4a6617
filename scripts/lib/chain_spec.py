"""Writes the raw chain specs from a Wasm, or checks the committed ones against it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import zstandard

from network.spec import COMPRESSED, compressed

ROOT = Path(__file__).resolve().parents[2]
SPECS = ROOT / "chain-spec"
PROVENANCE = SPECS / "provenance.json"
CODE = "0x3a636f6465"
MAX_CODE = 16 * 1024 * 1024

PRESETS = {
    "dev": ("development", "Stardust Development", "Development"),
    "local": ("local_testnet", "Stardust Local", "Local"),
}


# Compiled for tests and benchmarks only: no part of the Wasm.
NOT_IN_WASM = {"tests", "tests.rs", "mock.rs", "benchmarking", "benchmarks.rs", "try_state.rs"}


def source_digest() -> str:
    """sha256 over everything that the Wasm is made from, in the order of the paths."""
    digest = hashlib.sha256()
    pallet = ROOT / "pallet"
    files = [pallet / "Cargo.toml", pallet / "Cargo.lock"]
    for crate in ("p2p-signaling", "runtime"):
        sources = pallet / crate / "src"
        files.append(pallet / crate / "Cargo.toml")
        for path in sorted(sources.rglob("*.rs")):
            if NOT_IN_WASM.isdisjoint(path.relative_to(sources).parts):
                files.append(path)
    for path in files:
        data = path.read_bytes()
        digest.update(f"{path.relative_to(ROOT).as_posix()} {len(data)}\n".encode())
        digest.update(data)
    return digest.hexdigest()


def compiler(wasm: Path) -> str:
    """What compiled the Wasm, and on what kind of machine, as scripts/build-runtime notes it."""
    return Path(f"{wasm}.compiler").read_text().strip()


def node(script: str, *arguments: str) -> str:
    """The output of one of the devchain package's scripts."""
    path = ROOT / "scripts" / "lib" / "devchain" / script
    done = subprocess.run(["node", str(path), *arguments], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"error: {script} {' '.join(arguments)} failed:\n{done.stderr.strip()}")
    return done.stdout


def genesis(wasm: Path, preset: str) -> dict[str, str]:
    """The genesis storage that the runtime builds for a preset, with the plain Wasm as ``:code``."""
    storage: dict[str, str] = json.loads(node("genesis.mjs", str(wasm), preset))
    return storage


def spec(name: str, storage: dict[str, str]) -> dict[str, Any]:
    """The raw spec of this name with this genesis storage."""
    _, title, kind = PRESETS[name]
    return {
        "name": title,
        "id": f"stardust-{name}",
        "chainType": kind,
        "bootNodes": [],
        "telemetryEndpoints": None,
        "protocolId": f"stardust-{name}",
        "properties": {"ss58Format": 42, "tokenDecimals": 12, "tokenSymbol": "STAR"},
        "codeSubstitutes": {},
        "genesis": {"raw": {"top": storage, "childrenDefault": {}}},
    }


def plain(code: str) -> bytes:
    """The Wasm in a spec's ``:code``."""
    data = bytes.fromhex(code[2:])
    if data.startswith(COMPRESSED):
        return zstandard.ZstdDecompressor().decompress(data[len(COMPRESSED) :], max_output_size=MAX_CODE)
    return data


def says(wasm: bytes) -> str:
    """Version and metadata of a Wasm."""
    with tempfile.NamedTemporaryFile(suffix=".wasm") as file:
        file.write(wasm)
        file.flush()
        return node("metadata.mjs", file.name)


def blake2_256(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=32).hexdigest()


def write(wasm_path: Path) -> None:
    wasm = wasm_path.read_bytes()
    code = "0x" + compressed(wasm).hex()
    SPECS.mkdir(exist_ok=True)
    for name, (preset, _, _) in PRESETS.items():
        path = SPECS / f"{name}.json"
        path.write_text(json.dumps(spec(name, {**genesis(wasm_path, preset), CODE: code}), indent=1) + "\n")
        print(f"wrote chain-spec/{name}.json: {path.stat().st_size:,} bytes")
    provenance = {
        "source_sha256": source_digest(),
        "compiler": compiler(wasm_path),
        "wasm_blake2_256": blake2_256(wasm),
        "wasm_bytes": len(wasm),
    }
    PROVENANCE.write_text(json.dumps(provenance, indent=1) + "\n")


def require(holds: bool, otherwise: str) -> None:
    if not holds:
        sys.exit(f"error: {otherwise}")


def check(wasm_path: Path) -> None:
    """Ends with an error unless the committed specs come from this source."""
    wasm, recorded = wasm_path.read_bytes(), json.loads(PROVENANCE.read_text())
    require(
        recorded["source_sha256"] == source_digest(),
        "pallet/ has changed since the specs were made; run ./scripts/chain-spec",
    )
    here = compiler(wasm_path)
    same_compiler = recorded["compiler"] == here
    require(
        same_compiler or os.environ.get("CI") != "true",
        f"{recorded['compiler']} built the specs and here is {here}: with another compiler this proves"
        " too little for CI; use the Rust that scripts/build-runtime names",
    )
    for name, (preset, _, _) in PRESETS.items():
        file = f"chain-spec/{name}.json"
        committed = json.loads((SPECS / f"{name}.json").read_text())
        state = committed["genesis"]["raw"]["top"]
        code = plain(state[CODE])
        require(
            blake2_256(code) == recorded["wasm_blake2_256"],
            f"the Wasm in {file} is not the one in provenance.json",
        )
        if same_compiler:
            require(code == wasm, f"the Wasm in {file} is not what the source builds")
        else:
            require(
                says(code) == node("metadata.mjs", str(wasm_path)), f"the Wasm in {file} has other metadata"
            )
        built = genesis(wasm_path, preset)
        require(
            committed == spec(name, {**built, CODE: state[CODE]}),
            f"{file} is not what the source builds: its genesis state or its head differs",
        )
    if same_compiler:
        print(f"proven: Wasm and state of both specs are byte for byte what {here} makes of this source")
    else:
        print(
            "proven: version, metadata and genesis state of both specs are what this source builds, and\n"
            "        provenance.json names this source\n"
            f"not proven: the Wasm byte for byte; {recorded['compiler']} built it, here is {here}"
        )


if __name__ == "__main__":
    if "--check" in sys.argv[2:]:
        check(Path(sys.argv[1]))
    else:
        write(Path(sys.argv[1]))
