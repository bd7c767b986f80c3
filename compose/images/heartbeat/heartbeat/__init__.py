"""The heartbeat: a time written into each source and read on every node, so that lag is what it is."""
