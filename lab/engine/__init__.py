"""The Docker engine: find it, bring it up where none answers, and the base image that all images stand on."""
