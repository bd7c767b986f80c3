"""The shop's worker: ships what was ordered."""
