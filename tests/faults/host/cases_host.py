"""What the machine does to a container: it stands still, dies, starves or runs full."""

import time
from collections.abc import Callable

from redis.exceptions import RedisError

from faults.host.cpu_limit import CpuLimit
from faults.host.crash_loop import CrashLoop
from faults.host.disk_filled import DiskFilled
from faults.host.kill import Kill
from faults.host.memory_limit_oom import MemoryLimitOom
from faults.host.pause import Pause
from faults.wait import until
from tests.faults.host.box import MEMORY, Box, box
from tests.faults.laws import Case
from tests.faults.strengths import End

BURN = "local stop = os.clock() + 0.2 repeat until os.clock() > stop"
BURN_S = 0.2
FEW = 3
UNKNOWN_LINE = "Module Configuration detected without loadmodule directive"
"""What Redis 8 dies with where it knows no setting of that name: it takes it for a module's."""
MEGABYTE = "x" * 1_000_000
PAGES = 40


def verb(name: str, **options: object) -> Callable[[Box], None]:
    """What an engineer of the machine types: docker NAME, and looks that it serves again."""

    def by_hand(server: Box) -> None:
        getattr(server.engine.containers.get(server.name), name)(**options)
        serves(server)

    return by_hand


def serves(server: Box) -> None:
    """Wait until clients are served."""
    until(lambda: server.reads() == "" or None, what=f"{server.name} serves", timeout_s=60)


def burns_slowly(server: Box) -> str:
    """A script that takes a fifth of a second of CPU; the kernel says whether it held it back.

    One that was slow without that had a busy machine beneath it, and is tried again.
    """
    for _ in range(FEW):
        before, began = held_back(server), time.monotonic()
        server.run("EVAL", BURN, 0, user="oncall")
        took_s, times = time.monotonic() - began, held_back(server) - before
        if took_s <= 3 * BURN_S:
            return ""
        if times:
            break
    return f"slow, held back {'many' if times > FEW else 'few'} times"


def dies_of_a_line(server: Box) -> str:
    """It is down, and has been started again; its last words say of what it died."""
    met = server.reads()
    if not met:
        return ""
    until(lambda: int(server.container.attrs["RestartCount"]) > 0 or None, what="started again", timeout_s=30)
    words = until(lambda: server.said(UNKNOWN_LINE) or None, what="it says of what it dies", timeout_s=30)
    return f"down again: {words}"


def held_back(server: Box) -> int:
    """How often the kernel let the container wait for its quota."""
    stat = server.container.exec(
        "sh", "-c", "cat /sys/fs/cgroup/cpu.stat /sys/fs/cgroup/cpu/cpu.stat 2>/dev/null", check=False
    ).text
    return int(stat.split("nr_throttled", 1)[1].split()[0])


def fill_memory(server: Box) -> None:
    """Forty megabytes of pages, which stay."""
    serves(server)
    with server.client() as client:
        for number in range(PAGES):
            if not client.exists(f"page:{number}"):
                client.set(f"page:{number}", MEGABYTE)


def more_memory(server: Box) -> None:
    """An engineer gives it memory, and starts it."""
    container = server.engine.containers.get(server.name)
    container.update(mem_limit=MEMORY, memswap_limit=MEMORY)
    container.start()
    serves(server)


def mend_file(server: Box) -> None:
    """An engineer takes the line out, and restarts it."""
    file = server.container.read_file("/etc/redis/redis.conf")
    right = file.content.replace(b"maxmemroy 512mb\n", b"")
    server.container.write_file("/etc/redis/redis.conf", right, mode=file.mode, uid=file.uid)
    server.engine.containers.get(server.name).restart(timeout=1)
    serves(server)


def writes(server: Box, sessions: int = 200) -> str:
    """Customers sign in, more than fit in what is left of a full disk."""
    if said := server.reads():
        return said
    try:
        with server.client() as client:
            for number in range(sessions):
                client.set(f"session:{number}", "x" * 1000, ex=60)
    except RedisError as error:
        return str(error)
    return ""


def writes_a_lot(server: Box) -> str:
    """The same, where a megabyte is left."""
    return writes(server, sessions=2000)


def remove_file(server: Box) -> None:
    """An engineer removes what is none of Redis's, and sees it write again."""
    server.container.exec("rm", "/data/export-old.tar")
    writes_again(server)


def writes_again(server: Box) -> None:
    """Wait until writes are taken: Redis tries its file once a second."""
    until(lambda: writes(server) == "" or None, what=f"{server.name} takes writes", timeout_s=60)


CASES = [
    Case(
        fault=Pause(),
        server=box,
        felt=Box.reads,
        expects="Timeout",
        by_hand=verb("unpause"),
        restart_ends=True,
        every_run=True,
    ),
    Case(
        fault=Kill(),
        server=box,
        felt=Box.reads,
        expects="down",
        by_hand=verb("start"),
        restart_ends=True,
    ),
    Case(
        fault=CpuLimit(),
        server=box,
        felt=burns_slowly,
        expects="^slow, held back many times$",
        mild=End(unfelt="half a CPU makes 0.4 s of 0.2 s: a busy machine does that, too"),
        by_hand=verb("update", cpu_quota=-1),
        restart_ends=False,
        every_run=True,
    ),
    Case(
        fault=MemoryLimitOom(),
        server=box,
        before=fill_memory,
        felt=Box.reads,
        expects="down",
        by_hand=more_memory,
        restart_ends=False,
    ),
    Case(
        fault=CrashLoop(),
        server=box,
        felt=dies_of_a_line,
        expects=f"^down again: {UNKNOWN_LINE}",
        by_hand=mend_file,
        restart_ends=False,
    ),
    Case(
        fault=DiskFilled(),
        server=box,
        felt=writes,
        expects="MISCONF",
        mild=End(felt=writes_a_lot),
        by_hand=remove_file,
        after=writes_again,
        restart_ends=False,
    ),
]
