"""The ``stardust`` command: a client of the daemon's local API."""
