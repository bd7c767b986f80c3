"""What the API answers instead of an object: a Status, as Kubernetes would word it."""

from collections.abc import Mapping, Sequence
from typing import Any

from lab.kube.kinds import Kind

Json = dict[str, Any]

REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    409: "Conflict",
    410: "Expired",
    415: "UnsupportedMediaType",
    422: "Invalid",
    500: "InternalError",
    503: "ServiceUnavailable",
}


class ApiError(Exception):
    """An answer other than the object asked for: HTTP *code*, a sentence, what it is about."""

    def __init__(
        self, code: int, message: str, *, reason: str = "", details: Mapping[str, Any] | None = None
    ):
        super().__init__(message)
        self.code = code
        self.reason = reason or REASONS.get(code, "InternalError")
        self.details = dict(details or {})

    @property
    def status(self) -> Json:
        """The Status object."""
        return {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": str(self),
            "reason": self.reason,
            "details": self.details,
            "code": self.code,
        }


def not_found(kind: Kind, name: str) -> ApiError:
    """There is no such object."""
    return ApiError(404, f'{kind.full_name} "{name}" not found', details=_details(kind, name))


def no_such_path() -> ApiError:
    """There is nothing under that path at all."""
    return ApiError(404, "the server could not find the requested resource")


def already_exists(kind: Kind, name: str) -> ApiError:
    """There is one by that name."""
    message = f'{kind.full_name} "{name}" already exists'
    return ApiError(409, message, reason="AlreadyExists", details=_details(kind, name))


def conflict(kind: Kind, name: str) -> ApiError:
    """It was changed since it was read."""
    message = (
        f'Operation cannot be fulfilled on {kind.full_name} "{name}": the object has been modified; '
        "please apply your changes to the latest version and try again"
    )
    return ApiError(409, message, details=_details(kind, name))


def not_allowed() -> ApiError:
    """Nobody can do that to anything of this kind."""
    return ApiError(405, "the server does not allow this method on the requested resource")


def forbidden(
    user: str,
    verb: str,
    kind: Kind,
    name: str = "",
    *,
    why: str = "",
    sub: str = "",
    namespace: str = "default",
) -> ApiError:
    """The user may not; *why* is added for what is refused to everybody in this lab."""
    resource = f"{kind.plural}/{sub}" if sub else kind.plural
    quoted = f' "{name}"' if name else ""
    namespaced = kind.namespaced and namespace
    where = f'in the namespace "{namespace}"' if namespaced else "at the cluster scope"
    message = (
        f"{kind.full_name}{quoted} is forbidden: "
        f'User "{user}" cannot {verb} resource "{resource}" in API group "{kind.group}" {where}'
    )
    return ApiError(403, f"{message}: {why}" if why else message, details=_details(kind, name))


def invalid(kind: Kind, name: str, causes: Sequence[tuple[str, str]]) -> ApiError:
    """Fields hold what they must not: pairs of field and what is wrong with it."""
    said = ", ".join(f"{field}: {wrong}" for field, wrong in causes)
    message = f'{kind.kind}.{kind.group} "{name}" is invalid: {said}'.replace(
        f"{kind.kind}. ", f"{kind.kind} "
    )
    listed = [{"reason": "FieldValueInvalid", "message": wrong, "field": field} for field, wrong in causes]
    return ApiError(422, message, details={**_details(kind, name), "causes": listed})


def bad_request(message: str) -> ApiError:
    """It could not be understood."""
    return ApiError(400, message)


def _details(kind: Kind, name: str) -> Json:
    details = {"name": name, "kind": kind.plural}
    return {**details, "group": kind.group} if kind.group else details
