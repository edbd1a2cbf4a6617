"""One backup format (a CAR file of sealed chunks), to a file or to IPFS, anchored on chain."""
