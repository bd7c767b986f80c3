"""A program in a throwaway container that has a container's volumes: the way in while that one is down."""

from docker.errors import APIError, ContainerError
from requests import RequestException

from faults import helpers
from faults.container import Container
from faults.errors import ExecFailed


def run_beside(target: Container, *argv: str) -> str:
    """Run it in the image of *target*, as its user; what it wrote. Raises ExecFailed where it fails."""
    target.on_act(f"beside {argv[0]}")
    attrs = target.attrs
    try:
        said = target.engine.containers.run(
            attrs["Image"],
            list(argv[1:]),
            entrypoint=argv[0],
            user=attrs["Config"]["User"],
            volumes_from=[target.name],
            network_mode="none",
            labels=helpers.labels(target),
            remove=True,
        )
    except (ContainerError, APIError, RequestException) as error:
        raise ExecFailed(f"{target.name}: {' '.join(argv)[:200]} beside it: {error}") from None
    return bytes(said).decode(errors="replace")
