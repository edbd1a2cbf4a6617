"""A running network gets another runtime while people chat; ``./scripts/upgrade-check`` runs it."""
