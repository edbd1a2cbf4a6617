"""How two devices that have no connection yet reach each other: sealed envelopes over transports."""
