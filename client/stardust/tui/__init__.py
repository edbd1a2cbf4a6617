"""Full-screen terminal chat: a client of the daemon's local API."""
