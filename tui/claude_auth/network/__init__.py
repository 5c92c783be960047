"""The network, asked only on request: each step to each host that is needed, and one live request."""
