"""The cluster behind the API: reading is answered from the objects, the rest by those who know."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import docker
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.websockets import WebSocket

from lab.kube import kinds
from lab.kube.ages import stamp
from lab.kube.calls import Call, Stray
from lab.kube.errors import ApiError, not_found
from lab.kube.objects import Objects
from lab.kube.quantities import cpu, memory
from lab.kube.server import PROTOCOL
from lab.referee.cluster import exec as execs
from lab.referee.cluster import logs
from lab.referee.cluster.changing import Changing
from lab.referee.cluster.deployviews import scale_view
from lab.referee.cluster.looking import Looking
from lab.referee.cluster.stats import Stats, Usage
from lab.referee.samplers.redacted import redacted

Json = dict[str, Any]

POD_USER = "10001"
WINDOW = "10s"


class History(Protocol):
    """Where calls are written down."""

    def call(self, call: Call | Stray, code: int, message: str) -> None: ...


class LabCluster:
    """What `lab.kube.server` asks of a cluster."""

    def __init__(
        self,
        *,
        objects: Objects,
        changing: Changing,
        looking: Looking,
        api: docker.APIClient,
        history: History,
        now: Callable[[], float],
    ) -> None:
        self.objects = objects
        self._changing = changing
        self._looking = looking
        self._api = api
        self._stats = Stats(api, now=now)
        self._history = history
        self._now = now
        self.create = changing.create
        self.replace = changing.replace
        self.patch = changing.patch
        self.delete = changing.delete
        self.evict = changing.evict

    def scale(self, call: Call) -> Json:
        """The Scale of a deployment or a set."""
        return scale_view(self.objects.get(call.kind, call.name))

    def tell(self, call: Call | Stray, code: int, message: str) -> None:
        """Write a call down."""
        self._history.call(call, code, message)

    def metrics(self, call: Call) -> Json:
        """What pods, or the node, use."""
        pods, _ = self.objects.every(kinds.PODS)
        wanted = [pod for pod in pods if call.kind is kinds.NODE_METRICS or call.selector.matches(pod)]
        if call.kind is kinds.POD_METRICS and call.name:
            wanted = [pod for pod in wanted if pod["metadata"]["name"] == call.name]
            if not wanted:
                raise not_found(call.kind, call.name)
        usages = self._stats.usage(ident for pod in wanted if (ident := _container_id(pod)))
        if call.kind is kinds.NODE_METRICS:
            return self._node_metrics(call, list(usages.values()))
        items = [self._pod_metrics(pod, usages[i]) for pod in wanted if (i := _container_id(pod)) in usages]
        return items[0] if call.name and items else _list(call, items)

    def _pod_metrics(self, pod: Json, usage: Usage) -> Json:
        name = pod["spec"]["containers"][0]["name"]
        return {
            **self._head("PodMetrics", pod["metadata"]),
            "containers": [{"name": name, "usage": _usage(usage)}],
        }

    def _node_metrics(self, call: Call, usages: list[Usage]) -> Json:
        nodes, _ = self.objects.every(kinds.NODES)
        total = Usage(
            cores=sum(one.cores for one in usages), memory_bytes=sum(one.memory_bytes for one in usages)
        )
        node = {**self._head("NodeMetrics", nodes[0]["metadata"]), "usage": _usage(total)}
        return node if call.name else _list(call, [node])

    def _head(self, kind: str, metadata: Json) -> Json:
        kept = {key: metadata[key] for key in ("name", "namespace", "labels") if key in metadata}
        return {
            "kind": kind,
            "apiVersion": "metrics.k8s.io/v1beta1",
            "metadata": {**kept, "creationTimestamp": stamp(self._now())},
            "timestamp": stamp(self._now()),
            "window": WINDOW,
        }

    def log(self, call: Call) -> Response:
        """What a pod's container has written."""
        pod = self.objects.get(kinds.PODS, call.name)
        container = _container(pod, call.query.get("container", ""))
        ident, status = _container_id(pod), pod["status"]["containerStatuses"][0]
        if not ident:
            why = status["state"].get("waiting", {}).get("reason", "ContainerCreating")
            said = f'container "{container}" in pod "{call.name}" is waiting to start: {why}'
            raise ApiError(400, said)
        if call.query.get("previous") == "true" and not status["restartCount"]:
            said = f'previous terminated container "{container}" in pod "{call.name}" not found'
            raise ApiError(400, said)
        found = self._looking.member(call.name)
        started_t = found[1].started_t if found else self._looking.started_t(call.name)
        wanted = logs.Wanted.of(call, started_t=started_t, now_t=self._now(), whole_life=found is not None)
        return logs.answer(self._api, ident, wanted)

    async def exec(self, call: Call, command: list[str], socket: WebSocket) -> None:
        """Run a program in a pod's container with the client's streams."""
        await socket.accept(subprotocol=PROTOCOL)
        code, message = 200, ""
        try:
            program = await run_in_threadpool(self._program, call, command)
            ended = await execs.run(self._api, program, socket)
            message = "the client left" if ended is None else f"exit code {ended}"
        except ApiError as error:
            code, message = error.code, str(error)
            await execs.status(socket, execs.failed(message))
        except asyncio.CancelledError:
            message = "the client left"
            raise
        finally:
            await run_in_threadpool(self.tell, call, code, said_of(command, message))

    def _program(self, call: Call, command: list[str]) -> execs.Program:
        pod = self.objects.get(kinds.PODS, call.name)
        _container(pod, call.query.get("container", ""))
        if not pod["status"]["containerStatuses"][0]["state"].get("running"):
            raise ApiError(400, f'cannot exec into pod "{call.name}": its container does not run')
        if not command:
            raise ApiError(400, "you must specify at least one command for the container")
        found = self._looking.member(call.name)
        user, environment = POD_USER, {}
        if found is not None:
            member, service = found
            user = member.exec_user
            environment = execs.cleaned(service.environment) | dict(member.exec_env or {})
        return execs.Program(
            container=_container_id(pod),
            command=command,
            user=user,
            environment=environment,
            tty=call.query.get("tty") == "true",
            stdin=call.query.get("stdin") == "true",
        )


def said_of(command: Sequence[str], message: str) -> str:
    """What the history has of a program that was run: redacted before it is cut, so that no end is missed."""
    return f"{redacted(' '.join(command))[:200]}: {redacted(message)}"


def _container(pod: Json, asked: str) -> str:
    name = str(pod["spec"]["containers"][0]["name"])
    if asked and asked != name:
        raise ApiError(400, f"container {asked} is not valid for pod {pod['metadata']['name']}")
    return name


def _container_id(pod: Json) -> str:
    return str(pod["status"]["containerStatuses"][0].get("containerID", "")).removeprefix("docker://")


def _usage(usage: Usage) -> Json:
    return {"cpu": cpu(usage.cores), "memory": memory(usage.memory_bytes)}


def _list(call: Call, items: list[Json]) -> Json:
    return {
        "kind": f"{call.kind.kind}List",
        "apiVersion": call.kind.api_version,
        "metadata": {},
        "items": items,
    }
