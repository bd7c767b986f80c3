"""Labels and annotations that people put on objects which keep none themselves. Pure."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from lab.referee.cluster.fixed import without

Json = dict[str, Any]
Notes: TypeAlias = Mapping[str, Mapping[str, str]]


def key_of(thing: Json) -> str:
    """Under what an object's notes are kept; a pod's end with it, though its name may come again."""
    meta = thing["metadata"]
    return f"{thing['kind']}/{meta['name']}" + (f"/{meta['uid']}" if thing["kind"] == "Pod" else "")


def notes_of(thing: Json) -> dict[str, dict[str, str]]:
    """An object's labels and annotations."""
    meta = thing.get("metadata") or {}
    return {part: dict(meta.get(part) or {}) for part in ("labels", "annotations")}


def noted(thing: Json, notes: Notes | None) -> Json:
    """The object with these labels and annotations instead of its own."""
    if notes is None:
        return thing
    kept = {part: dict(notes[part]) for part in ("labels", "annotations") if notes.get(part)}
    return {**thing, "metadata": {**without(thing["metadata"], "labels", "annotations"), **kept}}
