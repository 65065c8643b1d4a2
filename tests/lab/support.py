"""Runs stapkill and reads its stream. Everything here is real: the kernel, the backend, the processes."""
import ctypes
import datetime
import itertools
import json
import os
import re
import signal
import struct
import subprocess
import sys
import tempfile
import time

LIBC = ctypes.CDLL(None, use_errno=True)
SYS_TKILL, SYS_TGKILL, SYS_QUEUE, SYS_TGQUEUE, SYS_PIDFD = 200, 234, 129, 297, 424
SYS_BPF, SYS_CLONE3 = 321, 435
LIMIT = 180 if os.path.isdir("/share") else 90  # seconds; everything takes longer in the guest
BINARY = os.environ.get("STAPKILL_BINARY", "stapkill")


def backend():
    """The backend on which the cases run now: stap or bpf."""
    return os.environ.get("STAPKILL_TEST_BACKEND", "stap")


class Skipped(Exception):
    """This kernel or distribution lacks something that a case needs; the message says what."""


def stap_version():
    """SystemTap's version as numbers: [4, 8]."""
    printed = subprocess.run(["stap", "-V"], capture_output=True, text=True, check=True)
    return [int(part) for part in re.search(r"version (\d+)\.(\d+)", printed.stdout + printed.stderr).groups()]


def needs(path, what):
    """Skips the case if that file is missing."""
    if not os.path.exists(path):
        raise Skipped(f"there is no {path}: {what}")


def until(what, limit=LIMIT, step=0.05):
    """Waits until what() returns a true value, and returns that."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(step)
    raise AssertionError("waited in vain for " + (what.__doc__ or what.__name__))


# ---------------------------------------------------------------------------------------------------------------------
# What stapkill has in the kernel

def loaded():
    """SystemTap's modules by name."""
    try:
        with open("/proc/modules") as modules:
            return [line.split()[0] for line in modules if line.startswith("stapkill_")]
    except FileNotFoundError:  # a kernel without modules
        return []


# The commands of bpf(2) that open an object by its id, with the name of that id in /proc/PID/fdinfo.
BY_ID = {"prog_id": 13, "map_id": 14, "link_id": 30}


def held(pid):
    """The BPF programs, maps and links that a process has open: {(kind, id)}; empty if it has ended."""
    found = set()
    try:
        for entry in os.listdir(f"/proc/{pid}/fdinfo"):
            found |= ids_in(f"/proc/{pid}/fdinfo/{entry}")
    except (FileNotFoundError, ProcessLookupError):
        pass
    return found


def ids_in(file):
    try:
        with open(file) as lines:
            fields = [line.split(":", 1) for line in lines if ":" in line]
    except (FileNotFoundError, ProcessLookupError):  # closed meanwhile
        return set()
    return {(kind, int(value)) for kind, value in fields if kind in BY_ID}


def in_kernel(thing):
    """Whether the kernel still has a BPF program, map or link with that id."""
    kind, number = thing
    attributes = (ctypes.c_uint32 * 32)(number)
    file = LIBC.syscall(SYS_BPF, BY_ID[kind], attributes, ctypes.sizeof(attributes))
    if file < 0:
        return False
    os.close(file)
    return True


def recording():
    """The options that record a case's events, for tests/recordings/make: the first watch of each case."""
    folder = os.environ.get("STAPKILL_TEST_RECORDINGS")
    if not folder:
        return []
    file = os.path.join(folder, os.environ["STAPKILL_TEST_CASE"] + ".events")
    return [] if os.path.exists(file) else ["--record-events", file]


def records_of(path):
    """The records that a program has written whole; the last line may still be on its way."""
    try:
        with open(path, "rb") as file:
            written = file.read()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in written[:written.rfind(b"\n") + 1].split(b"\n")[:-1]]


class Watch:
    """One `stapkill watch --format jsonl`; records() is what it has written so far."""

    def __init__(self, *arguments, wait=True, before=(), piped=False, on=None, **popen):
        """`before` is put before the command line; with `piped` the stream can be read from self.pipe; `on` names
        another backend than the case's."""
        self.backend = on or backend()
        self.folder = tempfile.mkdtemp()
        self.file = os.path.join(self.folder, "stream")
        self.held = set()
        with open(os.path.join(self.folder, "stderr"), "wb") as errors:
            self.process = subprocess.Popen(
                [*before, BINARY, "watch", "--backend", self.backend, "--format", "jsonl",
                 "--record" if piped else "--output", self.file, *recording(), *arguments],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE if piped else None, stderr=errors, bufsize=0, **popen)
        self.pipe = self.process.stdout
        if wait:
            self.armed()

    def armed(self):
        """Waits until no event can be missed."""
        until(lambda: self.of("armed") or self.process.poll() is not None)
        assert self.of("armed"), self.errors()
        if self.backend == "bpf" and self.process.poll() is None:
            self.held = held(self.process.pid)

    def errors(self):
        """Its standard error so far."""
        with open(os.path.join(self.folder, "stderr"), errors="replace") as file:
            return file.read()

    def records(self):
        return records_of(self.file)

    def of(self, kind):
        return [record for record in self.records() if record["type"] == kind]

    def is_in_kernel(self):
        """Whether anything of this watch is in the kernel (the owners of SystemTap's modules are not known)."""
        return any(map(in_kernel, self.held)) if self.backend == "bpf" else bool(loaded())

    def finish(self, number=signal.SIGINT):
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(LIMIT)
        assert self.records()[-1]["type"] == "summary", self.records()[-1]
        if self.backend == "stap":
            assert not loaded(), loaded()
        else:  # the kernel removes the programs shortly after they were closed
            until(lambda: not self.is_in_kernel())
        return self.records()

    def death(self):
        """The only death, after it has ended the session."""
        assert self.process.wait(LIMIT) == 0, self.errors()
        deaths = self.of("death")
        assert len(deaths) == 1, deaths
        self.finish()
        return deaths[0]

    def fatal(self):
        """The only death, and the signal record that its verdict names."""
        death = self.death()
        signals = [s for s in self.of("signal") if s["seq"] == death["verdict"]["signal_seq"]]
        assert len(signals) == 1, (death["verdict"], self.of("signal"))
        return death, signals[0]


def victim(*argv):
    return subprocess.Popen(argv or ["sleep", "600"])


def victim_with_a_handler():
    """A victim with a handler for SIGUSR1, so that none counts as ignored."""
    code = "import signal, time\nsignal.signal(10, lambda *_: None)\nprint(1, flush=True)\nwhile True: time.sleep(600)"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    process.stdout.readline()
    return process


def born_as(pid, *argv):
    """A child with exactly this pid, which must be free (clone3(2), set_tid)."""
    wanted = ctypes.c_int(pid)
    # struct clone_args: exit_signal is the fifth, set_tid and set_tid_size are the ninth and the tenth
    arguments = (ctypes.c_uint64 * 11)(0, 0, 0, 0, signal.SIGCHLD, 0, 0, 0, ctypes.addressof(wanted), 1, 0)
    # Not with LIBC, which releases Python's lock during the call: the child could not take it back.
    child = ctypes.PyDLL(None).syscall(SYS_CLONE3, arguments, ctypes.sizeof(arguments))
    if child == 0:
        try:
            os.execvp(argv[0], argv)
        finally:
            os._exit(127)
    assert child == pid, f"pid {pid} is not free"
    return pid


def put_down(pid):
    """Kills a child and waits for its end."""
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def watch_victim(process, *more, **options):
    return Watch("--pid", str(process.pid), "--until-death", "--duration", str(LIMIT), *more, **options)


def check_kill(watch, process, cause, syscall, number=9, name="SIGKILL"):
    """The checks of all cases in which another process sends a signal."""
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
    call = fatal["syscall"]
    assert (call["name"], call["ret"]) == (syscall, 0), call
    assert call["aims_at"] == aim_of(syscall, call["pid"]), call
    assert verdict["initiator"]["pid"] == verdict["chain"][0]["process"]["pid"], verdict
    assert verdict["chain"][-1]["signal_name"] == name, verdict["chain"]
    assert fatal["target"]["pid"] == process.pid
    assert fatal["ancestry"][-1]["pid"] == 1, [p["pid"] for p in fatal["ancestry"]]
    assert fatal["ancestry"] == death["ancestry"]
    check_history(death)
    return death, fatal


def aim_of(call, pid):
    """The target of a call (`aims_at` in stapkill-stream(5))."""
    if call in ("tkill", "tgkill", "rt_tgsigqueueinfo"):
        return "thread"
    if call != "kill" or pid > 0:
        return "process"
    return {0: "own-group", -1: "everyone"}.get(pid, "group")


scores = []  # the results of check_cause, for scripts/causes


def knows_functions():
    """Whether the backend knows the names of the kernel's functions: on bpf since Linux 5.17 (docs/causes.md)."""
    return backend() != "bpf" or [int(word) for word in os.uname().release.split(".")[:2]] >= [5, 17]


# The verdicts for causes that only the kernel's stack shows, where the stack is not known (docs/causes.md).
WITHOUT_STACK = {cause: ["unknown"] for cause in ("bpf", "cgroup-kill", "pidns-exit", "timer", "tty-hangup", "tty-signal")}
WITHOUT_STACK["sysrq"] = ["unknown", "oom-global"]


def shown_by_stack(verdict, cause):
    """Skips the rest of the case if the kernel does not show this cause; the verdict must not be another certain one."""
    if knows_functions() or verdict["cause"] == cause or cause not in WITHOUT_STACK:
        return
    assert verdict["cause"] in WITHOUT_STACK[cause] and verdict["confidence"] != "certain", verdict
    raise Skipped(f"{cause} is {verdict['cause']} on bpf: Linux {os.uname().release} does not show its functions")


history = []  # the store of a recorder that runs beside the cases, and how many of its verdicts were the live ones


def essence(verdict):
    """What must be the same in a history as live."""
    pid = lambda process: process and process["pid"]
    return {"cause": verdict["cause"], "by": verdict["by"], "confidence": verdict["confidence"], "rule": verdict["rule"],
            "killer": pid(verdict["killer"]), "initiator": pid(verdict["initiator"]),
            "chain": [(step["what"], pid(step["process"]), step["signal_name"]) for step in verdict["chain"]]}


def seconds(time):
    """Of a time in a record; those of two watches can differ a little."""
    return datetime.datetime.fromisoformat(time[:26] + "+00:00").timestamp()


def check_history(death):
    """`why` says the same of a death that a watch has reported, where a recorder runs."""
    if not history:
        return
    store, pid, began = history[0], death["process"]["pid"], seconds(death["process"]["start"])
    ask = [BINARY, "why", "--store", store, "--pid", str(pid), "--limit", "5", "--format", "jsonl"]
    stored = lambda: [record for record in map(json.loads, subprocess.run(ask, capture_output=True).stdout.splitlines())
                      if abs(seconds(record["process"]["start"]) - began) < 1]
    found = until(stored, limit=10)[0]
    if death["verdict"]["cause"] == "unknown":
        return  # the recorder may have watched before, and seen more
    assert essence(found["verdict"]) == essence(death["verdict"]), (essence(found["verdict"]), essence(death["verdict"]))
    history[1] += 1


def check_cause(death, cause, killer=None, argv=None, confidence="certain"):
    """Checks a verdict: its cause, the killer (a pid, or None) and the killer's command line."""
    verdict = death["verdict"]
    shown_by_stack(verdict, cause)
    named = verdict["killer"]
    right = {"cause": verdict["cause"] == cause, "killer": (named and named["pid"]) == killer,
             "argv": argv is None or bool(named) and named["argv"] == argv}
    scores.append(right)
    assert all(right.values()), (right, cause, killer, argv, verdict)
    by = "self" if cause in ("exit", "self") else "process" if killer else "kernel"
    allowed = {confidence} if knows_functions() else {confidence, "likely"}
    assert verdict["by"] == by and verdict["confidence"] in allowed, verdict
    assert verdict["evidence"] and verdict["summary"].endswith("."), verdict
    check_history(death)
    return verdict


def ended(watch, cause, killer=None, argv=None, number=None, confidence="certain"):
    """The only death of a watch, which ends it; checked by check_cause."""
    death = watch.death()
    assert number is None or death["exit"]["signal"] == number, death["exit"]
    check_cause(death, cause, killer, argv, confidence)
    return death


def says(death, text):
    """Checks that the verdict has this text, in its sentence or in its evidence."""
    verdict = death["verdict"]
    assert any(text in line for line in [verdict["summary"], *verdict["evidence"]]), verdict


READY = "print(1, flush=True); input()"


def python(code, **popen):
    """A process that runs this code; when this returns, it has run everything before its READY."""
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, **popen)
    process.stdout.readline()
    return process


def go(process):
    """Lets it go on after its READY."""
    process.stdin.write(b"\n")
    process.stdin.flush()


def printed_pid(process):
    """The number in the next line that it prints."""
    return int(process.stdout.readline())


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def mounted(wanted):
    """The path where a file system of that kind is mounted; mounts it if needed."""
    for line in open("/proc/mounts"):
        place, kind = line.split()[1:3]
        if kind == wanted:
            return place
    place = tempfile.mkdtemp()
    subprocess.run(["mount", "-t", wanted, "none", place], check=True)
    return place


groups = itertools.count()  # a failed case leaves its cgroup


def memory_cgroup(limit):
    """A cgroup with a limit and no swap, in the version that has the memory controller here, with a long name."""
    first = "/sys/fs/cgroup/memory"
    root = first if os.path.exists(first + "/memory.limit_in_bytes") else mounted("cgroup2")
    # A container's id has 64 digits.
    group = f"{root}/stapkill-test-{os.getpid()}-{next(groups)}-".ljust(len(root) + 100, "c")
    if root != first:
        write(root + "/cgroup.subtree_control", "+memory")
    os.mkdir(group)
    write(group + ("/memory.limit_in_bytes" if root == first else "/memory.max"), str(limit))
    return group


def plain_cgroup():
    """A cgroup of the unified hierarchy."""
    group = f"{mounted('cgroup2')}/stapkill-test-{os.getpid()}-{next(groups)}"
    os.mkdir(group)
    return group


class Pid:
    """A process that is not a child of this one, in the form that watch_victim takes."""

    def __init__(self, pid):
        self.pid = pid


def descendants(pid):
    """The descendants of a process, parents first."""
    found = []
    for child in open(f"/proc/{pid}/task/{pid}/children").read().split():
        found += [int(child), *descendants(int(child))]
    return found


# PTRACE_SEIZE with PTRACE_O_EXITKILL (ptrace(2))
TRACER = ("import ctypes, os; libc = ctypes.CDLL(None); print(1, flush=True)\n"
          "assert libc.ptrace(0x4206, {pid}, 0, ctypes.c_long(1 << 20)) == 0; print(1, flush=True); input()")


def pids(processes):
    return [process["pid"] for process in processes]


def siginfo(number, code):
    """A siginfo_t as rt_sigqueueinfo(2) takes it."""
    return struct.pack("iiiiiiq", number, 0, code, 0, os.getpid(), 0, 7) + bytes(96)
