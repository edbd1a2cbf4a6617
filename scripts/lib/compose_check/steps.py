"""The steps. Each raises when it did not really happen."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Final

import httpx

from children import free_port
from compose_check.engine import Chain, Engine
from compose_check.people import People, Services
from demo.screen import Screen, require
from jsonrpc import until
from network.turn import credentials

VALIDATORS: Final = tuple(f"validator-{number}" for number in range(1, 5))
HEALTHY: Final = (*VALIDATORS, "rpc", "kubo", "rendezvous", "turn", "proxy", "prometheus")
SLOT_MILLIS: Final = 2000
SESSION_BLOCKS: Final = 10
NET: Final = "172.30.58"
"""Not that of a network which runs on this machine for good."""
SCRAPED_S: Final = 60.0
"""Seconds: four times what lies between two questions of Prometheus."""
OPERATOR: Final = "localhost/stardust-init"


class Check:
    """Owns the project; ``stop`` removes it whatever happened."""

    def __init__(self, folder: Path, compose: Path, address: str, screen: Screen) -> None:
        self.folder = folder
        self.screen = screen
        self.address = address
        ports = ("P2P", "RPC", "IPFS", "RENDEZVOUS", "TURN", "TLS", "PROMETHEUS")
        self.ports = {name: free_port() for name in ports}
        self.engine = Engine(folder, compose, self._settings())
        self.chain = Chain(self.ports["RPC"])
        self.people: People | None = None
        self.memory: dict[str, int] = {}

    def _settings(self) -> dict[str, str]:
        return {
            "STARDUST_BINARIES": "dist",
            "STARDUST_ADDRESS": self.address,
            "STARDUST_NET": NET,
            "STARDUST_SLOT_MILLIS": str(SLOT_MILLIS),
            "STARDUST_SESSION_BLOCKS": str(SESSION_BLOCKS),
            "STARDUST_TLS": str(self.folder / "tls"),
            **{f"STARDUST_{name}_PORT": str(port) for name, port in self.ports.items()},
        }

    async def run(self) -> None:
        with self.screen.step("Build the images from prebuilt binaries"):
            self.build()
        with self.screen.step("Up: keys, chain spec, four validators and what belongs to them"):
            self.up()
        with self.screen.step("Two people register, meet over TURN, talk, and back up to kubo"):
            await self.use()
        with self.screen.step("A validator gets new session keys"):
            self.rotate()
        with self.screen.step("One validator is killed: blocks and finality go on, and it returns"):
            await self.kill()
        with self.screen.step("Volumes are lost and restored from backups made while running"):
            await self.lose_volumes()
        with self.screen.step("Prometheus has seen it"):
            self.prometheus()
        with self.screen.step("What it takes"):
            self.figures()
        with self.screen.step("Down, and nothing is left"):
            await self.stop()
            left = self.engine.left()
            require(not left, f"left behind: {', '.join(left)}")

    def build(self) -> None:
        self.engine.compose("build")

    def up(self) -> None:
        self._certificate()
        began = time.monotonic()
        self.engine.compose("up", "--detach", "--no-build")
        self.screen.say(f"started in {time.monotonic() - began:.0f} s")
        self.chain.goes_on(2)
        self.screen.say(f"final blocks after {time.monotonic() - began:.0f} s")
        for service in HEALTHY:
            self._wait_for(service)
        self.screen.say(f"healthy: {', '.join(HEALTHY)}")

    def _wait_for(self, service: str) -> None:
        until(lambda: self.engine.healthy(service), f"{service} to be healthy")

    def _certificate(self) -> None:
        """A certificate that is its own authority, for the clients of this run."""
        tls = self.folder / "tls"
        tls.mkdir()
        names = f"subjectAltName=IP:127.0.0.1,IP:{self.address}"
        subprocess.run(
            [
                *(
                    "openssl",
                    "req",
                    "-x509",
                    "-newkey",
                    "ec",
                    "-pkeyopt",
                    "ec_paramgen_curve:P-256",
                    "-nodes",
                ),
                *("-days", "2", "-subj", "/CN=stardust-check", "-addext", names),
                *("-keyout", str(tls / "key.pem"), "-out", str(tls / "cert.pem")),
            ],
            check=True,
            capture_output=True,
        )
        (tls / "key.pem").chmod(0o644)  # of this run only, for the proxy's user
        os.environ["SSL_CERT_FILE"] = str(tls / "cert.pem")  # the people's daemons inherit it

    async def use(self) -> None:
        self.people = People(self.folder, self._services(), self.screen)
        await self.people.meet()
        routes = await self.people.routes()
        require(routes == {"relay"}, f"they should talk through the TURN server, but do by {routes}")
        report = await self.people.back_up()
        self.screen.say(
            f"link through TURN; backup {report['cid'][:16]}… of {report['bytes']:,} bytes on kubo"
        )

    def _services(self) -> Services:
        config = self.engine.execute("turn", "cat", "/secrets/turnserver.conf").decode()
        secret = config.partition("static-auth-secret=")[2].split()[0]
        user, password = credentials(secret, "check", int(time.time()) + 3600)
        return Services(
            plain=f"ws://127.0.0.1:{self.ports['RPC']}",
            tls=f"wss://127.0.0.1:{self.ports['TLS']}/rpc",
            ipfs=f"http://127.0.0.1:{self.ports['IPFS']}",
            turn=f"turn:{self.address}:{self.ports['TURN']}?transport=udp",
            turn_user=user,
            turn_password=password,
        )

    def rotate(self) -> None:
        before = self._keys_of("validator-1")
        said = self.engine.podman(
            *("run", "--rm", "--network", f"container:{self.engine.name('validator-1')}"),
            *("--volume", "stardust-check_offline:/offline:ro", "--entrypoint", "python3", OPERATOR),
            *("-m", "network.validator", "keys", "--account-key", "/offline/validator-1.phrase"),
        )
        self.screen.say(said.decode().strip().splitlines()[-1])
        require(len(self._keys_of("validator-1")) == len(before) + 2, "there are no new keys in the keystore")
        self.chain.goes_on(3 * SESSION_BLOCKS)
        self.screen.say("three sessions later, finality goes on with the new keys")

    def _keys_of(self, validator: str) -> list[str]:
        return self.engine.execute(validator, "ls", "/data/keystore").decode().split()

    async def kill(self) -> None:
        assert self.people is not None
        name = self.engine.name("validator-2")
        self.engine.podman("stop", "--time", "0", name)
        self.chain.goes_on(10)
        await self.people.talk("One validator is gone.", "I see nothing of it.")
        self.engine.podman("start", name)
        self._wait_for("validator-2")
        pid = int(self.engine.podman("inspect", "--format", "{{.State.Pid}}", name))
        os.kill(pid, signal.SIGKILL)
        until(lambda: self._pid(name) not in (0, pid), "validator-2 to be started again")
        self._wait_for("validator-2")
        self.chain.goes_on()
        self.screen.say(
            "stopped for ten blocks, then killed by SIGKILL and started again by its restart policy"
        )

    def _pid(self, name: str) -> int:
        return int(self.engine.podman("inspect", "--format", "{{.State.Pid}}", name))

    async def lose_volumes(self) -> None:
        """By the commands of docs/operators.md."""
        assert self.people is not None
        await self.people.back_up()
        keys = self.engine.execute("validator-3", "tar", "-C", "/data", "-c", "keystore", "node-key")
        pins = (
            self.engine.execute("kubo", "ipfs", "pin", "ls", "--type=recursive", "--quiet").decode().split()
        )
        cars = [self.engine.execute("kubo", "ipfs", "dag", "export", "--progress=false", pin) for pin in pins]
        require(bool(cars), "kubo has pinned nothing")
        self._lose("validator-3")
        self._refill("validator-3", keys)
        self.engine.podman("start", self.engine.name("validator-3"))
        self._wait_for("validator-3")
        # Without it there are two of four: no finality.
        self.engine.podman("stop", "--time", "0", self.engine.name("validator-4"))
        self.chain.goes_on()
        self.engine.podman("start", self.engine.name("validator-4"))
        self.screen.say("validator-3: keys restored, blocks fetched from the others; it votes again")
        self._lose("kubo")
        self.engine.podman("start", self.engine.name("kubo"))
        self._wait_for("kubo")
        for car in cars:
            self.engine.execute("kubo", "ipfs", "dag", "import", data=car)
        self.screen.say(f"kubo: {len(cars)} pins imported again")
        await self.people.restore()

    def _lose(self, service: str) -> None:
        """The container is stopped and what its volume holds is gone."""
        name = self.engine.name(service)
        self.engine.podman("stop", "--time", "10", name)
        self.engine.podman(
            *("run", "--rm", "--network", "none", "--volume", f"stardust-check_{service}:/data"),
            *("--entrypoint", "find", "localhost/stardust-node", "/data", "-mindepth", "1", "-delete"),
        )

    def _refill(self, service: str, archive: bytes) -> None:
        self.engine.podman(
            *(
                "run",
                "--rm",
                "--interactive",
                "--network",
                "none",
                "--volume",
                f"stardust-check_{service}:/data",
            ),
            *("--entrypoint", "tar", "localhost/stardust-node", "-C", "/data", "-x"),
            data=archive,
        )

    def prometheus(self) -> None:
        base = f"http://127.0.0.1:{self.ports['PROMETHEUS']}/api/v1"
        names = [f"{name}:9615" for name in (*VALIDATORS, "rpc")] + ["rendezvous:9616"]
        until(
            lambda: self._scraped(base) == dict.fromkeys(names, ""),
            "all targets to be scraped",
            SCRAPED_S,
            describe=lambda: f": {self._scraped(base)}",
        )
        groups = self._ask(base, "rules")["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        require(all(rule["health"] == "ok" for rule in rules), "a rule cannot be evaluated")
        firing = [rule["name"] for rule in rules if rule.get("state") == "firing"]
        self.screen.say(f"{len(names)} targets up, {len(rules)} rules evaluated, firing: {firing or 'none'}")

    def _scraped(self, base: str) -> dict[str, str]:
        """By target, what went wrong the last time Prometheus asked it; empty when nothing did."""
        targets = self._ask(base, "targets")["activeTargets"]
        return {
            one["labels"]["instance"]: "" if one["health"] == "up" else one["lastError"] or one["health"]
            for one in targets
        }

    def _ask(self, base: str, what: str, **query: str) -> Any:
        return httpx.get(f"{base}/{what}", params=query, timeout=30, trust_env=False).json()["data"]

    def figures(self) -> None:
        memory = self.engine.memory()
        self.screen.table(
            "Memory",
            [(name, f"{used / 1e6:.0f} MB") for name, used in sorted(memory.items())],
            ("service", "in use"),
        )
        images = self.engine.image_sizes()
        self.screen.table(
            "Images",
            [(name, f"{size / 1e6:.0f} MB") for name, size in sorted(images.items())],
            ("", "with what they share"),
        )

    async def stop(self) -> None:
        """Ends everything of the run."""
        people, self.people = self.people, None
        if people is not None:
            await people.stop()
        self.engine.compose("down", "--volumes", "--timeout", "20")
