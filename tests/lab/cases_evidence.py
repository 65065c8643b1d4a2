"""What a verdict's evidence says, and what it must not say."""
import os
import signal
import subprocess
import sys

from support import LIMIT, READY, Watch, ended, go, knows_functions, memory_cgroup, python, says, until, watch_victim, write

BACKENDS = ["stap", "bpf"]

EAT = "x = [b'x' * 1000000 for _ in range(1000)]"


def does_not_say(death, text):
    assert not any(text in line for line in death["verdict"]["evidence"]), death["verdict"]


def inner_cgroups(outer, limit):
    """Two cgroups below, each with a limit of its own."""
    if os.path.exists(outer + "/cgroup.subtree_control"):
        write(outer + "/cgroup.subtree_control", "+memory")
    for name in "ab":
        inner = f"{outer}/{name}"
        os.mkdir(inner)
        version_1 = os.path.exists(inner + "/memory.limit_in_bytes")
        write(inner + ("/memory.limit_in_bytes" if version_1 else "/memory.max"), str(limit))
        yield inner


def evidence_of_an_oom_without_the_leader():
    """The mark names the thread that still has the memory; that is no other process."""
    group = memory_cgroup(64 << 20)
    process = python(f"import ctypes, threading, time; open('{group}/cgroup.procs', 'w').write('0'); {READY}\n"
                     f"def eat():\n  time.sleep(0.3); {EAT}\n"
                     "threading.Thread(target=eat).start(); ctypes.CDLL(None).syscall(60, 0)")
    watch = watch_victim(process)
    go(process)
    death = ended(watch, "oom-memcg", number=signal.SIGKILL)
    process.wait()
    os.rmdir(group)
    does_not_say(death, "mark_victim")


def evidence_of_two_limits():
    """Shortly after each other, and each alone."""
    outer = memory_cgroup(1 << 30)
    groups = list(inner_cgroups(outer, 64 << 20))
    eaters = [python(f"open('{group}/cgroup.procs', 'w').write('0'); {READY}; {EAT}") for group in groups]
    watch = Watch(*(word for eater in eaters for word in ("--pid", str(eater.pid))), "--duration", str(LIMIT))
    for count, eater in enumerate(eaters):
        go(eater)
        eater.wait()
        until(lambda: len(watch.of("death")) > count)
    watch.finish()
    for death in watch.of("death"):
        assert death["verdict"]["cause"] == "oom-memcg", death
        does_not_say(death, "mark_victim")
    for group in [*groups, outer]:
        os.rmdir(group)


def dies_of_what_nothing_explains(process, number, text):
    watch = watch_victim(process)
    go(process)
    death = ended(watch, "unknown", number=number, confidence="unknown")
    process.wait()
    says(death, text if knows_functions() else "si_code 1, from the kernel")


def evidence_of_a_childs_end_by_another_signal():
    process = python(f"import ctypes, os; {READY}\nif ctypes.CDLL(None).syscall(56, 11, 0, 0, 0, 0) == 0: os._exit(0)\n"
                     "import time; time.sleep(60)")
    dies_of_what_nothing_explains(process, signal.SIGSEGV, "si_code CLD_EXITED")


def evidence_of_a_file_that_signals():
    process = python("import fcntl, os; r, w = os.pipe(); fcntl.fcntl(r, fcntl.F_SETOWN, os.getpid())\n"
                     "fcntl.fcntl(r, 10, 15); fcntl.fcntl(r, fcntl.F_SETFL, os.O_ASYNC)\n"
                     f"{READY}; os.write(w, b'x'); input()")
    dies_of_what_nothing_explains(process, signal.SIGTERM, "si_code POLL_IN")


def evidence_of_what_a_filter_hides():
    process = python(f"import signal; signal.signal(15, lambda *_: None); {READY}; input()")
    watch = watch_victim(process, "--signal", "KILL")
    process.terminate()
    subprocess.run(["/bin/kill", "-KILL", str(process.pid)], check=True)
    death = watch.death()
    process.wait()
    assert death["verdict"]["cause"] == "kill", death
    says(death, "SIGTERM delivered to a handler: kill(2) = 0 by")


def evidence_of_a_blocked_sigterm():
    """An exit is not put down to a signal that was never delivered."""
    process = python(f"import os, signal; signal.pthread_sigmask(0, [15]); {READY}; os._exit(143)")
    watch = watch_victim(process)
    process.terminate()
    go(process)
    death = ended(watch, "exit")
    process.wait()
    assert death["verdict"]["summary"].endswith("not a SIGTERM."), death["verdict"]
    says(death, "SIGTERM delivered, blocked then")


def evidence_of_a_pid_namespace():
    """The pid in the process's own namespace is in its last event: a core's %p is that pid."""
    file = f"/tmp/stapkill-test-{os.getpid()}.events"
    code = f"import os; {READY}; os.kill(os.fork() or os.getpid(), 9); os.wait()"
    process = subprocess.Popen(["unshare", "--pid", "--fork", sys.executable, "-c", code], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)
    process.stdout.readline()
    watch = Watch("--pid", str(process.pid), "--children", "--record-events", file, "--duration", str(LIMIT))
    go(process)
    process.wait()
    until(lambda: len(watch.of("death")) > 2)
    watch.finish()
    with open(file) as events:
        ends = {fields[4]: fields[12] for fields in map(str.split, events) if fields[0] == "E"}
    os.unlink(file)
    reported_pids = {str(death["process"]["pid"]): death["exit"]["kind"] for death in watch.of("death")}
    own = sorted(ends[pid] for pid in reported_pids if pid != str(process.pid))
    assert own == ["1", "2"] and ends[str(process.pid)] == str(process.pid), (ends, reported_pids)
