"""exec, cp, logs: what goes to and from a container."""

import json
import re

import pytest

from faults.wait import until
from lab.referee.cluster.logs import FOLLOWERS
from tests.kubectl.cluster import Kube

pytestmark = pytest.mark.docker

ASK = """
import sys, urllib.request
urllib.request.urlopen("http://127.0.0.1:8080" + sys.argv[1], timeout=9)
"""
AT_A_TERMINAL = """
import fcntl, json, os, pty, select, struct, sys, termios, time

def size(terminal, height, width):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

def answered(line, answer, within_s):
    os.write(terminal, line)
    seen, end = b"", time.monotonic() + within_s
    while answer not in seen and time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            seen += os.read(terminal, 4096)
    return answer in seen

pid, terminal = pty.fork()
if pid == 0:
    size(0, 31, 97)
    os.execvp(sys.argv[1], sys.argv[1:])
said = {"answer": answered(b"echo $((6 * 7))\\n", b"42\\r", 20)}
said["size"] = any(answered(b"stty size\\n", b"31 97", 1) for _ in range(20))
size(terminal, 40, 120)
said["new size"] = any(answered(b"stty size\\n", b"40 120", 1) for _ in range(20))
said["busy"] = answered(b"echo $((6 * 8)); sleep 300\\n", b"48\\r", 20)
# One that comes before the shell has handed its terminal on is lost, as at any terminal.
interrupt = lambda: os.write(terminal, b"\\x03")
said["interrupted"] = any(interrupt() and answered(b"echo $((7 * 7))\\n", b"49\\r", 1) for _ in range(20))
os.write(terminal, b"exit 5\\n")
said["code"] = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(json.dumps(said))
"""


def ask(kube: Kube, pod: str, path: str) -> None:
    """Have a pod asked for *path*, which it prints."""
    kube.ok("exec", pod, "--", "python3", "-c", ASK, path)


def test_exec_carries_streams_and_exit_codes(kube: Kube) -> None:
    """Output, input, failures; the history has how it ended."""
    assert kube.ok("exec", "deploy/api", "--", "echo", "hello").strip().endswith("hello")
    for code in (3, 7):
        failed = kube("exec", "redis-0", "--", "sh", "-c", f"echo no >&2; exit {code}")
        assert failed.code == code
        assert failed.out.splitlines() == ["no", f"command terminated with exit code {code}"]
    until(
        lambda: any(one.endswith("exit code 7") for one in kube.diary.messages) or None,
        what="the history has how it ended",
        timeout_s=20,
    )
    assert kube.ok("exec", "-i", "redis-0", "--", "cat", stdin="from here") == "from here"
    assert kube("exec", "redis-0", "--", "no-such-program").code == 126


def test_exec_into_a_database_runs_its_client(kube: Kube) -> None:
    """What it is asked is answered, and what it is asked wrongly is a failure."""
    client = ("exec", "redis-0", "--", "redis-cli", "--user", "oncall", "-e")
    assert kube.ok(*client, "set", "asked", "here") == "OK\n"
    assert kube.ok(*client, "get", "asked") == "here\n"
    wrong = kube(*client, "no-such-command")
    assert wrong.code == 1
    assert "ERR unknown command" in wrong.out


def test_exec_at_a_terminal_is_a_shell_of_the_terminals_size(kube: Kube) -> None:
    """Typed lines are answered, the size follows the window, Ctrl-C interrupts, the code is handed on."""
    words = ["python3", "-c", AT_A_TERMINAL, "kubectl", "exec", "-it", "redis-0", "--", "sh"]
    code, out = kube.toolbox.exec_run(words)
    assert code == 0, out.decode(errors="replace")
    assert json.loads(out) == {
        "answer": True,
        "size": True,
        "new size": True,
        "busy": True,
        "interrupted": True,
        "code": 5,
    }


def test_exec_runs_with_the_trainees_rights_and_sees_no_secret(kube: Kube) -> None:
    """Not the server's user, and none of its passwords."""
    assert kube.ok("exec", "redis-0", "--", "id", "-un").strip() == "nobody"
    environment = kube.ok("exec", "redis-0", "--", "env")
    assert "REDISCLI_AUTH=oncall-secret" in environment
    assert not re.search(r"(shop|exporter|referee|admin)-secret", environment)
    assert kube("exec", "redis-0", "--", "cat", "/proc/1/environ").code != 0
    assert kube("exec", "deploy/api", "--", "touch", "/srv/x").code != 0


def test_cp_goes_both_ways(kube: Kube) -> None:
    """The same bytes come back."""
    name = min(kube.pods())
    done = kube.shell(
        f"cd /tmp && head -c 300000 /dev/urandom > out.bin && kubectl cp out.bin {name}:/tmp/in.bin"
        f" && kubectl cp {name}:/tmp/in.bin back.bin && cmp out.bin back.bin && echo same"
    )
    assert done.out.strip().endswith("same"), done.out


def test_logs_hold_what_was_asked_for(kube: Kube) -> None:
    """Whole, by tail, by age, by deployment, by label."""
    name = min(kube.pods())
    for path in ("/first", "/second"):
        ask(kube, name, path)
    whole = kube.ok("logs", name).splitlines()
    assert (whole[0], whole[-2:]) == (f"started {name}", ["GET /first", "GET /second"])
    assert kube.ok("logs", name, "--tail=1") == "GET /second\n"
    stamped = kube.ok("logs", name, "--tail=1", "--timestamps")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z GET /second\n", stamped)

    def new_alone() -> bool | None:
        ask(kube, name, "/new")
        seen = kube.ok("logs", name, "--since=2s")
        return ("GET /new" in seen and "GET /second" not in seen) or None

    until(new_alone, what="a log of the last two seconds, without what is older", timeout_s=40)
    assert "GET /second" in kube.ok("logs", name, "--since=1h")
    of_one = kube.ok("logs", "deploy/api")
    chosen = re.search(r"Found 2 pods, using pod/(\S+)", of_one)
    assert chosen, of_one
    assert f"started {chosen[1]}" in of_one.splitlines()
    of_all = kube.ok("logs", "-l", "app=api", "--prefix", "--tail=-1").splitlines()
    assert all(f"[pod/{pod}/api] started {pod}" in of_all for pod in kube.pods())
    assert "Ready to accept connections" in kube.ok("logs", "sts/redis")


def test_a_followed_log_brings_what_is_written_later(kube: Kube) -> None:
    """While it is followed; when the client ends, nobody waits for the log any more."""
    name = min(kube.pods())
    ask(kube, name, "/earlier")
    kube.shell(f"kubectl logs -f {name} --tail=1 > /tmp/followed 2>&1 & echo $! > /tmp/follower")

    def followed(lines: list[str]) -> None:
        until(
            lambda: kube.shell("cat /tmp/followed").out.splitlines() == lines or None,
            what=f"the log followed is {lines}",
            timeout_s=30,
        )

    followed(["GET /earlier"])
    ask(kube, name, "/later")
    followed(["GET /earlier", "GET /later"])
    assert kube.shell("kill -9 $(cat /tmp/follower)").code == 0, "it ended before its pod did"
    until(lambda: FOLLOWERS.borrowed_tokens == 0 or None, what="nobody waits for the log", timeout_s=20)


def test_the_log_before_a_restart_and_the_log_since_are_two(kube: Kube) -> None:
    """-p has the run before and nothing of the present one, and the other way round; or there was none."""
    name = min(kube.pods())
    missing = kube("logs", "-p", name)
    assert missing.code == 1
    assert f'previous terminated container "api" in pod "{name}" not found' in missing.out
    ask(kube, name, "/before")
    kube.die(name)
    running = ("exec", name, "--", "python3", "-c", ASK, "/after")
    until(lambda: kube(*running).code == 0 or None, what=f"{name} answers again", timeout_s=40)
    before = kube.ok("logs", "-p", name).splitlines()
    assert (before[0], before[-2:]) == (f"started {name}", ["GET /before", "GET /die"])
    assert kube.ok("logs", name).splitlines() == [f"started {name}", "GET /after"]
