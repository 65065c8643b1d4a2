"""`stapkill why` after deaths that nothing watched: the host's own kernel log."""
import json
import signal
import subprocess

from support import BINARY, READY, Skipped, go, memory_cgroup, python, until

BACKENDS = ["bpf"]  # none is used; the case needs to run once


def verdict_on(pid):
    """From the last minute, once the kernel's log has it."""
    def asked():
        answer = subprocess.run([BINARY, "why", str(pid), "--since", "60s", "--format", "json"], capture_output=True, text=True,
                                check=False)
        deaths = json.loads(answer.stdout)["deaths"] if answer.stdout else []
        return deaths and deaths[0]
    return until(asked)["verdict"]


def readable_log():
    """Else the kernel's log is closed, or its lines about faults are off."""
    try:
        with open("/dev/kmsg", "rb"), open("/proc/sys/debug/exception-trace", encoding="ascii") as traced:
            if traced.read().strip() != "1":
                raise Skipped("the kernel logs no faults (debug.exception-trace)")
    except OSError as error:
        raise Skipped(f"the kernel's log cannot be read: {error}") from error


def why_after_a_fault():
    readable_log()
    process = python(f"{READY}; import ctypes; ctypes.string_at(0)")
    go(process)
    assert process.wait() == -signal.SIGSEGV
    verdict = verdict_on(process.pid)
    assert (verdict["cause"], verdict["confidence"]) == ("fault", "certain"), verdict
    assert "SIGSEGV at 0x0 in libc" in verdict["summary"], verdict


def why_after_an_oom_of_a_cgroup():
    readable_log()
    group = memory_cgroup(64 << 20)
    process = python(f"open('{group}/cgroup.procs', 'w').write('0'); {READY}; x = [b'x' * 1000000 for _ in range(1000)]")
    go(process)
    assert process.wait() == -signal.SIGKILL
    verdict = verdict_on(process.pid)
    assert (verdict["cause"], verdict["confidence"]) == ("oom-memcg", "certain"), verdict
    assert "at its limit of 64.0 MiB" in verdict["summary"], verdict
