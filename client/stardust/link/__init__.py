"""A WebRTC connection to one device of a peer: negotiation, heartbeat, reconnection, pool."""
