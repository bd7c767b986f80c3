"""A user's rights were taken away."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ForeignState
from faults.parameters import choice, name
from faults.redis.server import RedisServer

RULE = {"read-only": "-@write", "off": "off"}


@dataclass(frozen=True, kw_only=True)
class AclChanged(Checked):
    """`ACL SETUSER`: a user may not write any more, or may not sign in (open connections then go on)."""

    about: ClassVar[About] = About(
        id="redis.acl_changed",
        kind=Kind.REDIS,
        undo=Undo.INVERSE,
        touches=("acl:{user}",),
        lasts="no",
        see="clients get NOPERM or WRONGPASS; ACL LOG; ACL GETUSER",
        fix="ACL SETUSER with the rights as they were: not more, and no `on nopass`",
    )

    user: str = name("shop", means="user that loses rights")
    change: str = choice(
        "read-only",
        *RULE,
        mild="off",
        severe="read-only",
        means="what it loses: the right to write, or to sign in",
    )

    def prepare(self, target: RedisServer) -> Receipt:
        """Remember its rights; ForeignState where there is no such user or it lacks the right already."""
        now = target.value("ACL", "GETUSER", self.user)
        if not now:
            raise ForeignState(f"{target.name} has no user {self.user}")
        receipt = {"user": self.user, "change": self.change, "commands": now["commands"]}
        if self.active(target, receipt):
            raise ForeignState(f"{target.name}: user {self.user} is {self.change} already")
        return receipt

    def inject(self, target: RedisServer, receipt: Receipt) -> None:
        """Take the right away."""
        target.run("ACL", "SETUSER", self.user, RULE[self.change])

    def active(self, target: RedisServer, receipt: Receipt) -> bool:
        """Whether the user still lacks it."""
        user = str(receipt["user"])
        if receipt["change"] == "read-only":
            return "'set' command" in target.answer("ACL", "DRYRUN", user, "SET", "x", "1").text
        now = target.value("ACL", "GETUSER", user)
        return bool(now) and "off" in now["flags"]

    def revert(self, target: RedisServer, receipt: Receipt) -> None:
        """Give it back where it is lacking; passwords and keys are not touched."""
        if not self.active(target, receipt):
            return
        back = ["on"] if receipt["change"] == "off" else ["nocommands", *str(receipt["commands"]).split()]
        target.run("ACL", "SETUSER", str(receipt["user"]), *back)
