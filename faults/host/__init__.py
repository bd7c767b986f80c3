"""Faults of What a container gets of its machine."""
