"""Deployments and their replica sets, as objects."""

from collections.abc import Sequence
from typing import Any

from lab.kube import kinds
from lab.kube.ages import stamp
from lab.referee.cluster.meta import NAMESPACE, condition, owner, thing
from lab.referee.cluster.podviews import replica_set_uid
from lab.referee.cluster.progress import DEADLINE_S, FALSE, MAX_UNAVAILABLE, TRUE, UNKNOWN, Progress
from lab.referee.pods import decide
from lab.referee.pods import template as templates
from lab.referee.pods.model import Deployment, Pod, Revision

Json = dict[str, Any]

REVISION = "deployment.kubernetes.io/revision"
CAUSE = "kubernetes.io/change-cause"
HASH = templates.HASH
HISTORY_LIMIT = 10


def deployment_view(want: Deployment, pods: Sequence[Pod], progress: Progress) -> Json:
    """A deployment as an object, *pods* being its own, *progress* what is seen of its last revision."""
    annotations = {**_why(want.cause), **want.annotations, REVISION: str(want.current.number)}
    head = thing(
        kinds.DEPLOYMENTS,
        want.name,
        uid=want.uid,
        created_t=want.created_t,
        labels={**want.labels, templates.RELEASE: want.current.release},
        annotations=annotations,
        generation=want.generation,
    )
    spec: Json = {
        "replicas": want.replicas,
        "selector": {"matchLabels": dict(want.selector)},
        "strategy": {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxSurge": decide.SURGE, "maxUnavailable": MAX_UNAVAILABLE},
        },
        "template": want.template,
        "revisionHistoryLimit": HISTORY_LIMIT,
        "progressDeadlineSeconds": DEADLINE_S,
    }
    if want.paused:
        spec["paused"] = True
    return {**head, "spec": spec, "status": _status(want, pods, progress)}


def _why(cause: str) -> dict[str, str]:
    return {CAUSE: cause} if cause else {}


def _status(want: Deployment, pods: Sequence[Pod], progress: Progress) -> Json:
    new = [pod for pod in pods if pod.hash == want.hash and not pod.leaving]
    ready = [pod for pod in pods if pod.ready and not pod.leaving]
    status: Json = {
        "observedGeneration": want.generation,
        "replicas": len([pod for pod in pods if not pod.leaving]) or None,
        "updatedReplicas": len(new) or None,
        "readyReplicas": len(ready) or None,
        "availableReplicas": len(ready) or None,
        "unavailableReplicas": max(0, want.replicas - len(ready)) or None,
        "conditions": [_available(progress), _progressing(want, progress)],
    }
    return {key: value for key, value in status.items() if value is not None}


def _available(progress: Progress) -> Json:
    enough = progress.available
    if enough:
        reason, message = "MinimumReplicasAvailable", "Deployment has minimum availability."
    else:
        reason, message = "MinimumReplicasUnavailable", "Deployment does not have minimum availability."
    return condition("Available", true=enough, reason=reason, message=message, t=progress.available_t)


def _progressing(want: Deployment, progress: Progress) -> Json:
    name = f'ReplicaSet "{want.name}-{want.hash}"'
    if progress.status == UNKNOWN:
        reason, message = "DeploymentPaused", "Deployment is paused"
    elif progress.complete:
        reason, message = "NewReplicaSetAvailable", f"{name} has successfully progressed."
    elif progress.status == FALSE:
        reason, message = "ProgressDeadlineExceeded", f"{name} has timed out progressing."
    else:
        reason, message = "ReplicaSetUpdated", f"{name} is progressing."
    found = condition(
        "Progressing", true=progress.status == TRUE, reason=reason, message=message, t=progress.status_t
    )
    return {
        **found,
        "status": progress.status,
        "lastUpdateTime": stamp(max(progress.moved_t, progress.status_t)),
    }


def replica_set_views(want: Deployment, pods: Sequence[Pod]) -> list[Json]:
    """The replica sets of a deployment: one for each template that it remembers."""
    return [
        _replica_set(want, revision, [pod for pod in pods if pod.hash == revision.hash and not pod.leaving])
        for revision in want.revisions[-HISTORY_LIMIT - 1 :]
    ]


def _replica_set(want: Deployment, revision: Revision, pods: Sequence[Pod]) -> Json:
    template = with_hash(revision)
    desired = want.replicas if revision.hash == want.hash else len(pods)
    ready = sum(pod.ready for pod in pods)
    head = thing(
        kinds.REPLICA_SETS,
        f"{want.name}-{revision.hash}",
        uid=replica_set_uid(want, revision.hash),
        created_t=revision.t,
        labels=templates.pod_labels(revision.template),
        annotations={REVISION: str(revision.number), **_why(revision.cause)},
        ownerReferences=owner(kinds.DEPLOYMENTS, want.name, want.uid),
        generation=1,
    )
    counts = {"fullyLabeledReplicas": len(pods), "readyReplicas": ready, "availableReplicas": ready}
    return {
        **head,
        "spec": {
            "replicas": desired,
            "selector": {"matchLabels": {**want.selector, HASH: revision.hash}},
            "template": template,
        },
        "status": {
            "replicas": len(pods),
            "observedGeneration": 1,
            **{key: value for key, value in counts.items() if value},
        },
    }


def with_hash(revision: Revision) -> Json:
    """A revision's template with the label that its pods carry besides."""
    metadata = dict(revision.template.get("metadata") or {})
    metadata["labels"] = {**(metadata.get("labels") or {}), HASH: revision.hash}
    return {**revision.template, "metadata": metadata}


def scale_view(thing_: Json) -> Json:
    """The Scale of a deployment or a stateful set."""
    meta = thing_["metadata"]
    selector = thing_["spec"]["selector"]["matchLabels"]
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {
            "name": meta["name"],
            "namespace": NAMESPACE,
            "uid": meta["uid"],
            "resourceVersion": meta["resourceVersion"],
            "creationTimestamp": meta["creationTimestamp"],
        },
        "spec": {"replicas": thing_["spec"]["replicas"]},
        "status": {
            "replicas": thing_["status"].get("replicas", 0),
            "selector": ",".join(f"{key}={value}" for key, value in sorted(selector.items())),
        },
    }
