"""The text about deaths that belong together, live and from a recording."""
import os
import re
import signal
import subprocess
import tempfile

from support import BINARY, LIMIT, READY, backend, go, python, records_of, until

BACKENDS = ["bpf"]

WORKERS = ("import os, signal, time\n"
           "os.setpgid(0, 0)\n"
           "pids = []\n"
           "for i in range(6):\n"
           "    pids.append(os.fork())\n"
           "    if not pids[-1]:\n"
           "        {child}\n"
           "        while True: time.sleep(600)\n")


class TextWatch:
    """One `stapkill watch` as a person runs it; --record shows when it is armed."""

    def __init__(self, *arguments):
        self.folder = tempfile.mkdtemp()
        self.text, self.stream, self.events = (os.path.join(self.folder, name) for name in ("text", "stream", "events"))
        self.process = subprocess.Popen(
            [BINARY, "watch", "--backend", backend(), "--output", self.text, "--record", self.stream,
             "--record-events", self.events, *arguments], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self.is_armed)

    def is_armed(self):
        """the record armed"""
        return os.path.exists(self.stream) and '"type":"armed"' in open(self.stream).read()

    def deaths(self):
        return [record for record in records_of(self.stream) if record["type"] == "death"]

    def finish(self):
        """Its lines about deaths, which a replay writes as well."""
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(LIMIT) == 0
        again = subprocess.run([BINARY, "replay", self.events], check=True, capture_output=True, text=True).stdout
        live = about_deaths(open(self.text).read())
        assert live == about_deaths(again), (live, about_deaths(again))
        return live


def about_deaths(text):
    return [line for line in text.splitlines() if line.startswith(("✖", "x ")) or " ended within " in line]


def counts(lines, words):
    """How many deaths the lines with these words count."""
    return sum(int(found[1]) for line in lines if (found := re.search(r"(\d+) [\w ]+ ended within", line)) and words in line)


def workers_of_a_group():
    """kill -9 -PGRP: text shows one death and the parent's, and counts the others; each has a record."""
    master = python(WORKERS.format(child="pass") + READY)
    watch = TextWatch("--pid", str(master.pid), "--children")
    subprocess.run(["/bin/sh", "-c", f"kill -9 -{master.pid}"], check=True)
    master.wait()
    until(lambda: len(watch.deaths()) == 7)
    lines = watch.finish()
    shown = [line for line in lines if " was killed by SIGKILL from " in line]
    assert any(f"({master.pid}) was killed" in line for line in shown), lines
    counted = counts(lines, "killed by SIGKILL from sh(")
    assert counted and counted + len(shown) == 7, lines  # on a slow machine a burst has gaps


def workers_that_end_after_their_master():
    """The children notice the parent's end and exit: they are counted as its children."""
    master = python(WORKERS.format(child="signal.pthread_sigmask(0, [10]); __import__('ctypes').CDLL(None).prctl(1, 10); "
                                         "signal.sigwait([10]); os._exit(0)") + READY)
    watch = TextWatch("--pid", str(master.pid), "--children")
    go(master)
    master.wait()
    until(lambda: len(watch.deaths()) == 7)
    lines = watch.finish()
    assert any(f"({master.pid}) ended" in line for line in lines), lines
    shown = [line for line in lines if line.startswith("✖") and " ended within " not in line]
    counted = counts(lines, "with exit status 0")
    assert counted and counted + len(shown) == 7, lines  # on a slow machine a burst has gaps


def two_that_have_nothing_in_common():
    """Two senders at the same time: two sentences."""
    first, second = (subprocess.Popen(["sleep", "600"]) for _ in range(2))
    watch = TextWatch("--pid", str(first.pid), "--pid", str(second.pid))
    killers = [subprocess.Popen(["/bin/kill", "-9", str(one.pid)]) for one in (first, second)]
    for one in (*killers, first, second):
        one.wait()
    until(lambda: len(watch.deaths()) == 2)
    lines = watch.finish()
    assert len(lines) == 2 and all("was killed by SIGKILL from kill(" in line for line in lines), lines
