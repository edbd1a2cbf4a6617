"""What the chain knows, behind one typed port; adapters for RPC nodes."""
