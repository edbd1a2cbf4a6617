"""One question to a node over HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx

from children import PartFailedError

ANSWER_S = 30.0
PATIENCE_S = 420.0
"""Longer than the five minutes after which GRANDPA gives votes again that did not arrive."""


class NoAnswerError(PartFailedError):
    """The node does not answer (not yet, or not any more), or answers with an error."""


def ask(port: int, method: str, *params: object) -> Any:
    """The result of ``method`` from the node on this port of loopback."""
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    try:
        answer = httpx.post(
            f"http://127.0.0.1:{port}", json=request, timeout=ANSWER_S, trust_env=False
        ).json()
    except (httpx.HTTPError, ValueError) as error:
        raise NoAnswerError(f"{method}: {error}") from None
    if "result" not in answer:
        raise NoAnswerError(f"{method}: {answer.get('error')}")
    return answer["result"]


def until(
    holds: Callable[[], bool],
    what: str,
    limit: float = PATIENCE_S,
    *,
    check: Callable[[], None] = lambda: None,
    describe: Callable[[], str] = str,
) -> None:
    """Until it holds; a node that does not answer counts as "not yet". ``check`` is called before each
    look and may raise. ``PartFailedError`` after ``limit`` seconds, with what ``describe`` says."""
    deadline = time.monotonic() + limit
    while True:
        check()
        try:
            if holds():
                return
        except NoAnswerError:
            pass
        if time.monotonic() > deadline:
            raise PartFailedError(f"waited {limit:.0f} s in vain for {what}{describe()}")
        time.sleep(0.3)
