"""Writes the raw chain specs from a Wasm, or checks the committed ones against it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import zstandard

ROOT = Path(__file__).resolve().parents[2]
SPECS = ROOT / "chain-spec"
PROVENANCE = SPECS / "provenance.json"
CODE = "0x3a636f6465"
# sp-maybe-compressed-blob: what follows is zstd.
COMPRESSED = bytes([82, 188, 83, 118, 70, 219, 142, 5])
MAX_CODE = 16 * 1024 * 1024

PRESETS = {
    "dev": ("development", "Stardust Development", "Development"),
    "local": ("local_testnet", "Stardust Local", "Local"),
}


def source_digest() -> str:
    """sha256 over everything that the Wasm is made from, in the order of the paths."""
    digest = hashlib.sha256()
    pallet = ROOT / "pallet"
    files = [pallet / "Cargo.toml", pallet / "Cargo.lock"]
    for crate in ("p2p-signaling", "runtime"):
        files += [pallet / crate / "Cargo.toml", *sorted((pallet / crate / "src").rglob("*.rs"))]
    for path in files:
        data = path.read_bytes()
        digest.update(f"{path.relative_to(ROOT).as_posix()} {len(data)}\n".encode())
        digest.update(data)
    return digest.hexdigest()


def compiler() -> str:
    return subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.strip()


def genesis(wasm: Path, preset: str) -> dict[str, str]:
    """The genesis storage that the runtime builds for a preset, with the plain Wasm as ``:code``."""
    script = ROOT / "scripts" / "lib" / "devchain" / "genesis.mjs"
    done = subprocess.run(["node", str(script), str(wasm), preset], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"error: the genesis state of {preset} could not be built:\n{done.stderr.strip()}")
    storage: dict[str, str] = json.loads(done.stdout)
    return storage


def spec(name: str, storage: dict[str, str], wasm: bytes) -> dict[str, Any]:
    _, title, kind = PRESETS[name]
    code = COMPRESSED + zstandard.ZstdCompressor(level=19).compress(wasm)
    return {
        "name": title,
        "id": f"stardust-{name}",
        "chainType": kind,
        "bootNodes": [],
        "telemetryEndpoints": None,
        "protocolId": f"stardust-{name}",
        "properties": {"ss58Format": 42, "tokenDecimals": 12, "tokenSymbol": "STAR"},
        "codeSubstitutes": {},
        "genesis": {"raw": {"top": {**storage, CODE: "0x" + code.hex()}, "childrenDefault": {}}},
    }


def plain(code: str) -> bytes:
    """The Wasm in a spec's ``:code``."""
    data = bytes.fromhex(code[2:])
    if data.startswith(COMPRESSED):
        return zstandard.ZstdDecompressor().decompress(data[len(COMPRESSED) :], max_output_size=MAX_CODE)
    return data


def write(wasm_path: Path) -> None:
    wasm = wasm_path.read_bytes()
    SPECS.mkdir(exist_ok=True)
    for name, (preset, _, _) in PRESETS.items():
        storage = genesis(wasm_path, preset)
        path = SPECS / f"{name}.json"
        path.write_text(json.dumps(spec(name, storage, wasm), indent=1) + "\n")
        print(f"wrote chain-spec/{name}.json: {path.stat().st_size:,} bytes")
    provenance = {
        "source_sha256": source_digest(),
        "compiler": compiler(),
        "wasm_blake2_256": hashlib.blake2b(wasm, digest_size=32).hexdigest(),
        "wasm_bytes": len(wasm),
    }
    PROVENANCE.write_text(json.dumps(provenance, indent=1) + "\n")


def check(wasm_path: Path) -> None:
    """Ends with an error unless the committed specs come from this source."""
    wasm, recorded = wasm_path.read_bytes(), json.loads(PROVENANCE.read_text())
    if recorded["source_sha256"] != source_digest():
        sys.exit("error: pallet/ has changed since the specs were made; run ./scripts/chain-spec")
    same_compiler = recorded["compiler"] == compiler()
    for name, (preset, _, _) in PRESETS.items():
        committed = json.loads((SPECS / f"{name}.json").read_text())["genesis"]["raw"]["top"]
        built = genesis(wasm_path, preset)
        code = plain(committed.pop(CODE))
        built.pop(CODE)
        if hashlib.blake2b(code, digest_size=32).hexdigest() != recorded["wasm_blake2_256"]:
            sys.exit(f"error: the Wasm in chain-spec/{name}.json is not the one in provenance.json")
        if committed != built:
            sys.exit(f"error: the genesis state of chain-spec/{name}.json is not what the source builds")
        if same_compiler and code != wasm:
            sys.exit(f"error: the Wasm in chain-spec/{name}.json is not what the source builds")
    if same_compiler:
        print(f"proven: both specs hold byte for byte what this source builds with {recorded['compiler']}")
    else:
        print(
            f"proven: both specs come from this source (digest) and have the genesis state that it builds here.\n"
            f"not proven: the Wasm byte for byte; it was built with {recorded['compiler']}, this is {compiler()}"
        )


if __name__ == "__main__":
    if "--check" in sys.argv[2:]:
        check(Path(sys.argv[1]))
    else:
        write(Path(sys.argv[1]))
