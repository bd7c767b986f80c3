"""Faults of any container's network: late, few, lost, cut off or refused packets, and names that mislead."""
