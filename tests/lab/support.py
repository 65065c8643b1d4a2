"""Runs stapkill in the guest and reads its stream. Everything here is real: the kernel, stap, the processes."""
import ctypes
import json
import os
import signal
import subprocess
import tempfile
import time

LIBC = ctypes.CDLL(None, use_errno=True)
SYS_TKILL, SYS_TGKILL, SYS_QUEUE, SYS_TGQUEUE, SYS_PIDFD = 200, 234, 129, 297, 424
LIMIT = 90


def until(what, limit=LIMIT):
    """Waits until what() gives something true, and returns that."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("waited in vain for " + (what.__doc__ or what.__name__))


def loaded():
    with open("/proc/modules") as modules:
        return [line.split()[0] for line in modules if line.startswith("stapkill_")]


class Watch:
    """One `stapkill watch --format jsonl`; records() is what it has written so far."""

    def __init__(self, *arguments, wait=True, **popen):
        self.folder = tempfile.mkdtemp()
        self.file = os.path.join(self.folder, "stream")
        self.process = subprocess.Popen(
            ["stapkill", "watch", "--format", "jsonl", "--output", self.file, *arguments],
            stdin=subprocess.DEVNULL, stderr=open(os.path.join(self.folder, "stderr"), "wb"), **popen)
        if wait:
            until(lambda: self.of("armed") or self.process.poll() is not None)
            assert self.of("armed"), self.errors()

    def errors(self):
        with open(os.path.join(self.folder, "stderr"), errors="replace") as file:
            return file.read()

    def records(self):
        try:
            with open(self.file, encoding="utf-8") as file:
                text = file.read()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in text[:text.rfind("\n") + 1].splitlines()]

    def of(self, kind):
        return [record for record in self.records() if record["type"] == kind]

    def finish(self, number=signal.SIGINT):
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(LIMIT)
        assert self.records()[-1]["type"] == "summary", self.records()[-1]
        assert not loaded(), loaded()
        return self.records()

    def death(self):
        """The one death, after the session has ended by it."""
        assert self.process.wait(LIMIT) == 0, self.errors()
        deaths = self.of("death")
        assert len(deaths) == 1, deaths
        self.finish()
        return deaths[0]

    def fatal(self):
        """The one death and the signal record that its verdict points at."""
        death = self.death()
        signals = [s for s in self.of("signal") if s["seq"] == death["verdict"]["signal_seq"]]
        assert len(signals) == 1, (death["verdict"], self.of("signal"))
        return death, signals[0]


def victim(*argv):
    return subprocess.Popen(argv or ["sleep", "600"])


def watch_victim(process, *more):
    return Watch("--pid", str(process.pid), "--until-death", "--duration", str(LIMIT), *more)


def check_kill(watch, process, cause, syscall, number=9, name="SIGKILL"):
    """What every case of a signal that another process sent has in common."""
    death, fatal = watch.fatal()
    process.wait()
    assert death["process"]["pid"] == process.pid
    assert death["exit"]["kind"] == "signal" and death["exit"]["signal"] == number, death["exit"]
    assert death["exit"]["signal_name"] == name and death["exit"]["shell_code"] == 128 + number
    verdict = death["verdict"]
    assert verdict["cause"] == cause and verdict["by"] == "process", verdict
    assert verdict["confidence"] == "certain", verdict
    assert verdict["killer"]["pid"] == fatal["sender"]["pid"]
    assert fatal["by"] == "process" and fatal["signal"]["number"] == number
    assert fatal["syscall"] == {"name": syscall, "ret": 0}, fatal["syscall"]
    assert fatal["target"]["pid"] == process.pid
    assert fatal["ancestry"][-1]["pid"] == 1, [p["pid"] for p in fatal["ancestry"]]
    assert fatal["ancestry"] == death["ancestry"]
    return death, fatal


def pids(processes):
    return [process["pid"] for process in processes]
