"""Every form that leaves this device, in one place: versioned, strict, with golden vectors."""
