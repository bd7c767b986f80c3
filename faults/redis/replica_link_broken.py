"""A replica signs in with a password that is not the primary's, and falls behind."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ForeignState, NoTarget
from faults.parameters import name, text
from faults.redis.server import RedisServer


@dataclass(frozen=True, kw_only=True)
class ReplicaLinkBroken(Checked):
    """`masterauth` is wrong on a replica: its link to the primary goes down, and it serves what it had."""

    about: ClassVar[About] = About(
        id="redis.replica_link_broken",
        kind=Kind.REDIS,
        undo=Undo.INVERSE,
        touches=("setting:masterauth",),
        lasts="no",
        see="INFO replication: master_link_status:down; the log: WRONGPASS; the primary's ACL LOG",
        fix="CONFIG SET masterauth (or masteruser) on the replica to what the primary knows",
        on_replica=True,
        settle_s=60.0,
        one_strength="a replica is let in or not",
    )

    user: str = name("replica", means="user of the primary that the replica signs in as")
    password: str = text("rotated-2024-11", means="password that it tries")

    def prepare(self, target: RedisServer) -> Receipt:
        """Nothing secret is kept: the right password is known to whoever holds the target."""
        link = target.info("replication")
        if link["role"] != "slave":
            raise NoTarget(f"{target.name} is no replica", hint="name the replica, not its primary")
        if link["master_link_status"] != "up":
            raise ForeignState(f"{target.name} does not follow its primary already")
        now = target.settings("masteruser", "masterauth")
        if now != {"masteruser": self.user, "masterauth": target.password(self.user)}:
            raise ForeignState(
                f"{target.name} does not sign in as {self.user} with the password that is known"
            )
        return {"user": self.user, "set": self.password}

    def inject(self, target: RedisServer, receipt: Receipt) -> None:
        """Set the wrong password, and cut the link, which would not ask for it otherwise."""
        target.run("CONFIG", "SET", "masterauth", str(receipt["set"]))
        target.run("CLIENT", "KILL", "TYPE", "master")

    def active(self, target: RedisServer, receipt: Receipt) -> bool:
        """Whether the link is down, with our password."""
        return self._ours(target, receipt) and target.info("replication").get("master_link_status") == "down"

    def revert(self, target: RedisServer, receipt: Receipt) -> None:
        """Give the right password back, unless somebody has set a third; the link comes by itself."""
        if self._ours(target, receipt):
            target.run("CONFIG", "SET", "masterauth", target.password(str(receipt["user"])))

    def _ours(self, target: RedisServer, receipt: Receipt) -> bool:
        return target.settings("masterauth")["masterauth"] == receipt["set"]
