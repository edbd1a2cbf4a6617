"""Imports aiortc without what it needs for sound and pictures only.

aiortc loads PyAV, which brings FFmpeg with some fifty libraries: 20 MB, and code that must never see a
byte of a peer. Data channels use none of it. So aiortc finds empty types under these names while it is
imported, and whatever would make a frame of media fails. A process that has loaded PyAV itself keeps it.
"""

from __future__ import annotations

import importlib
import sys
import threading
from types import ModuleType
from typing import Any, Final

MEDIA: Final = ("av", "av.frame", "av.packet", "av.video", "av.video.codeccontext")

_lock = threading.Lock()


class _NoMedia(ModuleType):
    """Every public name in it is an empty type."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        empty = type(name, (), {})
        setattr(self, name, empty)
        return empty


def load_aiortc() -> None:
    """Slow the first time (0.2 s); on any thread."""
    with _lock:
        if "aiortc" in sys.modules or "av" in sys.modules:
            return
        sys.modules.update({name: _NoMedia(name) for name in MEDIA})
        try:
            importlib.import_module("aiortc")
        finally:
            for name in MEDIA:
                del sys.modules[name]
