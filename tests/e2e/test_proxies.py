"""The TLS proxies of the repository, run by their own programs: they write down nobody's address."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from children import ROOT, free_port
from tests.fakes.certificates import Authority

CALLER = "127.0.0.77"
"""Of the people who connect; nothing else has it."""
HOST = "rendezvous.example.org"
PAGE = (ROOT / "docs" / "rendezvous.md").read_text()
START_LIMIT_S = 20.0


@dataclass(frozen=True)
class Proxy:
    port: int
    folder: Path
    refuses: bool
    """Who comes too often."""

    def log(self) -> str:
        """All that it has written anywhere."""
        return "".join(one.read_text() for one in sorted(self.folder.glob("*.log")))


def certificate(folder: Path) -> Path:
    """Certificate and key in one file."""
    Authority.create().server(folder, HOST)
    return folder / f"{HOST}.pem"


def of_compose(folder: Path, port: int) -> str:
    """``docker/nginx.conf`` at another place, in front of nothing."""
    pem, gone = certificate(folder), free_port()
    changed = {
        "include /tmp/resolver.conf;": "",
        "/tmp/": f"{folder}/",
        "/tls/cert.pem": str(pem),
        "/tls/key.pem": str(pem),
        "rpc:9944": f"127.0.0.1:{gone}",
        "rendezvous:7480": f"127.0.0.1:{gone}",
        "listen 8443": f"listen 127.0.0.1:{port}",
    }
    text = (ROOT / "docker" / "nginx.conf").read_text()
    for old, new in changed.items():
        assert old in text
        text = text.replace(old, new)
    return text


def example(begins: str) -> str:
    """A block of code of docs/rendezvous.md."""
    (found,) = [block for block in re.findall(r"```\w*\n(.*?)```", PAGE, re.DOTALL) if begins in block]
    return str(found)


def of_the_page(folder: Path, port: int) -> str:
    """nginx as docs/rendezvous.md shows it."""
    pem = certificate(folder)
    server = example("proxy_pass")
    changed = {
        "/etc/ssl/rendezvous.pem": str(pem),
        "/etc/ssl/rendezvous.key": str(pem),
        "127.0.0.1:7480": f"127.0.0.1:{free_port()}",
        "listen 443": f"listen 127.0.0.1:{port}",
        "/var/log/nginx": str(folder),
    }
    for old, new in changed.items():
        server = server.replace(old, new)
    return f"pid {folder}/pid;\nerror_log stderr warn;\nevents {{}}\nhttp {{\n{server}\n}}\n"


def caddy_of_the_page(folder: Path, port: int) -> str:
    pem = certificate(folder)
    site = example("reverse_proxy").replace("127.0.0.1:7480", f"127.0.0.1:{free_port()}")
    site = site.replace(f"{HOST} {{", f"https://{HOST}:{port} {{\n    tls {pem} {pem}")
    options = "{\n    admin off\n    auto_https disable_redirects\n"
    return options + (site.removeprefix("{\n") if site.startswith("{") else "}\n" + site)


KINDS = {
    "nginx of the containers": ("nginx", of_compose, ("-e", "stderr", "-g", "daemon off;", "-c")),
    "nginx of the page": ("nginx", of_the_page, ("-e", "stderr", "-g", "daemon off;", "-c")),
    "caddy of the page": ("caddy", caddy_of_the_page, ("run", "--adapter", "caddyfile", "--config")),
}


@pytest.fixture(params=KINDS)
def proxy(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Proxy]:
    program, make, options = KINDS[request.param]
    binary = shutil.which(program) or shutil.which(f"/usr/sbin/{program}")
    if binary is None:
        pytest.skip(f"no {program} (Debian package of that name; nginx-light)")
    port, config = free_port(), tmp_path / "config"
    config.write_text(make(tmp_path, port))
    with (tmp_path / "out.log").open("wb") as out:
        process = subprocess.Popen([binary, *options, str(config)], stdout=out, stderr=subprocess.STDOUT)
    try:
        proxy = Proxy(port, tmp_path, refuses=make is of_compose)
        wait(process, proxy)
        yield proxy
    finally:
        process.terminate()
        process.wait(20)


def wait(process: subprocess.Popen[bytes], proxy: Proxy) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            return socket.create_connection(("127.0.0.1", proxy.port), 1).close()
        time.sleep(0.1)
    raise RuntimeError("the proxy did not start:\n" + proxy.log())


@contextlib.contextmanager
def caller(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), 10, (CALLER, 0)) as connection:
        yield connection


def status(port: int, path: str) -> int:
    """Of the answer to somebody who wants a WebSocket."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    head = (f"GET {path} HTTP/1.1", f"Host: {HOST}:{port}", "Connection: Upgrade", "Upgrade: websocket")
    with caller(port) as plain, context.wrap_socket(plain, server_hostname=HOST) as connection:
        connection.sendall("\r\n".join((*head, "", "")).encode())
        return int(connection.recv(64).split()[1])


def test_nobodys_address_is_written_down(proxy: Proxy) -> None:
    """Of those who come too often, of those whom it cannot help, and of those who speak nonsense."""
    seen: set[int] = set()
    with ThreadPoolExecutor(50) as people:
        for _ in range(10 if proxy.refuses else 1):
            seen |= set(people.map(partial(status, proxy.port), ("/rpc", "/rendezvous") * 25))
            if 429 in seen:
                break
    assert seen == ({429, 502} if proxy.refuses else {502})
    for nonsense in (b"", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x00\x05hello", bytes(600)):
        with caller(proxy.port) as connection, contextlib.suppress(OSError):
            connection.sendall(nonsense)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(4096)
    assert CALLER not in proxy.log()
