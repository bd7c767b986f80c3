"""One lab on the host's side: images, secrets, state, ports, Compose, and what is left of dead ones."""
