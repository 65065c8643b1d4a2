"""A pid is used again: an event belongs to a process by pid and start time. The cases make the kernel do it at once."""
import os
import signal
import subprocess
import time

from support import LIMIT, Watch, born_as, held, put_down, until, victim

BACKENDS = ["bpf"]


def reported_as(watch, pid):
    """The last words of argv of the processes in signals and deaths with this pid."""
    processes = [r["target"] for r in watch.of("signal")] + [r["process"] for r in watch.of("death")]
    assert all(process["argv"] for process in processes), processes
    return {process["argv"][-1] for process in processes if process["pid"] == pid}


def pid_given_again():
    first, last = victim(), victim()
    watch = Watch("--pid", str(first.pid), "--pid", str(last.pid))
    first.kill()
    first.wait()
    born_as(first.pid, "sleep", "601")
    os.kill(first.pid, signal.SIGCONT)
    put_down(first.pid)
    last.kill()
    last.wait()
    until(lambda: [d for d in watch.of("death") if d["process"]["pid"] == last.pid])
    watch.finish()
    assert [d["process"]["pid"] for d in watch.of("death")] == [first.pid, last.pid], watch.of("death")
    assert reported_as(watch, first.pid) == {"600"}, reported_as(watch, first.pid)
    assert len(watch.of("signal")) == 2, watch.of("signal")


def pid_given_again_to_a_child():
    """The pid of a target's child that was watched because of its parent."""
    parent = subprocess.Popen(["sh", "-c", "read go; sleep 602 & echo $!; read go; wait"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)
    watch = Watch("--pid", str(parent.pid), "--children")
    parent.stdin.write(b"go\n")
    parent.stdin.flush()
    child = int(parent.stdout.readline())
    os.kill(child, signal.SIGKILL)
    parent.communicate(b"go\n")  # it waits for the child, so the pid is free
    until(lambda: len(watch.of("death")) == 2)
    born_as(child, "sleep", "603")
    put_down(child)
    watch.finish()
    assert len(watch.of("death")) == 2, watch.of("death")
    assert len([s for s in watch.of("signal") if s["target"]["pid"] == child]) == 1, watch.of("signal")


def pid_waited_for():
    """With --wait the target is the next process with that pid, and no later one."""
    former, last = victim(), victim()
    former.kill()
    former.wait()
    watch = Watch("--pid", str(former.pid), "--pid", str(last.pid), "--wait")
    for word in "604", "605":
        born_as(former.pid, "sleep", word)
        put_down(former.pid)
        time.sleep(0.02)  # a start time is in ticks of 10 ms (proc(5)); no pid is used again within one
    last.kill()
    last.wait()
    until(lambda: [d for d in watch.of("death") if d["process"]["pid"] == last.pid])
    watch.finish()
    assert [d["process"]["pid"] for d in watch.of("death")] == [former.pid, last.pid], watch.of("death")
    assert len([s for s in watch.of("signal") if s["target"]["pid"] == former.pid]) == 1, watch.of("signal")


def pid_given_again_while_arming():
    """The target was found, then it ended and another got its pid before the probes were live."""
    for _ in range(3):
        process = victim()
        watch = Watch("--pid", str(process.pid), "--until-death", "--duration", str(LIMIT), wait=False)
        until(lambda: held(watch.process.pid) or watch.process.poll() is not None, step=0.001)
        process.kill()
        process.wait()
        born_as(process.pid, "sleep", "606")
        until(lambda: watch.of("armed") or watch.process.poll() is not None)
        put_down(process.pid)
        status = watch.process.wait(LIMIT)
        assert reported_as(watch, process.pid) <= {"600"}, reported_as(watch, process.pid)
        assert status == (0 if watch.of("death") else 1), (status, watch.errors())
        assert status == 0 or "ended before" in watch.errors(), watch.errors()
