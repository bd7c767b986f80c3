"""What is wanted of each deployment: changed by faults and people, checked, kept on disk."""

import difflib
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from lab.referee.errors import BadRequest, NotNow, UnknownName
from lab.referee.pods.model import Deployment, Revision
from lab.referee.pods.store import Store

MAX_REPLICAS = 6
ENV_NAMES = (
    "DB_CONNECT_TIMEOUT_S",
    "DB_MAX_OVERFLOW",
    "DB_POOL_PRE_PING",
    "DB_POOL_SIZE",
    "DB_POOL_TIMEOUT_S",
    "DB_THREADS",
    "READY_AFTER_S",
)
"""What may be set on a deployment: how it works, never with whom it talks."""

_NUMBER = re.compile(r"-?\d{1,6}(\.\d{1,3})?")


class Wanted:
    """The wanted state of all deployments. Thread-safe; every change is on disk before it returns."""

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
        self._deployments, self._leaving = store.load()

    def all(self) -> tuple[Deployment, ...]:
        """Every deployment."""
        with self._lock:
            return tuple(self._deployments.values())

    def leaving(self) -> frozenset[str]:
        """Pods that were told to go."""
        with self._lock:
            return frozenset(self._leaving)

    def deployment(self, name: str) -> Deployment:
        """The deployment of that name."""
        with self._lock:
            if name not in self._deployments:
                raise unknown("deployment", name, self._deployments)
            return self._deployments[name]

    def ensure(self, name: str, *, release: str, replicas: int) -> None:
        """Want a first revision of a deployment, unless there is one already."""
        with self._lock:
            if name in self._deployments:
                return
            first = Revision(
                number=1,
                release=self._known(release),
                cause=f"release {release}",
                by="deploy-bot",
                t=self._now(),
            )
            self._put(Deployment(name=name, replicas=replicas, revisions=(first,)))

    def release_of(self, deployment: str) -> str:
        """The release that the deployment wants now."""
        return self.deployment(deployment).current.release

    def roll_out(self, deployment: str, *, release: str, cause: str, by: str = "deploy-bot") -> int:
        """Want another release; the revision's number."""
        with self._lock:
            was = self.deployment(deployment)
            return self._revise(was, release=self._known(release), env=was.current.env, cause=cause, by=by)

    def roll_back(self, deployment: str, *, revision: int | None, by: str) -> Revision:
        """Want what an earlier revision wanted: the last that was different, or that of a number."""
        with self._lock:
            was = self.deployment(deployment)
            goal = was.before() if revision is None else was.revision(revision)
            if goal is None:
                known = ", ".join(str(r.number) for r in was.revisions)
                sought = "earlier revision" if revision is None else f"revision {revision}"
                raise NotNow(
                    f"{deployment} has no {sought}",
                    hint=f"revisions: {known}; `lab changes` shows them",
                )
            self._revise(
                was, release=goal.release, env=goal.env, cause=f"rollback to revision {goal.number}", by=by
            )
            return self.deployment(deployment).current

    def set_env(self, deployment: str, env: Mapping[str, str], *, by: str) -> int:
        """Want another environment; an empty value goes back to the release's own. The revision's number."""
        with self._lock:
            was = self.deployment(deployment)
            _check_env(env)
            merged = {name: value for name, value in {**was.current.env, **env}.items() if value}
            said = " ".join(f"{name}={value}" for name, value in sorted(env.items()))
            return self._revise(was, release=was.current.release, env=merged, cause=f"set {said}", by=by)

    def scale(self, deployment: str, replicas: int) -> int:
        """Want so many pods; how many it was."""
        if not 0 <= replicas <= MAX_REPLICAS:
            raise BadRequest(
                f"{replicas} replicas of {deployment}: out of bounds",
                hint=f"0 to {MAX_REPLICAS} are possible here",
            )
        with self._lock:
            was = self.deployment(deployment)
            self._put(replace(was, replicas=replicas))
            return was.replicas

    def restart(self, deployment: str) -> None:
        """Want every pod replaced, one by one."""
        with self._lock:
            was = self.deployment(deployment)
            self._put(replace(was, restarts=was.restarts + 1))

    def leave(self, pods: Iterable[str]) -> None:
        """Want these pods gone; a deployment that misses them gets new ones."""
        with self._lock:
            if more := set(pods) - self._leaving:
                self._leaving |= more
                self._save()

    def gone(self, pods: Iterable[str]) -> None:
        """Forget pods that have left."""
        with self._lock:
            if less := set(pods) & self._leaving:
                self._leaving -= less
                self._save()

    def _revise(self, was: Deployment, *, release: str, env: Mapping[str, str], cause: str, by: str) -> int:
        new = was.changed(release=release, env=env, cause=cause, by=by, t=self._now())
        self._put(new)
        return new.current.number

    def _known(self, release: str) -> str:
        if release not in self._releases:
            raise unknown("release", release, self._releases)
        return release

    def _put(self, deployment: Deployment) -> None:
        self._deployments[deployment.name] = deployment
        self._save()

    def _save(self) -> None:
        self._store.save(self._deployments.values(), self._leaving)
        self._changed()


def unknown(what: str, name: str, known: Iterable[str]) -> UnknownName:
    """Say that there is no *what* of that name, and the nearest there is."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"there is: {', '.join(names) or 'none'}"
    return UnknownName(f"no {what} named {name!r}", hint=hint)


def _check_env(env: Mapping[str, str]) -> None:
    if not env:
        raise BadRequest("nothing to set", hint="NAME=VALUE, for instance DB_POOL_SIZE=10")
    for name, value in env.items():
        if name not in ENV_NAMES:
            near = difflib.get_close_matches(name.upper(), ENV_NAMES, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"possible: {', '.join(ENV_NAMES)}"
            raise BadRequest(f"{name} cannot be set on a deployment", hint=hint)
        if value and not _NUMBER.fullmatch(value):
            raise BadRequest(f"{name}={value!r} is not a number", hint=f"for instance {name}=5")
