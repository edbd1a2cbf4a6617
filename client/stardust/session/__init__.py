"""End-to-end encryption between device pairs (Olm). No plaintext leaves this layer unsealed."""
