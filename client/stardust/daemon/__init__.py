"""The one place that wires all layers together, and the local API on top."""
