"""What a pod says when it is asked whether it is ready."""

import errno
import http.client

PORT = 8080
PATH = "/health/ready"
TIMEOUT_S = 0.5
DIALLED = {errno.ECONNREFUSED: "connection refused", errno.EHOSTUNREACH: "no route to host"}


def ready(ip: str, *, port: int = PORT) -> bool:
    """Ask the pod itself; no answer in time is a no."""
    return not wrong(ip, port=port)


def wrong(ip: str, *, port: int = PORT) -> str:
    """What is wrong with a pod's answer, in the kubelet's words; empty where it is ready."""
    connection = http.client.HTTPConnection(ip, port, timeout=TIMEOUT_S)
    asked = f'Get "http://{ip}:{port}{PATH}"'
    try:
        connection.request("GET", PATH)
        status = connection.getresponse().status
    except TimeoutError:
        return f"{asked}: context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
    except http.client.HTTPException:
        return f"{asked}: EOF"
    except OSError as error:
        if error.errno in DIALLED:
            return f"{asked}: dial tcp {ip}:{port}: connect: {DIALLED[error.errno]}"
        return f"{asked}: {error.strerror or error}"
    finally:
        connection.close()
    return "" if status == http.HTTPStatus.OK else f"HTTP probe failed with statuscode: {status}"
