"""The daemon's local JSON-RPC API: its schema and a client library (docs/api.md).

Everything a user interface needs, and nothing that the daemon is made of.
"""
