"""Several real nodes on this machine: validators and an RPC node; ``./scripts/network`` runs them."""
