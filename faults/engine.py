"""The edge to the Docker engine: what it refuses, or does not answer in time, is an error of ours."""

import contextlib
from collections.abc import Iterator

from docker.errors import APIError, DockerException
from requests import RequestException
from urllib3.exceptions import HTTPError

from faults.errors import EngineRefused


@contextlib.contextmanager
def asked(what: str) -> Iterator[None]:
    """Raise EngineRefused, naming *what* was asked, where the engine says no or the line to it breaks."""
    try:
        yield
    except APIError as error:
        raise EngineRefused(f"{what}: the Docker engine says: {error.explanation or error}") from error
    except (DockerException, RequestException, HTTPError) as error:
        raise EngineRefused(
            f"{what}: no answer of the Docker engine: {type(error).__name__}: {error}", hint="docker info"
        ) from error
