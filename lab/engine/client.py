"""The Docker SDK's client, on the engine of the current Docker context."""

import docker

from lab.engine.find import endpoint
from lab.engine.runner import Runner


def connect(runner: Runner) -> docker.DockerClient:
    """A client of the engine that the docker command talks to; the SDK alone knows no contexts."""
    return docker.DockerClient(base_url=endpoint(runner), timeout=60)
