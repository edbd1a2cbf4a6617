"""docker-compose.yml proven on podman, step by step; ``./scripts/compose-check`` runs it."""
