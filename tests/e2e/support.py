"""Shared by the end-to-end tests: a made-up host around the real binary, and plays for the fake SystemTap."""

import fcntl
import functools
import json
import os
import platform
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import unittest
from collections import namedtuple
from pathlib import Path

BINARY = os.environ.get("STAPKILL_BINARY", "stapkill")
FAKES = Path(__file__).resolve().parent.parent / "fake-stap"
RELEASE = os.uname().release
# Put before a command: runs it without the system calls that came after Linux 3.10.
OLD_KERNEL = (sys.executable, "-B", str(Path(__file__).resolve().with_name("old_kernel.py")))
EVERY = OLD_KERNEL if os.environ.get("STAPKILL_ON_OLD_KERNEL") else ()
PATIENCE = 40.0  # seconds, for a busy machine and a build with sanitizers; a wait ends as soon as it can
KILL_CALL = {"x86_64": 62, "aarch64": 129}.get(platform.machine(), 37)
IS_ROOT = os.geteuid() == 0

needs_root = unittest.skipUnless(IS_ROOT, "watching needs root")


@functools.cache
def backends_built():
    """The backends of this build, from --version."""
    text = subprocess.run([BINARY, "--version"], capture_output=True, text=True, check=True).stdout
    return re.search(r"^backends: ([a-z ]+?)(?: \(.*)?$", text, re.M).group(1).split()


def has_bpf():
    return "bpf" in backends_built()


# ---------------------------------------------------------------------------------------------------------------------
# The wire: docs/wire.md, tapsets/capture.stp

Task = namedtuple("Task", "pid start uid comm tid", defaults=(None,))


def field(value):
    """Bytes as one field, as the module writes them: a str means Latin-1 bytes, None means unknown."""
    if value is None:
        return "-"
    if value == "":
        return "%"
    escaped = re.sub(r"[\x00-\x20%\x7f]", lambda found: f"%{ord(found.group()):02x}", value)
    return "%2d" if escaped == "-" else escaped


def bytes_of(value):
    """Bytes as text in a play."""
    return value.decode("latin-1")


def argv_of(*words):
    return "".join(word + "\0" for word in words)


def signal_fields(sender, target, number=signal.SIGKILL, code=0, result=0, call=KILL_CALL, own=1, ancestors="-"):
    def side(task):
        return f"{task.pid} {task.tid or task.pid} {task.start} {task.uid} {field(task.comm)}"

    return f"{int(number)} {code} {result} 1 {call} {own} {side(sender)} {side(target)} {ancestors}"


class Play:
    """A list of steps for tests/fake-stap/staprun, in the order in which its methods are called."""

    def __init__(self, armed=True):
        self.steps = [["arm"]] if armed else []

    def step(self, *words):
        self.steps.append(list(words))
        return self

    def touch(self, path):
        return self.step("touch", str(path))

    def wait(self, path):
        return self.step("wait", str(path))

    def skip(self, count, cpu=0):
        return self.step("skip", count, cpu)

    def line(self, kind, fields, cpu=0):
        return self.step("line", kind, fields, cpu)

    def settled(self):
        """Waits until stapkill has seen that its probes are live: the next step may end the play at once."""
        return self.step("order", "?0")

    def signal(self, sender, target, number=signal.SIGKILL, cpu=0, **more):
        return self.line("S", signal_fields(sender, target, number, **more), cpu)

    def returned(self, task, value=0, call=0):
        return self.line("K", f"{task.pid} {task.tid or task.pid} {call} {value}")

    def image(self, task, kind="P", parent=1, exe=None, cwd=None, cgroup=None, argv=None, argv_bytes=None):
        size = argv_bytes if argv_bytes is not None else len(argv or "")
        return self.line(kind, f"{task.pid} {task.tid or task.pid} {task.start} {parent} {task.uid} {field(task.comm)} "
                               f"{field(exe)} {field(cwd)} {field(cgroup)} {size} {field(argv)}")

    def fork(self, parent, child):
        return self.line("F", f"{parent.pid} {parent.pid} {parent.start} "
                              f"{child.pid} {child.start} {child.uid} {field(child.comm)}")

    def rename(self, task, comm):
        return self.line("R", f"{task.pid} {task.start} {field(comm)}")

    def ended(self, task, status, watched=1):
        return self.line("E", f"{task.pid} {task.tid or task.pid} {task.start} "
                              f"{int(status)} {watched} 0 {task.uid} {field(task.comm)}")


KILLER = Task(4000001, 700, 0, "killer")
SHELL = Task(4000002, 600, 0, "bash")


def killed(target, number=signal.SIGKILL, sender=KILLER):
    """The shortest complete play: one signal, and the death by it."""
    return Play().image(sender, exe="/usr/bin/killer", cwd="/srv", argv=argv_of("killer", "--all", "a b")).signal(
        sender, target, number).returned(sender).ended(target, number)


# ---------------------------------------------------------------------------------------------------------------------
# Processes

def until(condition, what="a condition", patience=PATIENCE):
    deadline = time.monotonic() + patience
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain for {what}")
        time.sleep(0.01)
    return found


def start_of(pid):
    """Field 22 of /proc/PID/stat, counted from after the name."""
    return int(Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[19])


def comm_of(pid):
    return Path(f"/proc/{pid}/comm").read_text(encoding="latin-1").rstrip("\n")


def records_of(text):
    return [json.loads(line) for line in text.splitlines()]


class Ended(namedtuple("Ended", "status out err")):
    """The result of a run: exit status (negative: the signal), standard output and error as bytes."""

    def __repr__(self):
        """Shortened: a stream holds the command lines of this host's processes."""
        return f"Ended(status={self.status}, out={self.out[:400]}, err={self.err[:2000]})"

    @property
    def text(self):
        return self.out.decode()

    @property
    def error(self):
        return self.err.decode()

    @property
    def records(self):
        return records_of(self.text)

    def of(self, kind):
        return [record for record in self.records if record["type"] == kind]


class Running:
    """A running stapkill; its output is collected."""

    def __init__(self, process):
        self.process = process
        self.collected = {"out": bytearray(), "err": bytearray()}
        self.threads = []
        for name, stream in (("out", process.stdout), ("err", process.stderr)):
            if stream is not None:
                thread = threading.Thread(target=self._collect, args=(name, stream), daemon=True)
                thread.start()
                self.threads.append(thread)

    def _collect(self, name, stream):
        while chunk := os.read(stream.fileno(), 65536):
            self.collected[name] += chunk
        stream.close()

    @property
    def pid(self):
        return self.process.pid

    def until_out(self, text):
        """Waits until it has written this, or has ended: then the test shows what it wrote instead."""
        self._until_written("out", text)

    def until_err(self, text):
        self._until_written("err", text)

    def _until_written(self, name, text):
        until(lambda: text.encode() in self.collected[name] or self.process.poll() is not None, f"{text!r} on {name}")
        if text.encode() not in self.collected[name]:
            for thread in self.threads:
                thread.join(PATIENCE)
        if text.encode() not in self.collected[name]:
            raise AssertionError(f"ended with {self.process.returncode} without {text!r}: {self.collected}")

    def signal(self, number):
        self.process.send_signal(number)

    def end(self, patience=PATIENCE):
        """Waits for its end."""
        try:
            status = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"it did not end within {patience} s: {self.collected}") from None
        for thread in self.threads:
            thread.join(PATIENCE)
        return Ended(status, bytes(self.collected["out"]), bytes(self.collected["err"]))


class Case(unittest.TestCase):
    """A test with a host of its own: cache, kernel headers, SystemTap's runtime, /proc/systemtap."""

    maxDiff = None
    backend = "stap"  # the --backend of `watch` if a test names none; None: no --backend

    def setUp(self):
        self.root = Path(tempfile.mkdtemp(prefix="stapkill-e2e."))
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)
        self.root.chmod(0o755)
        self.cache = self.root / "cache"
        self.log = self.root / "log"
        # Through this process's own mount: a stap that is confined to the cache can still write its log.
        root = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        self.addCleanup(os.close, root)
        self.proc = self.root / "proc"
        self.proc.mkdir()
        self.make_headers()
        self.make_runtime()
        self.environment = {
            "PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
            "HOME": str(self.root),
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm",
            "STAPKILL_STAP": str(FAKES / "stap"),
            "STAPKILL_STAPRUN": str(FAKES / "staprun"),
            "STAPKILL_PROC_SYSTEMTAP": str(self.proc),
            "STAPKILL_CACHE": str(self.cache),
            "STAPKILL_MODULES": str(self.root / "modules"),
            "SYSTEMTAP_RUNTIME": str(self.root / "runtime"),
            "FAKE_LOG": f"/proc/{os.getpid()}/fd/{root}/log",
        }
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "LD_LIBRARY_PATH"):
            if name in os.environ:
                self.environment[name] = os.environ[name]

    # -- the host

    def make_headers(self):
        release = self.root / "modules" / RELEASE
        build, source = release / "build", release / "source"
        for folder in (build / "include/config", build / "include/generated", build / "scripts",
                       source / "include/linux", source / "include/trace/events"):
            folder.mkdir(parents=True)
        (build / "Module.symvers").write_text("0x00000000\tprintk\tvmlinux\tEXPORT_SYMBOL\n")
        (build / ".config").write_text("CONFIG_MODULES=y\n")
        (build / "Makefile").write_text("")
        (build / "include/config/kernel.release").write_text(RELEASE + "\n")
        for name in ("sched.h", "task_work.h", "uprobes.h"):
            (source / "include/linux" / name).write_text("/* made for a test */\n")
        for name in ("signal.h", "sched.h", "task.h", "oom.h", "irq.h"):
            (source / "include/trace/events" / name).write_text("/* made for a test */\n")
        self.headers = source / "include"

    def make_runtime(self):
        (self.root / "runtime/transport").mkdir(parents=True)
        (self.root / "runtime/stp_task_work.c").write_text("/* made for a test */\n")
        (self.root / "runtime/transport/transport.c").write_text("/* made for a test */\n")

    def need_task_work_shim(self):
        """Changes the host so that the runtime and the headers do not fit each other."""
        (self.headers / "linux/task_work.h").write_text(
            "struct callback_head *task_work_cancel_func(struct task_struct *, task_work_func_t);\n")
        (self.root / "runtime/stp_task_work.c").write_text('kallsyms_lookup_name("task_work_cancel");\n')

    # -- processes

    def target(self, program="/bin/sleep", name=None):
        """A process that lives until the test ends, as a task on the wire."""
        words = [program, "300"]
        if name:
            copy = self.root / name
            shutil.copy(shutil.which("sleep"), copy)
            words[0] = str(copy)
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(self.put_down, process)
        # Popen returns when the exec has happened: the name is the program's by now.
        return Task(process.pid, start_of(process.pid), os.getuid(), comm_of(process.pid))

    @staticmethod
    def put_down(process):
        if process.poll() is None:
            process.kill()
        process.wait()

    def missing_pid(self):
        """A pid that no process has, from a range that the kernel does not use."""
        return next(pid for pid in range(4194000, 4190000, -1) if not os.path.exists(f"/proc/{pid}"))

    def stage(self, play):
        """Writes a play where the fake staprun finds it."""
        path = self.root / "play.json"
        path.write_text(json.dumps(play.steps))
        self.environment["FAKE_STAPRUN_SCENARIO"] = str(path)

    def with_backend(self, words):
        """On a machine that loads no modules `auto` would not use the fake SystemTap."""
        own = [str(word) for word in words[:words.index("--")]] if "--" in words else [str(word) for word in words]
        silent = not any(word.split("=")[0] == "--backend" for word in own)
        if self.backend and silent and words[:1] == ("watch",):
            return ("watch", "--backend", self.backend, *words[1:])
        return words

    def start(self, *words, play=None, stdout=subprocess.PIPE, stderr=subprocess.PIPE, environment=None, before=(),
              binary=BINARY, **more):
        if play is not None:
            self.stage(play)
        command = [*EVERY, *before, str(binary), *map(str, self.with_backend(words))]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, cwd=self.root,
                                   env={**self.environment, **(environment or {})}, **more)
        self.addCleanup(self.put_down, process)
        return Running(process)

    def run_it(self, *words, patience=PATIENCE, **more):
        return self.start(*words, **more).end(patience)

    def watch(self, *words, play=None, **more):
        """Runs `watch --format jsonl` to its end."""
        return self.run_it("watch", "--format", "jsonl", *words, play=play, **more)

    def prepare_cache(self):
        """Compiles the module, so that the next run starts with staprun."""
        done = self.run_it("watch", "--prepare", "--quiet")
        self.assertEqual(done.status, 0, done.err)

    # -- what the fakes log

    def logged(self, program, key=None):
        entries = [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []
        return [entry for entry in entries if entry["program"] == program and (key is None or key in entry)]

    def calls(self, program):
        """The calls of a program, without those that only ask for its version."""
        return [entry for entry in self.logged(program, "argv") if entry["argv"] != ["-V"]]

    def signals(self, program):
        return [entry["signal"] for entry in self.logged(program, "signal")]

    def builds_left(self):
        return sorted(path.name for path in self.cache.glob("build.*")) if self.cache.exists() else []

    # -- what many tests expect

    def assert_usage(self, ended, *words):
        """stapkill(1): status 2, one line on standard error that names the wrong word and --help."""
        self.assertEqual(ended.status, 2, ended)
        self.assertEqual(ended.out, b"")
        self.assertEqual(ended.error.count("\n"), 1, ended.error)
        for word in (*words, "--help"):
            self.assertIn(word, ended.error)

    def assert_failed(self, ended, *words):
        """Status 1, and one clear error with these words."""
        self.assertEqual(ended.status, 1, ended)
        for word in words:
            self.assertIn(word, ended.error)
        self.assertEqual(len(re.findall(r"^stapkill watch: ", ended.error, re.M)), 1, ended.error)

    def assert_stream(self, ended, status=0):
        """stapkill-stream(5): session first, armed at most once, summary last with the right sums."""
        self.assertEqual(ended.status, status, ended)
        records = ended.records
        self.assertEqual((records[0]["type"], records[-1]["type"]), ("session", "summary"))
        for kind in ("session", "summary"):
            self.assertEqual(len(ended.of(kind)), 1, kind)
        self.assertLessEqual(len(ended.of("armed")), 1)
        summary = records[-1]
        self.assertEqual(summary["signals"], len(ended.of("signal")))
        self.assertEqual(summary["deaths"], len(ended.of("death")))
        self.assertEqual(summary["lost"], sum(record["count"] for record in ended.of("loss")))
        return records


# ---------------------------------------------------------------------------------------------------------------------
# A terminal

class Terminal:
    """A pseudo-terminal of some width; collects its output."""

    def __init__(self, columns=80):
        self.master, self.slave = pty.openpty()
        self.resize(columns)
        self.bytes = bytearray()
        self.thread = threading.Thread(target=self._collect, daemon=True)
        self.thread.start()

    def resize(self, columns):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def _collect(self):
        while True:
            try:
                chunk = os.read(self.master, 65536)
            except OSError:  # EIO: the other end is closed
                return
            if not chunk:
                return
            self.bytes += chunk

    def close(self):
        """Closes our end, waits for the rest, and returns the text with plain line ends."""
        os.close(self.slave)
        self.thread.join(PATIENCE)
        os.close(self.master)
        return self.bytes.decode().replace("\r\n", "\n")


def main():
    unittest.main(module="__main__", argv=sys.argv, verbosity=2)
