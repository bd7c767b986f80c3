"""exec, cp, logs: what goes to and from a container."""

import re

import pytest

from faults.wait import until
from tests.kubectl.cluster import Kube

pytestmark = pytest.mark.docker


def test_exec_carries_streams_and_exit_codes(kube: Kube) -> None:
    """Output, input, failures, terminals."""
    assert kube.ok("exec", "deploy/api", "--", "echo", "hello").strip().endswith("hello")
    failed = kube("exec", "redis-0", "--", "sh", "-c", "echo no >&2; exit 7")
    assert failed.code == 7
    assert "command terminated with exit code 7" in failed.out
    until(
        lambda: any(one.endswith("exit code 7") for one in kube.diary.messages) or None,
        what="the history has how it ended",
        timeout_s=20,
    )
    assert "from here" in kube.ok("exec", "-i", "redis-0", "--", "cat", stdin="from here")
    script = "script -qec \"kubectl exec -it redis-0 -- sh -c 'tty; stty size'\" /dev/null < /dev/null"
    assert "/dev/pts/" in kube.shell(script).out
    assert kube("exec", "redis-0", "--", "no-such-program").code == 126


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


def test_logs_in_all_their_forms(kube: Kube) -> None:
    """Whole, tail, since, followed, by deployment, of the run before."""
    assert "Ready to accept connections" in kube.ok("logs", "redis-0")
    assert len(kube.ok("logs", "redis-0", "--tail=1").splitlines()) == 1
    assert kube.ok("logs", "redis-0", "--since=1h", "--timestamps").startswith("20")
    assert kube("logs", "deploy/api").code == 0
    followed = kube.shell("timeout 5 kubectl logs -f redis-0 > /tmp/log; cat /tmp/log")
    assert "Ready to accept connections" in followed.out
    name = min(kube.pods())
    missing = kube("logs", "-p", name)
    assert missing.code == 1
    assert f'previous terminated container "api" in pod "{name}" not found' in missing.out
    kube.die(name)
    until(lambda: kube("logs", "-p", name).code == 0 or None, what="a log of the run before", timeout_s=40)
