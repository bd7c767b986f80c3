"""Whether a pod says that it is ready."""

import http.client

PORT = 8080
PATH = "/health/ready"
TIMEOUT_S = 0.5


def ready(ip: str, *, port: int = PORT) -> bool:
    """Ask the pod itself; no answer in time is a no."""
    connection = http.client.HTTPConnection(ip, port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", PATH)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
