"""Faults of Redis: memory, clients, commands, replication, access."""
