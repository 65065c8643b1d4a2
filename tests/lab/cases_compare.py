"""Both backends watch the same scene at the same time; their records are compared field by field."""
import fnmatch
import itertools
import os
import re
import shutil
import signal
import subprocess
import tempfile
from datetime import datetime

from support import (LIBC, READY, SYS_PIDFD, SYS_QUEUE, SYS_TGKILL, SYS_TGQUEUE, SYS_TKILL, Skipped, Watch, go, python, siginfo,
                     until, victim)

BACKENDS = ["stap"]  # in the guest, which has both; the case starts bpf beside it

# The fields of signal and death records that may differ, and why. docs/backends.md lists them for users.
MAY_DIFFER = {
    "time": "each reads the clock in a probe of its own",
    "seq": "counted in the order in which records leave; stap's come from each CPU on its own",
    "verdict.signal_seq": "the same number",
    "verdict.chain*.time": "as above",
    "verdict.chain*.signal_seq": "as above",
}
CLOSE = 0.5  # seconds between the two clocks' readings, on an emulated machine


def forked_sender(pid):
    child = os.fork()
    if child == 0:
        os.kill(pid, signal.SIGTERM)
        os._exit(0)
    os.waitpid(child, 0)


def thread_of(pid):
    return next(int(tid) for tid in os.listdir(f"/proc/{pid}/task") if int(tid) != pid)


class Scene:
    """Victims, each with what happens to it."""

    def __init__(self, folder):
        self.tool = os.path.join(folder, "tool")
        shutil.copy("/bin/sh", self.tool)
        self.acts = []
        self.add(victim(), lambda p: subprocess.run(["/bin/kill", "-TERM", str(p.pid)], cwd="/usr"))
        self.add(victim(), lambda p: subprocess.run([self.tool, "-c", f"exec /bin/kill -9 {p.pid}", "\x1b[2J\n", ""]))
        self.add(victim(), lambda p: subprocess.run(["sh", "-c", f"rm {self.tool}; kill -9 {p.pid}; exit 0", "x" * 9000]))
        self.add(victim(), lambda p: forked_sender(p.pid))
        self.add(victim(), lambda p: LIBC.syscall(SYS_TKILL, p.pid, 15))
        self.add(victim(), lambda p: LIBC.syscall(SYS_TGKILL, p.pid, p.pid, 9))
        self.add(victim(), lambda p: LIBC.syscall(SYS_QUEUE, p.pid, 34, siginfo(34, -1)))
        self.add(victim(), lambda p: LIBC.syscall(SYS_TGQUEUE, p.pid, p.pid, 15, siginfo(15, -1)))
        self.add(victim(), lambda p: LIBC.syscall(SYS_PIDFD, os.pidfd_open(p.pid), 9, None, 0))
        self.add(victim(), self.ignored_and_pending)
        threads = "import threading, time; threading.Thread(target=time.sleep, args=(600,), daemon=True).start(); "
        self.add(python(threads + READY), lambda p: LIBC.syscall(SYS_TGKILL, p.pid, thread_of(p.pid), 12))
        self.add(python(f"{READY}; import os; os.kill(os.getpid(), 9)"), go)
        self.add(python(f"{READY}; import os; os.abort()"), go)
        self.add(python(f"{READY}; import ctypes; ctypes.string_at(0)"), go)
        self.add(python(f"{READY}; raise SystemExit(3)"), go)

    def add(self, process, act):
        self.acts.append((process, act))

    @staticmethod
    def ignored_and_pending(process):
        process.send_signal(signal.SIGWINCH)
        process.send_signal(signal.SIGSTOP)
        until(lambda: open(f"/proc/{process.pid}/stat").read().rpartition(")")[2].split()[0] == "T")
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGTERM)
        process.kill()

    def play(self):
        for process, act in self.acts:
            act(process)
            process.wait()


def differences(one, other, path=""):
    """(path, first value, second value) of every field in which two records differ; members of lists have no number."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            yield from differences(one.get(name, "absent"), other.get(name, "absent"), f"{path}.{name}".lstrip("."))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for mine, yours in zip(one, other):
            yield from differences(mine, yours, path)
    elif one != other:
        yield path, one, other


def without_times(sentence):
    """A time of day, and the time from one signal to another."""
    return re.sub(r"\b\d\d:\d\d:\d\d\.\d{3}|\b\d+(\.\d+)? m?s after\b", "TIME", sentence)


def comparable(record):
    """A verdict's sentences have times. The calls of an exit are bpf's alone (docs/backends.md)."""
    if record["type"] == "death":
        record["verdict"].pop("texts", None)  # the same sentences in parts
        evidence = record["verdict"]["evidence"]
        if record["exit"]["kind"] == "exit":
            record.pop("frames", None)
            evidence = list(itertools.takewhile(lambda line: not line.startswith("calls of "), evidence))
        record["verdict"]["evidence"] = [without_times(line) for line in evidence]
        record["verdict"]["summary"] = without_times(record["verdict"]["summary"])
    return record


def story_of(watch, pid):
    """The records of one process; each of its signals came before the next was sent."""
    return [comparable(record) for record in watch.of("signal") + watch.of("death")
            if (record.get("target") or record["process"])["pid"] == pid]


def seconds(record):
    return datetime.fromisoformat(record["time"][:26]).timestamp()


def check_story(pid, stap, bpf):
    assert [r["type"] for r in stap] == [r["type"] for r in bpf], (pid, stap, bpf)
    unlike = []
    for one, other in zip(stap, bpf):
        assert abs(seconds(one) - seconds(other)) < CLOSE, (one, other)
        unlike += [found for found in differences(one, other)
                   if not any(fnmatch.fnmatch(found[0], pattern) for pattern in MAY_DIFFER)]
    assert not unlike, "\n".join(f"{path}: stap {one!r}, bpf {other!r}" for path, one, other in unlike)


def both_report_the_same():
    if [int(word) for word in os.uname().release.split(".")[:2]] < [5, 17]:
        raise Skipped("the bpf backend does not know the kernel's functions before Linux 5.17 (docs/causes.md)")
    scene = Scene(tempfile.mkdtemp())
    targets = [word for process, _ in scene.acts for word in ("--pid", str(process.pid))]
    # Two watches at once on an emulated machine: a stack's functions take longer than usual.
    targets += ["--ask-limit", "60"]
    stap = Watch(*targets, on="stap")
    bpf = Watch(*targets, on="bpf")
    scene.play()
    for watch in stap, bpf:
        until(lambda: len(watch.of("death")) == len(scene.acts))
    bpf.finish()
    stap.finish()
    for process, _ in scene.acts:
        check_story(process.pid, story_of(stap, process.pid), story_of(bpf, process.pid))
    one, other = stap.of("summary")[0], bpf.of("summary")[0]
    # Each backend counts its own lost events of other processes. No event of the scene was lost, or it would show above.
    print("lost:", [(loss["count"], loss["where"]) for watch in (stap, bpf) for loss in watch.of("loss")], flush=True)
    for key in "signals", "deaths":
        assert one[key] == other[key], (one, other)
    assert one["signals"] >= len(scene.acts) + 3, one
    one, other = stap.of("session")[0], bpf.of("session")[0]
    assert one["host"] == other["host"] and one["targets"] == other["targets"], (one, other)
    causes = {d["verdict"]["cause"] for d in bpf.of("death")}
    assert causes == {"kill", "tkill", "sigqueue", "pidfd", "self", "fault", "exit"}, causes
    results = {s["signal"]["result"] for s in bpf.of("signal")}
    assert {"delivered", "ignored", "already_pending"} <= results, results
