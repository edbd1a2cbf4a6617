"""The daemon's own light client: a chain proven from its genesis, without a node that is believed.

``spec`` is the file that says which chain; ``process`` runs smoldot in a process of its own, ``wire``
starts, feeds and ends that; ``blocks`` and ``outlook`` are the pure parts: which blocks are known, and
whether what is seen is sound; ``runtime`` asks a proven block's runtime; ``rpc`` makes it look like a
node that stands at its finalized head (``chain.jsonrpc.Rpc``).
"""
