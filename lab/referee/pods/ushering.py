"""Brings pods into the balancer and out of it again: requests in flight finish."""

from collections.abc import Callable, Mapping, Sequence

from lab.referee.balancer import Balancer, Server
from lab.referee.pods.model import Pod
from lab.referee.pods.probe import PORT

DRAIN_S = 3.0


class Ushering:
    """Knows since when each pod gets no new requests."""

    def __init__(self, balancer: Balancer, *, ready: Callable[[str], bool], now: Callable[[], float]) -> None:
        self._balancer = balancer
        self._ready = ready
        self._now = now
        self._drained: dict[str, float] = {}

    def sweep(
        self, servers: Mapping[str, Server], pods: Sequence[Pod], *, busy: Callable[[str], bool]
    ) -> None:
        """Take out of the balancer what has no pod any more, or one with another address."""
        addresses = {pod.name: f"{pod.ip}:{PORT}" for pod in pods if pod.running}
        for name, server in servers.items():
            if not busy(name) and addresses.get(name) != server.address:
                self._balancer.remove(name)

    def bring_in(self, pod: Pod, server: Server | None) -> None:
        """Give requests to a pod that some service selects, once it is ready."""
        if server is None and pod.ip and self._ready(pod.ip):
            self._balancer.add(pod.name, f"{pod.ip}:{PORT}")
        elif server is not None and server.taken_out and pod.name in self._drained:
            del self._drained[pod.name]  # selected again before it was out
            self._balancer.resume(pod.name)

    def take_out(self, pod: Pod, server: Server | None) -> None:
        """Let no new requests reach a pod that no service selects; those in flight finish."""
        if server is None:
            self._drained.pop(pod.name, None)
        elif pod.name not in self._drained:
            self._balancer.drain(pod.name)
            self._drained[pod.name] = self._now()
        elif server.sessions == 0 or self._now() - self._drained[pod.name] >= DRAIN_S:
            self._balancer.remove(pod.name)
            self._drained.pop(pod.name)  # selected again and then no longer, it is drained anew

    def out(self, pod: Pod, server: Server | None) -> bool:
        """Drain a pod that must go; whether nothing of it is served any more."""
        now = self._now()
        if server is not None and pod.name not in self._drained:
            self._balancer.drain(pod.name)
            self._drained[pod.name] = now
            return False
        since = self._drained.get(pod.name, now - DRAIN_S)
        return server is None or server.sessions == 0 or now - since >= DRAIN_S

    def forget(self, name: str) -> None:
        """The pod is gone."""
        self._drained.pop(name, None)
