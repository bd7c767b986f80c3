"""Faults of The network of any container."""
