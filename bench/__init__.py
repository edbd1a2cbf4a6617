"""Figures, measured side by side in one run: ``./scripts/bench`` (see docs/performance.md)."""
