"""Requests on the cluster, for tests without a server."""

from lab.kube import kinds
from lab.kube.calls import Call


def as_called(command: str) -> Call:
    """A patch of the deployment api, by a trainee who typed that."""
    return Call(
        method="PATCH",
        kind=kinds.DEPLOYMENTS,
        name="api",
        sub="",
        namespace="default",
        query={},
        accept="",
        user="trainee",
        command=command,
    )
