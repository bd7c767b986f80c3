"""Keeps the objects true: looks at what is wanted and what runs, and projects it, for ever."""

import contextlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from lab.kube.objects import Objects
from lab.referee.cluster.book import Book
from lab.referee.cluster.happenings import Happenings
from lab.referee.cluster.lives import Life, lived
from lab.referee.cluster.progress import Progress, progress
from lab.referee.cluster.projection import Machine, View, project
from lab.referee.cluster.setviews import Member
from lab.referee.errors import EngineTrouble
from lab.referee.pods import template as templates
from lab.referee.pods.controller import Controller
from lab.referee.pods.model import Pod
from lab.referee.pods.store import State
from lab.referee.pods.wanted import Wanted
from lab.referee.services import Service, Services
from lab.scenario import Change

LOOK_S = 1.0


class Looking:
    """The one writer of the objects."""

    def __init__(
        self,
        *,
        objects: Objects,
        wanted: Wanted,
        controller: Controller,
        services: Services,
        members: Sequence[Member],
        book: Book,
        machine: Machine,
        made_t: float,
        now: Callable[[], float],
    ) -> None:
        self._objects = objects
        self._wanted = wanted
        self._controller = controller
        self._services = services
        self._members = tuple(members)
        self._book = book
        self._happenings = Happenings(book)
        self._machine = machine
        self._made_t = made_t
        self._now = now
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._seen: tuple[tuple[Member, Service], ...] = ()

    def before(self, changes: tuple[Change, ...]) -> None:
        """Put what is older than the drill among the events."""
        names = frozenset(member.name for member in self._members)
        self._happenings.before(changes, self._made_t, names)

    def told(self, detail: Mapping[str, Any]) -> None:
        """The pod controller told something of a pod."""
        self._happenings.told(detail, templates.image_of(str(detail.get("release", ""))))
        self.wake()

    def wake(self) -> None:
        """Look again at once."""
        self._wake.set()

    def member(self, name: str) -> tuple[Member, Service] | None:
        """A service by its own name or its pod's, as last seen."""
        return next((one for one in self._seen if name in (one[0].name, one[0].pod)), None)

    def renewing(self, member: Member, *, so: bool = True) -> None:
        """Whether a service's pod is being replaced: its container's next start is that of another pod."""
        with self._lock:
            name = f"life/{member.name}"
            if raw := self._book.memory.get(name):
                self._book.memory.put(name, {**raw, "renewing": so})

    def started_t(self, pod: str) -> float:
        """When a deployment's pod was last started; 0 where it is not there."""
        return next((one.started_t for one in self._controller.pods if one.name == pod), 0.0)

    def run(self, stop: threading.Event) -> None:
        """Look until *stop*."""
        while not stop.is_set():
            self.look()
            self._wake.wait(LOOK_S)
            self._wake.clear()

    def look(self) -> None:
        """Look at the services, and project everything."""
        with contextlib.suppress(EngineTrouble):  # what was seen last is then all there is to show
            self._seen = tuple(self._look_at_members())
        self.project()

    def project(self) -> None:
        """Make the objects from what was seen last."""
        with self._lock:
            state, pods = self._wanted.state, self._controller.pods
            view = View(
                state=state,
                pods=pods,
                members=[(member, service, self._life(member, service)) for member, service in self._seen],
                machine=self._machine,
                made_t=self._made_t,
                progress=self._progress(state, pods),
                back_off_s={pod.name: self._controller.back_off_s(pod.name) for pod in pods},
            )
            if self._controller.looked:  # before that no pod is known, which is not that there is none
                for want in view.state.deployments.values():
                    self._happenings.scaled(want, [pod for pod in pods if pod.deployment == want.name])
            with contextlib.suppress(OSError):  # a full disk: it is tried again, and nobody is kept waiting
                self._book.keep()
            for kind, things in project(view, self._book.objects()).items():
                self._objects.sync(kind, things)

    def _progress(self, state: State, pods: Sequence[Pod]) -> dict[str, Progress]:
        """What is seen of each deployment's last revision; kept, once pods are known."""
        memory, found = self._book.memory, {}
        for want in state.deployments.values():
            raw = memory.get(f"progress/{want.uid}")
            own = [pod for pod in pods if pod.deployment == want.name]
            seen = progress(Progress(**raw) if raw else None, want, own, now_t=self._now())
            found[want.uid] = seen
            if self._controller.looked:
                memory.put(f"progress/{want.uid}", asdict(seen))
        for name in memory.names("progress/"):
            if name.partition("/")[2] not in found:
                memory.forget(name)
        return found

    def _life(self, member: Member, service: Service) -> Life:
        """The life of a service's pod, after what was seen before; kept, and told where it is news."""
        name = f"life/{member.name}"
        raw = self._book.memory.get(name)
        was = Life(**raw) if raw else None
        now = lived(was, service)
        self._happenings.lived(member, was, now)
        self._book.memory.put(name, asdict(now))
        return now

    def _look_at_members(self) -> list[tuple[Member, Service]]:
        found = [(member, self._services.find(member.name)) for member in self._members]
        return [(member, service) for member, service in found if service is not None]
