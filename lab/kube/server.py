"""The routes: every request becomes a Call, is allowed or not, is answered, and is told to the history."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeAlias

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from lab.kube import discovery, kinds, openapi, reviews
from lab.kube.calls import METHODS, Call, Stray, check_place, parse
from lab.kube.errors import ApiError, forbidden, no_such_path, not_allowed
from lab.kube.objects import Objects
from lab.kube.requests import body_of, stray, with_options
from lab.kube.reviews import Role
from lab.kube.tables import table, wants_table
from lab.kube.watching import Watch

Json = dict[str, Any]
Handler: TypeAlias = Callable[[Request], Awaitable[Response]]

PROTOCOL = "v5.channel.k8s.io"
NO_SPDY = "this server speaks WebSocket only for exec: use kubectl 1.30 or later"


class Cluster(Protocol):
    """What stands behind the API: it changes things, and says what only it can know."""

    objects: Objects

    def create(self, call: Call, body: Json) -> Json: ...
    def replace(self, call: Call, body: Json) -> Json: ...
    def patch(self, call: Call, content_type: str, body: Any) -> tuple[Json, bool]: ...
    def delete(self, call: Call) -> Json: ...
    def evict(self, call: Call) -> Json: ...
    def scale(self, call: Call) -> Json: ...
    def metrics(self, call: Call) -> Json: ...
    def log(self, call: Call) -> Response: ...
    async def exec(self, call: Call, command: list[str], socket: WebSocket) -> None: ...
    def tell(self, call: Call | Stray, code: int, message: str) -> None: ...


class Server:
    """The API of one cluster. *who* tells the role of an Authorization header, None where it has none."""

    def __init__(
        self, cluster: Cluster, *, who: Callable[[str], Role | None], now: Callable[[], float]
    ) -> None:
        self._cluster = cluster
        self._who = who
        self._now = now

    def routes(self) -> list[BaseRoute]:
        """All routes, to be put beside others."""
        fixed: dict[str, Callable[[], Any]] = {
            "/version": lambda: discovery.VERSION,
            "/api": lambda: discovery.CORE,
            "/apis": discovery.groups,
            "/openapi/v3": openapi.root,
            "/readyz": lambda: "ok",
            "/livez": lambda: "ok",
            "/healthz": lambda: "ok",
        }
        return [
            *(Route(path, self._fixed(answer)) for path, answer in fixed.items()),
            Route("/version/", self._fixed(lambda: discovery.VERSION)),
            Route("/openapi/v2", self._openapi_v2),
            Route("/openapi/v3/{path:path}", self._openapi_v3),
            Route("/api/v1", self._resources("", "v1")),
            Route("/apis/{group}", self._group),
            Route("/apis/{group}/{version}", self._group_version),
            WebSocketRoute("/api/v1/namespaces/{namespace}/pods/{name}/exec", self._exec),
            Route("/api/{path:path}", self._answer, methods=list(METHODS)),
            Route("/apis/{path:path}", self._answer, methods=list(METHODS)),
        ]

    def _allowed(self, request: Request) -> Role:
        role = self._who(request.headers.get("authorization", ""))
        if role is None:
            raise ApiError(403, "no such token: the toolbox has the right kubeconfig", reason="Forbidden")
        return role

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: Request) -> Response:
            try:
                self._allowed(request)
                return await handler(request)
            except ApiError as error:
                return JSONResponse(error.status, status_code=error.code)

        return guarded

    def _fixed(self, answer: Callable[[], Any]) -> Handler:
        async def handler(_: Request) -> Response:
            content = answer()
            return PlainTextResponse(content) if isinstance(content, str) else JSONResponse(content)

        return self._guarded(handler)

    def _resources(self, group: str, version: str) -> Handler:
        return self._fixed(lambda: discovery.resources(group, version))

    async def _group(self, request: Request) -> Response:
        return _or_404(discovery.group(request.path_params["group"]))

    async def _group_version(self, request: Request) -> Response:
        return _or_404(discovery.resources(request.path_params["group"], request.path_params["version"]))

    async def _openapi_v2(self, _: Request) -> Response:
        return Response(b"", media_type="application/com.github.proto-openapi.spec.v2@v1.0+protobuf")

    async def _openapi_v3(self, request: Request) -> Response:
        return _or_404(openapi.document(request.path_params["path"]))

    async def _answer(self, request: Request) -> Response:
        call: Call | Stray | None = None
        code, message = 200, ""
        try:
            role = self._allowed(request)
            call = stray(request, role)
            call = self._call(request, role)
            self._check(call, role)
            response = await self._do(call, role, request)
            code = response.status_code
        except ApiError as error:
            code, message = error.code, str(error)
            response = JSONResponse(error.status, status_code=error.code)
        if call is not None:
            await run_in_threadpool(self._cluster.tell, call, code, message)
        return response

    def _call(self, request: Request | WebSocket, role: Role) -> Call:
        method = request.method if isinstance(request, Request) else "GET"
        return parse(
            method,
            request.url.path,
            dict(request.query_params),
            accept=request.headers.get("accept", ""),
            user=role.user,
            command=request.headers.get("kubectl-command", ""),
        )

    @staticmethod
    def _check(call: Call, role: Role) -> None:
        if not role.may(call.verb, call.kind, call.sub):
            raise forbidden(
                role.user, call.verb, call.kind, call.name, sub=call.sub, namespace=call.namespace
            )
        if not call.exists:  # only now: who may not is told that, as Kubernetes does
            raise not_allowed()
        check_place(call)

    async def _do(self, call: Call, role: Role, request: Request) -> Response:
        if call.sub == "exec":
            raise ApiError(400, NO_SPDY)
        if call.sub == "log":
            return await run_in_threadpool(self._cluster.log, call)
        if call.kind.group in ("authorization.k8s.io", "authentication.k8s.io"):
            return JSONResponse(_review(call, role, await body_of(request)), status_code=201)
        if call.watching:
            watch = Watch(self._cluster.objects, call, now=self._now)
            return StreamingResponse(watch.lines(), media_type="application/json")
        if call.method == "GET":
            return JSONResponse(await run_in_threadpool(self._read, call))
        return await self._write(call, request)

    def _read(self, call: Call) -> Json:
        if call.kind.group == kinds.METRICS_GROUP:
            return self._cluster.metrics(call)
        if call.sub == "scale":
            return self._cluster.scale(call)
        if call.name:
            thing = self._cluster.objects.get(call.kind, call.name)
            return self._shown(call, [thing], int(thing["metadata"]["resourceVersion"]), single=thing)
        things, version = self._cluster.objects.every(call.kind)
        return self._shown(call, [one for one in things if call.selector.matches(one)], version)

    def _shown(self, call: Call, things: list[Json], version: int, *, single: Json | None = None) -> Json:
        if wants_table(call.accept):
            whole = call.query.get("includeObject") == "Object"
            return table(call.kind, things, now_t=self._now(), version=version, whole=whole)
        if single is not None:
            return single
        return {
            "kind": f"{call.kind.kind}List",
            "apiVersion": call.kind.api_version,
            "metadata": {"resourceVersion": str(version)},
            "items": things,
        }

    async def _write(self, call: Call, request: Request) -> Response:
        body = await body_of(request)
        content_type = request.headers.get("content-type", "").partition(";")[0].strip()
        if call.method == "PATCH":
            thing, created = await run_in_threadpool(self._cluster.patch, call, content_type, body)
            return JSONResponse(thing, status_code=201 if created else 200)
        if call.method == "DELETE":
            call = with_options(call, body)
            return JSONResponse(await run_in_threadpool(self._cluster.delete, call))
        if not isinstance(body, dict):
            raise ApiError(400, "the body must be an object")
        if call.sub == "eviction":
            call = with_options(call, body.get("deleteOptions"))
            return JSONResponse(await run_in_threadpool(self._cluster.evict, call), status_code=201)
        if call.method == "PUT":
            return JSONResponse(await run_in_threadpool(self._cluster.replace, call, body))
        return JSONResponse(await run_in_threadpool(self._cluster.create, call, body), status_code=201)

    async def _exec(self, socket: WebSocket) -> None:
        role = self._who(socket.headers.get("authorization", ""))
        offered = socket.headers.get("sec-websocket-protocol", "")
        if role is None or PROTOCOL not in offered:
            await socket.close(code=1008)
            return
        try:
            call = self._call(socket, role)
            self._check(call, role)
        except ApiError:
            await socket.close(code=1008)  # the client asks again by POST, and gets the Status as its answer
            return
        await self._cluster.exec(call, socket.query_params.getlist("command"), socket)


def _or_404(content: Mapping[str, Any] | None) -> Response:
    error = no_such_path()
    return JSONResponse(error.status, status_code=404) if content is None else JSONResponse(content)


def _review(call: Call, role: Role, body: Any) -> Json:
    asked = body if isinstance(body, dict) else {}
    if call.kind is kinds.ACCESS_REVIEWS:
        return reviews.access_review(role, asked)
    return reviews.rules_review(role, asked) if call.kind is kinds.RULES_REVIEWS else reviews.who_am_i(role)
