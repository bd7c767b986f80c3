"""A wrong line in its configuration: a container dies at each start, and is started again and again."""

from dataclasses import dataclass
from typing import ClassVar

from faults.container import Container
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ForeignState
from faults.parameters import text

ALWAYS = {"Name": "always", "MaximumRetryCount": 0}


@dataclass(frozen=True, kw_only=True)
class CrashLoop(Checked):
    """A line that its program does not understand is added to its configuration, and it is restarted.

    The engine starts it again whenever it has died, each time after a longer wait.
    """

    about: ClassVar[About] = About(
        id="host.crash_loop",
        kind=Kind.CONTAINER,
        undo=Undo.INVERSE,
        touches=("file:{file}", "restart-policy", "processes"),
        see="docker ps: Restarting; its log: the same error again and again; docker inspect: RestartCount",
        fix="take the line out, then restart it",
        settle_s=60.0,
        instant=False,
        takes_down=True,
        one_strength="a container that dies of a line is down, whichever line it is",
    )

    file: str = text("/etc/redis/redis.conf", means="its configuration")
    line: str = text("maxmemroy 512mb", means="line that is added at the end")

    def prepare(self, target: Container) -> Receipt:
        """Remember the file; ForeignState where the container does not run or has the line already."""
        if not target.running:
            raise ForeignState(f"{target.name} does not run")
        now = target.read_file(self.file)
        if self.line in now.content.decode():
            raise ForeignState(f"{target.name}: {self.file} has the line {self.line!r} already")
        policy = target.attrs["HostConfig"]["RestartPolicy"]
        return {
            "file": self.file,
            "was": now.content.decode(),
            "set": now.content.decode().rstrip("\n") + f"\n{self.line}\n",
            "mode": now.mode,
            "uid": now.uid,
            "policy": policy["Name"] or "no",
            "retries": int(policy["MaximumRetryCount"]),
        }

    def inject(self, target: Container, receipt: Receipt) -> None:
        """Add the line, let the engine start it for ever, restart it."""
        self._write(target, receipt, "set")
        target.update(RestartPolicy=ALWAYS)
        target.act("restart", timeout=20)

    def active(self, target: Container, receipt: Receipt) -> bool:
        """Whether the file is as we left it, and the container dies of it."""
        return self._content(target, receipt) == receipt["set"] and _loops(target)

    def revert(self, target: Container, receipt: Receipt) -> str:
        """Give back file and policy, and start it now: the engine's next try may be a minute away."""
        left = ""
        now = self._content(target, receipt)
        if now == receipt["set"]:
            self._write(target, receipt, "was")
        elif now != receipt["was"]:
            left = f"left alone, as somebody else has changed it: file {receipt['file']} of {target.name}"
        if target.attrs["HostConfig"]["RestartPolicy"]["Name"] == ALWAYS["Name"] != receipt["policy"]:
            target.update(RestartPolicy={"Name": receipt["policy"], "MaximumRetryCount": receipt["retries"]})
        if _loops(target):
            target.act("restart", timeout=1)
        return left

    @staticmethod
    def _content(target: Container, receipt: Receipt) -> str:
        return target.read_file(str(receipt["file"])).content.decode()

    def _write(self, target: Container, receipt: Receipt, which: str) -> None:
        content = str(receipt[which]).encode()
        mode, uid = int(receipt["mode"]), int(receipt["uid"])
        target.write_file(str(receipt["file"]), content, mode=mode, uid=uid)


def _loops(target: Container) -> bool:
    """Whether it is down, or was started again by the engine since somebody did."""
    attrs = target.attrs
    return attrs["State"]["Status"] != "running" or int(attrs["RestartCount"]) > 0
