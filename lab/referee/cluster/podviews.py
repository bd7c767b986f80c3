"""Pods of deployments, as objects."""

from typing import Any

from lab.kube import kinds
from lab.kube.ages import stamp
from lab.referee.cluster.meta import condition, owner, thing, uid_of
from lab.referee.pods import template as templates
from lab.referee.pods.model import Deployment, Pod, Revision

Json = dict[str, Any]

NODE = "lab"
GRACE_S = 5
OOM_EXIT = 137


def replica_set_uid(want: Deployment, revision_hash: str) -> str:
    """The uid of the replica set that a template's pods belong to."""
    return uid_of("replicaset", want.uid, revision_hash)


def pod_uid(pod: Pod) -> str:
    """The uid of a pod; its name is never used again."""
    return uid_of("pod", pod.name)


def pod_view(pod: Pod, want: Deployment | None, revision: Revision | None, *, back_off_s: float) -> Json:
    """A pod as an object; *revision* is the one it was made from, None where that is forgotten."""
    template = revision.template if revision else want.template if want else {"spec": {"containers": [{}]}}
    more: Json = {"generateName": f"{pod.deployment}-{pod.hash}-"}
    if want is not None:
        name, uid = f"{want.name}-{pod.hash}", replica_set_uid(want, pod.hash)
        more["ownerReferences"] = owner(kinds.REPLICA_SETS, name, uid)
    if pod.leaving:
        more |= {"deletionTimestamp": stamp(pod.leaving_t + GRACE_S), "deletionGracePeriodSeconds": GRACE_S}
    head = thing(
        kinds.PODS,
        pod.name,
        uid=pod_uid(pod),
        created_t=pod.created_t,
        labels=pod.labels,
        annotations=template.get("metadata", {}).get("annotations"),
        **more,
    )
    spec = {**template["spec"], "nodeName": NODE, "serviceAccountName": "default"}
    return {**head, "spec": spec, "status": _status(pod, template, back_off_s=back_off_s)}


def _status(pod: Pod, template: Any, *, back_off_s: float) -> Json:
    container = templates.container(template)
    phase = "Running" if pod.container and not pod.waiting else "Pending"
    ready_t = pod.started_t or pod.created_t
    ready = pod.ready and not pod.leaving
    why = (
        {} if ready else {"reason": "ContainersNotReady", "message": "containers with unready status: [api]"}
    )
    status: Json = {
        "phase": phase,
        "startTime": stamp(pod.created_t),
        "qosClass": "Burstable",
        "conditions": [
            condition("PodScheduled", true=True, t=pod.created_t),
            condition("Initialized", true=True, t=pod.created_t),
            condition("ContainersReady", true=ready, t=ready_t, **why),
            condition("Ready", true=ready, t=ready_t, **why),
        ],
        "containerStatuses": [
            {
                "name": container.get("name", "api"),
                "image": container.get("image", ""),
                "imageID": pod.image_id,
                "containerID": f"docker://{pod.container}" if pod.container else "",
                "ready": ready,
                "started": pod.running,
                "restartCount": pod.restarts,
                "state": _state(pod, back_off_s=back_off_s),
                "lastState": _last(pod),
            }
        ],
    }
    if pod.ip:
        status |= {"podIP": pod.ip, "podIPs": [{"ip": pod.ip}], "hostIP": "127.0.0.1"}
    return status


def _state(pod: Pod, *, back_off_s: float) -> Json:
    if pod.waiting:
        return {"waiting": {"reason": "ImagePullBackOff", "message": pod.waiting}}
    if pod.running:
        return {"running": {"startedAt": stamp(pod.started_t)}}
    if not pod.container:
        return {"waiting": {"reason": "ContainerCreating"}}
    if pod.restarts and back_off_s:
        wait = f"{back_off_s:g}s" if back_off_s >= 1 else f"{back_off_s * 1000:g}ms"
        message = f"back-off {wait} restarting failed container=api pod={pod.name}_default({pod_uid(pod)})"
        return {"waiting": {"reason": "CrashLoopBackOff", "message": message}}
    return {"terminated": _ended(pod)}


def _last(pod: Pod) -> Json:
    """How the container ended before, where it has been started again or waits to be."""
    return {"terminated": _ended(pod)} if pod.restarts and pod.finished_t else {}


def _ended(pod: Pod) -> Json:
    oom = pod.oom_killed
    code = OOM_EXIT if oom and not pod.exit_code else pod.exit_code
    return {
        "reason": "OOMKilled" if oom else "Completed" if code == 0 else "Error",
        "exitCode": code,
        "startedAt": stamp(min(pod.started_t, pod.finished_t)),
        "finishedAt": stamp(pod.finished_t),
        "containerID": f"docker://{pod.container}",
    }
