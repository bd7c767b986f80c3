"""What is wanted of each deployment: changed by faults and people, kept on disk."""

import difflib
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from lab.referee.errors import BadRequest, UnknownName
from lab.referee.pods import template as templates
from lab.referee.pods.model import Deployment, Pod, Revision
from lab.referee.pods.store import State, Store

MAX_REPLICAS = 6
BOT = "deploy-bot"


class Wanted:
    """The wanted state of the cluster. Thread-safe; every change is on disk before it returns."""

    def __init__(
        self,
        store: Store,
        *,
        releases: Iterable[str],
        now: Callable[[], float],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._releases = tuple(releases)
        self._now = now
        self._changed = changed
        self._lock = threading.RLock()
        self._state = store.load()

    @property
    def state(self) -> State:
        """All of it, as it is now."""
        return self._state

    def all(self) -> tuple[Deployment, ...]:
        """Every deployment."""
        return tuple(self._state.deployments.values())

    def leaving(self) -> Mapping[str, float]:
        """Pods that were told to go, and when."""
        return self._state.leaving

    def deployment(self, name: str) -> Deployment:
        """The deployment of that name."""
        found = self._state.deployments.get(name)
        if found is None:
            raise unknown("deployment", name, self._state.deployments)
        return found

    def ensure(
        self, name: str, *, release: str, replicas: int, config: Mapping[str, str] | None = None
    ) -> None:
        """Want a first revision of a deployment, its config map and its service, unless it is there."""
        with self._lock:
            if name in self._state.deployments:
                return
            template = templates.template_of(name, self._known(release), labels={})
            self.add(
                name, template=template, replicas=replicas, selector={"app": name}, cause=f"release {release}"
            )
            self._save(
                replace(
                    self._state,
                    config={**self._state.config, name: dict(config or {})},
                    services={**self._state.services, name: {"app": name}},
                )
            )

    def add(
        self,
        name: str,
        *,
        template: Mapping[str, Any],
        replicas: int,
        selector: Mapping[str, str],
        cause: str,
        by: str = BOT,
        labels: Mapping[str, str] | None = None,
        annotations: Mapping[str, str] | None = None,
    ) -> Deployment:
        """Want a deployment that there was not."""
        with self._lock:
            now = self._now()
            first = Revision(number=1, template=dict(template), cause=cause, by=by, t=now)
            made = Deployment(
                name=name,
                uid=str(uuid.uuid4()),
                created_t=now,
                replicas=self._bounded(name, replicas),
                template=dict(template),
                selector=dict(selector),
                revisions=(first,),
                labels=templates.without_release(labels or {"app": name}),
                annotations=dict(annotations or {}),
            )
            self._save(self._state.having(made))
            return made

    def remove(self, name: str) -> None:
        """Want a deployment no longer; its pods go."""
        with self._lock:
            self.deployment(name)
            left = {key: one for key, one in self._state.deployments.items() if key != name}
            self._save(replace(self._state, deployments=left))

    def change(self, name: str, *, cause: str, by: str, **fields: Any) -> Deployment:
        """Want something else of a deployment: replicas, template, labels, annotations, paused."""
        with self._lock:
            if "replicas" in fields:
                self._bounded(name, fields["replicas"])
            new = self.deployment(name).changed(cause=cause, by=by, t=self._now(), **fields)
            self._save(self._state.having(new))
            return new

    def release_of(self, deployment: str) -> str:
        """The release that the deployment wants now."""
        return self.deployment(deployment).current.release

    def roll_out(self, deployment: str, *, release: str, cause: str, by: str = BOT) -> int:
        """Want another release; the revision's number."""
        template = templates.with_release(self.deployment(deployment).template, self._known(release))
        return self.change(deployment, template=template, cause=cause, by=by).current.number

    def select(self, service: str, selector: Mapping[str, str]) -> None:
        """Want a service to send its requests to pods with these labels."""
        with self._lock:
            self._save(replace(self._state, services={**self._state.services, service: dict(selector)}))

    def configure(self, name: str, data: Mapping[str, str]) -> None:
        """Want other data in a config map; pods read it when they start."""
        with self._lock:
            self._save(replace(self._state, config={**self._state.config, name: dict(data)}))

    def note(self, key: str, notes: Mapping[str, Mapping[str, str]]) -> None:
        """Keep the labels and annotations that somebody put on another object."""
        with self._lock:
            self._save(replace(self._state, notes={**self._state.notes, key: dict(notes)}))

    def selected(self, labels: Mapping[str, str]) -> bool:
        """Whether some service sends requests to pods with these labels."""
        return any(
            selector and all(labels.get(key) == value for key, value in selector.items())
            for selector in self._state.services.values()
        )

    def leave(self, pods: Iterable[str]) -> None:
        """Want these pods gone; a deployment that misses them gets new ones."""
        with self._lock:
            now = self._now()
            more = {pod: now for pod in pods if pod not in self._state.leaving}
            if more:
                self._save(replace(self._state, leaving={**self._state.leaving, **more}))

    def gone(self, pods: Iterable[str]) -> None:
        """Forget pods that have left."""
        with self._lock:
            less = set(pods) & self._state.leaving.keys()
            if less:
                self._save(
                    replace(
                        self._state,
                        leaving={k: v for k, v in self._state.leaving.items() if k not in less},
                        restarts={k: v for k, v in self._state.restarts.items() if k not in less},
                        ends={k: v for k, v in self._state.ends.items() if k not in less},
                    )
                )

    def count_restart(self, pod: Pod) -> None:
        """A pod's container was started again; the engine forgets then how it ended."""
        with self._lock:
            counts = {**self._state.restarts, pod.name: self._state.restarts.get(pod.name, 0) + 1}
            ends = {**self._state.ends, pod.name: (pod.exit_code, pod.oom_killed)}
            self._save(replace(self._state, restarts=counts, ends=ends))

    def _known(self, release: str) -> str:
        if release not in self._releases:
            raise unknown("release", release, self._releases)
        return release

    def _bounded(self, name: str, replicas: int) -> int:
        others = sum(one.replicas for one in self.all() if one.name != name)
        if not 0 <= replicas <= MAX_REPLICAS - others:
            raise BadRequest(
                f"{replicas} replicas of {name}: there is room for {MAX_REPLICAS} pods, others have {others}",
                hint=f"0 to {MAX_REPLICAS - others} are possible here",
            )
        return replicas

    def _save(self, state: State) -> None:
        self._store.save(state)
        self._state = state
        self._changed()


def unknown(what: str, name: str, known: Iterable[str]) -> UnknownName:
    """Say that there is no *what* of that name, and the nearest there is."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"there is: {', '.join(names) or 'none'}"
    return UnknownName(f"no {what} named {name!r}", hint=hint)
