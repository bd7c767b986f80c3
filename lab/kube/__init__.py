"""The Kubernetes API as kubectl needs it: machinery that knows nothing of the lab."""
