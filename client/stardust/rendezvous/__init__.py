"""The rendezvous server: keeps sealed envelopes by topic for minutes. Knows no accounts and no keys."""
