"""The bpf subjects of scripts/bench, compared with bpftrace in the same run. Medians of runs that take turns."""
import json
import os
import re
import select
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
RELEASE = os.path.join(HERE, "..", "..", "build", "release")
STAPKILL = os.path.join(RELEASE, "stapkill")
RUNS = 5
FLOOD = 100_000
CROWD = 10_000
FORKS = 20_000
LEVELS = 12  # of ancestors that senders and forking processes have, in addition to the bench's own
failures = []  # reasons to fail the whole bench at its end
ONE_LINER = 'tracepoint:signal:signal_generate { printf("%d %d %s %d\\n", args->sig, args->pid, comm, pid); }'


def see_tracepoints():
    """bpftrace reads tracepoints from debugfs. Mounts it if needed, in a mount namespace of this program's own."""
    if os.path.exists("/sys/kernel/debug/tracing/events/signal"):
        return
    mount = "mount -t debugfs none /sys/kernel/debug && mount -t tracefs none /sys/kernel/debug/tracing; exec \"$@\""
    if os.environ.get("STAPKILL_BENCH_MOUNTED"):
        sys.exit("bpftrace finds no tracepoints: debugfs cannot be mounted")
    os.environ["STAPKILL_BENCH_MOUNTED"] = "1"
    os.execvp("unshare", ["unshare", "--mount", "sh", "-c", mount, "sh", sys.executable, *sys.argv])


def medians(variants, runs=RUNS):
    """Calls each variant `runs` times, in turns, so that other load affects all of them. Returns the median of each number
    that a variant gives."""
    results = {name: [] for name in variants}
    for _ in range(runs):
        for name, measure in variants.items():
            results[name].append(measure())
    return {name: [statistics.median(values) for values in zip(*rows)] for name, rows in results.items()}


class Sleeper:
    """A process to be watched: `sleep`, or the named program. Ends with the block."""

    def __init__(self, *command):
        self.command = command or ("sleep", "3600")

    def __enter__(self):
        self.process = subprocess.Popen(self.command)
        time.sleep(0.1)
        return self.process.pid

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


class Watch:
    """`stapkill watch --backend bpf` of some processes into a file, armed; its summary is known after the block."""

    def __init__(self, folder, pids, *options):
        self.path = os.path.join(folder, "record")
        self.command = [STAPKILL, "watch", "--backend", "bpf", "--format", "jsonl", "--output", self.path, *options]
        for pid in pids:
            self.command += ["--pid", str(pid)]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL)
        while not os.path.exists(self.path) or b'"type":"armed"' not in open(self.path, "rb").read(1 << 22):
            if self.process.poll() is not None:
                sys.exit(f"stapkill ended with {self.process.returncode} before it was armed")
            time.sleep(0.02)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        self.bytes = os.path.getsize(self.path)
        with open(self.path, "rb") as file:
            file.seek(max(0, self.bytes - 4096))
            self.summary = json.loads(file.read().splitlines()[-1])
        os.remove(self.path)

    def complete(self, what, count):
        """Whether this many were seen, and none was lost."""
        if self.summary["lost"] == 0 and self.summary[what] >= count:
            return
        failures.append(f"{self.summary[what]:,} of {count:,} {what} recorded, {self.summary['lost']:,} events lost; "
                        f"load average {os.getloadavg()[0]:.1f}")
        print("NOT COMPLETE: " + failures[-1], flush=True)

    def memory(self):
        """MiB resident now, at most, and in the mapped ring buffer."""
        with open(f"/proc/{self.process.pid}/status") as file:
            status = {name: int(value) for name, value in re.findall(r"(VmRSS|VmHWM):\s+(\d+) kB", file.read())}
        ring, inside = 0, False
        with open(f"/proc/{self.process.pid}/smaps") as file:
            for line in file:
                if re.match(r"[0-9a-f]+-", line):
                    inside = "bpf-map" in line
                elif inside and line.startswith("Rss:"):
                    ring += int(line.split()[1])
        return status["VmRSS"] / 1024, status["VmHWM"] / 1024, ring / 1024


class Floor:
    """One of the programs in floor.bpf.c, attached."""

    def __init__(self, name):
        self.command = [os.path.join(RELEASE, "tests", "bench", "stapkill_floor"), name]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self.process.stdout.readline() != b"attached\n":
            sys.exit(f"{' '.join(self.command)}: ended with {self.process.wait()}")

    def __exit__(self, *_):
        self.process.communicate()


class Peer:
    """bpftrace with a script, its output in a file; it is attached when it has printed a signal to a process."""

    def __init__(self, folder, *script):
        self.path = os.path.join(folder, "peer")
        self.command = ["bpftrace", "-B", "line", *script]

    def __enter__(self):
        self.file = open(self.path, "w")
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=self.file, stderr=subprocess.DEVNULL)
        with Sleeper() as sleeper:
            while not re.search(rb"\b%d\b" % sleeper, open(self.path, "rb").read()):
                if self.process.poll() is not None:
                    sys.exit(f"{' '.join(self.command)}: ended with {self.process.returncode}")
                os.kill(sleeper, signal.SIGURG)
                time.sleep(0.02)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        self.file.close()
        os.remove(self.path)


def killsnoop():
    """The tool in Debian's bpftrace package."""
    files = subprocess.run(["dpkg", "-L", "bpftrace"], check=True, capture_output=True, text=True).stdout.splitlines()
    return [name for name in files if name.endswith("/killsnoop.bt")][0]


def compiled(folder, name):
    program = os.path.join(folder, name)
    subprocess.run(["gcc", "-O2", "-o", program, os.path.join(HERE, name + ".c")], check=True)
    return program


def numbers(*command):
    output = subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout
    return [float(word) for word in output.split()]


def arm():
    """From start to the line `armed`; bpftrace: to the first line about a signal; one is sent every millisecond."""

    def ours(target):
        begun = time.monotonic()
        process = subprocess.Popen([STAPKILL, "watch", "--backend", "bpf", "--format", "jsonl", "--pid", str(target)],
                                   stdout=subprocess.PIPE)
        while b'"type":"armed"' not in (line := process.stdout.readline()):
            if not line:
                sys.exit(f"stapkill ended with {process.wait()} before it was armed")
        took = time.monotonic() - begun
        process.send_signal(signal.SIGINT)
        process.communicate()
        return [took * 1000]

    def peer(target, *script):
        begun = time.monotonic()
        process = subprocess.Popen(["bpftrace", "-B", "line", *script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        text = b""
        while not re.search(rb"\b%d\b" % target, text):
            if process.poll() is not None:
                sys.exit(f"bpftrace {' '.join(script)}: ended with {process.returncode}")
            if select.select([process.stdout], [], [], 0.001)[0]:
                text += os.read(process.stdout.fileno(), 65536)
            os.kill(target, signal.SIGURG)
        took = time.monotonic() - begun
        process.send_signal(signal.SIGINT)
        process.communicate()
        return [took * 1000]

    with Sleeper() as target:
        took = medians({"ours": lambda: ours(target), "one-liner": lambda: peer(target, "-e", ONE_LINER),
                        "killsnoop": lambda: peer(target, killsnoop())}, runs=3 * RUNS)
    own, one_liner, snoop = took["ours"][0], took["one-liner"][0], took["killsnoop"][0]
    print(f"arm: armed in {own:.0f} ms (aim 100 ms or less), bpftrace's one-liner {one_liner:.0f} ms, "
          f"killsnoop.bt {snoop:.0f} ms: ratio {own / one_liner:.2f}")


def touch_memory(folder):
    """Touches memory first: a virtual machine's host must find memory for each unused page, which is not measured here."""
    path = os.path.join(folder, "room")
    with open(path, "wb") as file:
        for _ in range(2048):
            file.write(bytes(1 << 20))
    os.remove(path)


def flood_of(folder, flood, label, target, other):
    seen, size = [], []

    def send(pid, count=FLOOD):
        return numbers(flood, pid, count, LEVELS)

    def watched():
        with Watch(folder, [target]) as watch:
            took = send(target)
        watch.complete("signals", FLOOD)
        seen.append(watch.summary["signals"])
        size.append(watch.bytes / max(1, seen[-1]))
        return took

    def unwatched():
        with Watch(folder, [target]):
            return send(other)

    def peer(*script):
        with Peer(folder, *script):
            return send(target, FLOOD // 3)

    def floor(name):
        with Floor(name):
            return send(target)

    took = medians({"none": lambda: send(target), "none, other": lambda: send(other), "ours": watched,
                    "unwatched": unwatched, "one-liner": lambda: peer("-e", ONE_LINER),
                    "killsnoop": lambda: peer(killsnoop()),
                    **{name: (lambda name=name: floor(name)) for name in ("empty", "output", "reserve")}})
    for at, clock in enumerate(("in all", "on a CPU")):  # the second is not affected by other processes
        base, added = took["none"][at], {name: values[at] - took["none"][at] for name, values in took.items()}
        print(f"flood, {label}, {clock}: {base:.0f} ns a signal alone; added by stapkill {added['ours']:.0f} ns, "
              f"by bpftrace's one-liner {added['one-liner']:.0f} ns, by killsnoop.bt {added['killsnoop']:.0f} ns: "
              f"ratio to the one-liner {added['ours'] / added['one-liner']:.2f} (aim 0.20 or less); to one that is not watched "
              f"{took['unwatched'][at] - took['none, other'][at]:.0f} ns (aim 150 or less)")
        print(f"flood, {label}, {clock}: the floor is {added['empty']:.0f} ns for an empty program, {added['output']:.0f} ns "
              f"for one that writes 64 bytes by bpf_ringbuf_output, {added['reserve']:.0f} ns by bpf_ringbuf_reserve")
    print(f"flood, {label}: {min(seen):,} of {FLOOD:,} recorded in the worst of {RUNS} runs, "
          f"{statistics.median(size):.0f} bytes each")


def flood():
    subprocess.run(["cmake", "--build", RELEASE, "--target", "stapkill_floor"], check=True, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory() as folder:
        program = compiled(folder, "flood")
        touch_memory(folder)
        with Sleeper() as target, Sleeper() as other:
            flood_of(folder, program, "ignored", target, other)
        with Sleeper(program, "handle") as target, Sleeper() as other:
            flood_of(folder, program, "handled", target, other)


def targets():
    with tempfile.TemporaryDirectory() as folder:
        program, crowd = compiled(folder, "flood"), compiled(folder, "crowd")
        process = subprocess.Popen([crowd, str(CROWD)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        pids = process.stdout.read().split()

        def watched(whom):
            with Watch(folder, whom):
                return numbers(program, pids[-1], FLOOD)

        touch_memory(folder)
        took = medians({"one": lambda: watched(pids[-1:]), "all": lambda: watched(pids)})
        process.stdin.close()
        process.wait()
    for at, clock in enumerate(("in all", "on a CPU")):
        print(f"targets, {clock}: {took['all'][at]:.0f} ns a signal with {CROWD:,} targets, {took['one'][at]:.0f} ns with 1: "
              f"ratio {took['all'][at] / took['one'][at]:.2f} (aim 1 or less, give or take what runs differ)")


def memory_words(memory):
    now, most, ring = memory
    return f"{now:.1f} MiB resident (at most {most:.1f}, of these {ring:.1f} the ring buffer; aim 24 or less)"


def forks():
    """Every child is a target too, so that its end is judged and emitted as well."""
    memories = []
    with tempfile.TemporaryDirectory() as folder:
        program = compiled(folder, "forks")

        def alone():
            return numbers(program, FORKS, "/bin/true", LEVELS)

        def watched():
            with Watch(folder, [os.getpid()], "--children") as watch:
                took = alone()
                memories.append(watch.memory())
            watch.complete("deaths", FORKS)
            return took

        took = medians({"alone": alone, "watched": watched}, runs=3)
    for at, clock in enumerate(("in all", "on a CPU")):
        print(f"forks, {clock}: fork, exec and exit of /bin/true {took['watched'][at]:.0f} us watched, "
              f"{took['alone'][at]:.0f} us alone: ratio {took['watched'][at] / took['alone'][at]:.2f} (aim 1.05 or less)")
    print(f"forks: {memory_words(max(memories))}")


def million():
    with tempfile.TemporaryDirectory() as folder, Sleeper() as target:
        program = compiled(folder, "forks")
        with Watch(folder, [target], "--children") as watch:
            took = numbers(program, 1_000_000)[0]
            memory = watch.memory()
    print(f"million: after 1,000,000 forks and exits ({took:.0f} us each, {watch.summary['lost']} lost) {memory_words(memory)}")


def calls():
    with tempfile.TemporaryDirectory() as folder, Sleeper() as target:
        program = compiled(folder, "flood")

        def watched():
            with Watch(folder, [target]):
                return numbers(program, "call", 5_000_000)

        took = medians({"alone": lambda: numbers(program, "call", 5_000_000), "watched": watched})
    print(f"calls: a getppid(2) of anybody takes {took['watched'][1]:.0f} ns while watching, {took['alone'][1]:.0f} ns else")


SUBJECTS = {"arm": arm, "flood": flood, "targets": targets, "forks": forks, "million": million, "calls": calls}
