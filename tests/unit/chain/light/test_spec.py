from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stardust.chain.errors import ChainSpecError
from stardust.chain.light import spec as spec_module
from stardust.chain.light.spec import read_spec

PEER = "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp"
LOCAL = Path(__file__).parents[4] / "chain-spec" / "local.json"


def written(tmp_path: Path, **changes: Any) -> Path:
    whole = {
        "name": "Net",
        "id": "net",
        "bootNodes": [f"/ip4/10.0.0.1/tcp/30333/p2p/{PEER}"],
        "telemetryEndpoints": [["wss://telemetry.example/submit", 1]],
        "genesis": {"raw": {"top": {"0x3a636f6465": "0x00"}, "childrenDefault": {}}},
        **changes,
    }
    path = tmp_path / "net.json"
    path.write_text(json.dumps(whole, indent=2))
    return path


def test_the_repositorys_own_spec_is_one_without_boot_nodes() -> None:
    spec = read_spec(LOCAL)
    assert (spec.name, spec.boot_nodes) == ("Stardust Local", ())


def test_it_is_one_line_and_does_not_name_whom_nodes_report_to(tmp_path: Path) -> None:
    spec = read_spec(written(tmp_path))
    assert "\n" not in spec.text
    assert "telemetry" not in spec.text
    assert json.loads(spec.text)["genesis"]["raw"]["top"] == {"0x3a636f6465": "0x00"}


@pytest.mark.parametrize(
    ("address", "place"),
    [
        (f"/ip4/10.0.0.1/tcp/30333/p2p/{PEER}", "10.0.0.1:30333"),
        (f"/ip6/::1/tcp/30333/ws/p2p/{PEER}", "[::1]:30333"),
        (f"/dns/node.example.org/tcp/30333/p2p/{PEER}", "node.example.org:30333"),
        (f"/dns4/node.example.org/tcp/443/ws/p2p/{PEER}", "node.example.org:443"),
    ],
)
def test_boot_nodes_that_can_be_dialled(tmp_path: Path, address: str, place: str) -> None:
    (node,) = read_spec(written(tmp_path, bootNodes=[address])).boot_nodes
    assert (node.address, str(node)) == (address, place)


def test_boot_nodes_of_other_kinds_are_left_out(tmp_path: Path) -> None:
    good = f"/ip4/10.0.0.1/tcp/30333/p2p/{PEER}"
    other = f"/dns/node.example.org/tcp/443/wss/p2p/{PEER}"
    assert len(read_spec(written(tmp_path, bootNodes=[other, good])).boot_nodes) == 1
    with pytest.raises(ChainSpecError, match="can open none"):
        read_spec(written(tmp_path, bootNodes=[other, f"/ip4/10.0.0.1/tcp/99999/p2p/{PEER}"]))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"genesis": {"stateRootHash": "0x" + "11" * 32}}, "no full raw genesis"),
        ({"genesis": {"raw": {"top": {}}}}, "no full raw genesis"),
        ({"genesis": {"runtime": {}}}, "no full raw genesis"),
        ({"bootNodes": 7}, "no chain spec"),
        ({"bootNodes": ["/ip4/1.1.1.1"] * 65}, "no chain spec"),
        ({"name": 7}, "no chain spec"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ChainSpecError, match=said):
        read_spec(written(tmp_path, **changes))


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_named(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "net.json"
    path.write_bytes(text)
    with pytest.raises(ChainSpecError, match="is no chain spec"):
        read_spec(path)


def test_a_file_that_is_too_large_or_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ChainSpecError, match="cannot be read"):
        read_spec(tmp_path / "none.json")
    monkeypatch.setattr(spec_module, "MAX_SPEC", 100)
    with pytest.raises(ChainSpecError, match="larger"):
        read_spec(written(tmp_path))
