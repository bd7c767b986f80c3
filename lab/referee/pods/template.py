"""A pod template, as Kubernetes writes it: what a deployment's pods are made of. Pure, on plain JSON."""

import copy
import hashlib
import json
from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

REPOSITORY = "shop"
PORT = 8080
MEMORY = "128Mi"
HASH = "pod-template-hash"
RELEASE = "release"
READY_PATH = "/health/ready"


def template_of(deployment: str, release: str, *, labels: Mapping[str, str]) -> Json:
    """The template that a deployment begins with: settings come from a config map and a secret."""
    container: Json = {
        "name": "api",
        "image": image_of(release),
        "imagePullPolicy": "IfNotPresent",
        "ports": [{"containerPort": PORT, "protocol": "TCP"}],
        "envFrom": [{"configMapRef": {"name": "api"}}, {"secretRef": {"name": "api"}}],
        "resources": {"limits": {"memory": MEMORY}},
        "readinessProbe": {
            "httpGet": {"path": READY_PATH, "port": PORT, "scheme": "HTTP"},
            "periodSeconds": 1,
            "timeoutSeconds": 1,
            "successThreshold": 1,
            "failureThreshold": 3,
        },
        "securityContext": {"readOnlyRootFilesystem": True, "allowPrivilegeEscalation": False},
    }
    spec = {"containers": [container], "restartPolicy": "Always", "terminationGracePeriodSeconds": 5}
    return {"metadata": {"labels": {"app": deployment, **labels}}, "spec": spec}


def image_of(release: str) -> str:
    """The image's name as pods carry it."""
    return f"{REPOSITORY}/api:{release}"


def container(template: Mapping[str, Any]) -> Json:
    """The one container of a template."""
    found: Json = template["spec"]["containers"][0]
    return found


def release_of(template: Mapping[str, Any]) -> str:
    """The release: the tag of the container's image."""
    return str(container(template)["image"]).rpartition(":")[2]


def pod_labels(template: Mapping[str, Any]) -> dict[str, str]:
    """What the template's pods are labelled with: release and hash follow from it and are not in it."""
    own = (template.get("metadata") or {}).get("labels") or {}
    return {RELEASE: release_of(template), **own, HASH: template_hash(template)}


def without_release(labels: Mapping[str, str]) -> dict[str, str]:
    """Labels of a deployment without the one that follows from its template."""
    return {key: value for key, value in labels.items() if key != RELEASE}


def env_of(template: Mapping[str, Any]) -> dict[str, str]:
    """The variables that the container itself is given; what comes from config maps is not among them."""
    return {one["name"]: str(one.get("value", "")) for one in container(template).get("env") or []}


def with_release(template: Mapping[str, Any], release: str) -> Json:
    """The same template with another release."""
    new = copy.deepcopy(dict(template))
    container(new)["image"] = image_of(release)
    return new


def template_hash(template: Mapping[str, Any]) -> str:
    """A short name for a template: pods of the same hash are alike."""
    return hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest()[:10]
