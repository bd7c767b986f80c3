"""Faults of PostgreSQL: sessions, locks, plans, settings, replication, storage, data."""
