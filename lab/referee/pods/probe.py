"""Whether a pod says that it is ready."""

import http.client

PORT = 8080
PATH = "/health/ready"
TIMEOUT_S = 0.5


def ready(ip: str, *, port: int = PORT) -> bool:
    """Ask the pod itself; no answer in time is a no."""
    return _status(ip, port) == http.HTTPStatus.OK


def answers(ip: str, *, port: int = PORT) -> bool:
    """Whether the pod's program runs already, be it ready or not."""
    return _status(ip, port) is not None


def _status(ip: str, port: int) -> int | None:
    connection = http.client.HTTPConnection(ip, port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", PATH)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
