"""The main job on real parts, step by step; ``./scripts/demo`` runs it."""
