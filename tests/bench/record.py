"""The recorder's subjects of scripts/bench: what it costs, what it loses, how large its history is, how fast `why` answers."""
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import bpf

RATES = ((100, 20, 1.0), (1000, 20, 5.0))  # processes a second, seconds, aim in percent of a core
LOAD, LOAD_SECONDS, WORKERS = 2000, 60, 2
DEATHS, SIZE_AIM = 100_000, 128 << 20
HISTORY = 1_000_000
QUESTIONS = 7
SOAK_SECONDS = 600


def wait_for_history(store):
    while not any(name.endswith(".sqlite") for name in (os.listdir(store) if os.path.isdir(store) else ())):
        time.sleep(0.05)


class Recorder:
    """`stapkill record --backend bpf` into a store of its own."""

    def __init__(self, folder, *options):
        self.store = os.path.join(folder, "store")
        self.command = [bpf.STAPKILL, "record", "--backend", "bpf", "--store", self.store, "-q", *options]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        wait_for_history(self.store)
        time.sleep(3)  # it has read every living process
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait() != 0:
            sys.exit("the recorder failed")

    def cpu(self):
        """Seconds on a CPU so far (/proc/PID/schedstat)."""
        return int(open(f"/proc/{self.process.pid}/schedstat").read().split()[0]) / 1e9

    def memory(self):
        """MiB resident, and at most."""
        words = dict(line.split(":", 1) for line in open(f"/proc/{self.process.pid}/status") if ":" in line)
        return tuple(int(words[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))

    def size(self):
        return sum(os.path.getsize(os.path.join(self.store, name)) for name in os.listdir(self.store))

    def lost(self):
        """Events lost, as the history says."""
        total = 0
        for name in os.listdir(self.store):
            if name.endswith("deaths.sqlite"):
                with sqlite3.connect(f"file:{os.path.join(self.store, name)}?mode=ro", uri=True) as database:
                    total += database.execute("SELECT coalesce(sum(count), 0) FROM blind WHERE why = 5").fetchone()[0]
        return total


def load_of(program, rate, seconds):
    """Starts so many processes a second, in as many workers as there are CPUs; the median time of one, in us."""
    each = rate // WORKERS
    workers = [subprocess.Popen([program, str(each * seconds), "/bin/true", "3", str(each)], stdout=subprocess.PIPE, text=True)
               for _ in range(WORKERS)]
    return statistics.median(float(worker.communicate()[0].split()[1]) for worker in workers)


def forks_so_far():
    return int([line for line in open("/proc/stat") if line.startswith("processes ")][0].split()[1])


def cost(folder, program):
    for rate, seconds, aim in RATES:
        with tempfile.TemporaryDirectory() as place, Recorder(place) as recorder:
            before, forks = recorder.cpu(), forks_so_far()
            load_of(program, rate, seconds)
            used, seen = recorder.cpu() - before, forks_so_far() - forks
        print(f"record: at {rate} processes a second {used / seconds * 100:.2f} % of a core (aim {aim:.0f} or less), "
              f"{used / seen * 1e6:.0f} us for each of the {seen / seconds:.0f} a second that the machine started")


def losses(folder, program):
    alone, beside = [], []
    for _ in range(3):
        alone.append(load_of(program, LOAD, 10))
        with tempfile.TemporaryDirectory() as place, Recorder(place):
            beside.append(load_of(program, LOAD, 10))
    with tempfile.TemporaryDirectory() as place, Recorder(place) as recorder:
        load_of(program, LOAD, LOAD_SECONDS)
        now, most = recorder.memory()
        time.sleep(2)
        lost = recorder.lost()
    one, other = statistics.median(alone), statistics.median(beside)
    print(f"record: {lost} events lost in {LOAD_SECONDS} s at {LOAD} processes a second (aim 0); a process takes {other:.0f} us "
          f"on a CPU, {one:.0f} us without: ratio {other / one:.3f} (aim 1.08 or less); {now:.1f} MiB resident, at most "
          f"{most:.1f} (aim 32 or less)")


def kill_many(count):
    """Processes that end by a signal, each sent by another one: a shell kills children of its own."""
    script = f"i=0; while [ $i -lt {count} ]; do /bin/sleep 60 & kill -9 $!; wait $! 2>/dev/null; i=$((i+1)); done"
    subprocess.run(["bash", "-c", script], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def size():
    """Of a sample, because the whole takes as long as the machine needs to start so many."""
    sample = DEATHS // 20
    with tempfile.TemporaryDirectory() as place:
        with Recorder(place) as recorder:
            kill_many(sample)
            time.sleep(2)
        each = sum(os.path.getsize(os.path.join(recorder.store, name)) for name in os.listdir(recorder.store)
                   if "deaths" in name) / sample
    print(f"record: {each:.0f} bytes a death, of {sample:,}: {DEATHS:,} take {each * DEATHS / (1 << 20):.0f} MiB "
          f"(aim {SIZE_AIM >> 20} or less, of which 14/16 are for deaths)")


def multiply(store, wanted):
    """Copies the deaths of a history with other times, pids and names, until there are so many."""
    path = [os.path.join(store, name) for name in sorted(os.listdir(store)) if name.endswith("deaths.sqlite")][0]
    with sqlite3.connect(path) as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(death)")]
        given = database.execute("SELECT count(*) FROM death").fetchone()[0]
        changed = {"time": "time - n * 10000000000", "start": "start - n * 10000000000", "pid": "1 + (pid + n * 7) % 4000000",
                   "comm": "comm || '-' || (n % 5000)", "unit": "'unit-' || (n % 500) || '.service'",
                   "container": "printf('%064x', n % 10000)", "name": "'name-' || (n % 10000)"}
        chosen = ", ".join(changed.get(name, name) for name in columns)
        database.execute(f"WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < {wanted // given}) "
                         f"INSERT INTO death SELECT {chosen} FROM count, death")
        database.execute("ANALYZE")
    return wanted // given * given


def a_pid(store):
    """Of a death in the middle of the history."""
    path = [os.path.join(store, name) for name in sorted(os.listdir(store)) if name.endswith("deaths.sqlite")][0]
    with sqlite3.connect(path) as database:
        return database.execute("SELECT pid FROM death LIMIT 1 OFFSET 500000").fetchone()[0]


def answers():
    with tempfile.TemporaryDirectory() as place:
        with Recorder(place, "--max-size", "4G") as recorder:
            kill_many(1000)
            time.sleep(2)
        count = multiply(recorder.store, HISTORY)
        questions = {"pid": ["--pid", str(a_pid(recorder.store))], "name": ["--name", "sleep-17"], "unit": ["--unit", "unit-17"],
                     "container": ["--container", f"{17:064x}"], "a word": ["name-471"]}
        for what, words in questions.items():
            took = []
            for _ in range(QUESTIONS):
                begun = time.monotonic()
                done = subprocess.run([bpf.STAPKILL, "why", "--store", recorder.store, *words], capture_output=True)
                took.append(time.monotonic() - begun)
                if done.returncode != 0:
                    sys.exit(f"why {' '.join(words)}: {done.stderr.decode()}")
            print(f"record: why by {what} over {count:,} deaths {statistics.median(took) * 1000:.0f} ms (aim 100 or less)")


def record():
    with tempfile.TemporaryDirectory() as folder:
        program = bpf.compiled(folder, "forks")
        cost(folder, program)
        losses(folder, program)
    size()
    answers()


def soak():
    """Ten minutes under load in a small history."""
    with tempfile.TemporaryDirectory() as folder:
        program, place, stop = bpf.compiled(folder, "forks"), os.path.join(folder, "place"), threading.Event()
        os.mkdir(place)
        most = 0
        with Recorder(place, "--max-size", "16M") as recorder:
            deaths = threading.Thread(target=lambda: [kill_many(20) for _ in iter(lambda: stop.wait(1), True)])
            deaths.start()
            begun = time.monotonic()
            while time.monotonic() - begun < SOAK_SECONDS:
                load_of(program, 500, 5)
                most = max(most, recorder.size())
            stop.set()
            deaths.join()
            time.sleep(2)
            (now, high), lost = recorder.memory(), recorder.lost()
        print(f"soak: after {SOAK_SECONDS} s at 500 processes a second and some 20 that are killed"
              f" {now:.1f} MiB resident, at most {high:.1f} (aim 32 or "
              f"less); the history took {most / (1 << 20):.1f} MiB at most (limit 16); {lost} events lost")


SUBJECTS = {"record": record, "soak": soak}
