"""A replay gives the same records as the live watch."""
import json
import os
import shutil
import subprocess
import sys

from support import BINARY, LIMIT, READY, Watch, go, python, victim, watch_victim

BACKENDS = ["stap", "bpf"]


def replayed(file, *arguments):
    done = subprocess.run([BINARY, "replay", file, "--format", "jsonl", *arguments], capture_output=True, check=True)
    assert not done.stderr, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def stories(records):
    """The records that must be the same: every signal and every death, to the nanosecond."""
    return [record for record in records if record["type"] in ("signal", "death", "loss")]


def check_same(watch, file, *arguments):
    """A replay of a watch gives the same stream; only the time that arming took may differ."""
    live, again = watch.records(), replayed(file, *arguments)
    assert stories(live), live
    assert stories(again) == stories(live), (stories(again), stories(live))
    assert [record["type"] for record in again] == [record["type"] for record in live], (again, live)
    first, last = again[0], again[-1]
    assert {**first, "time": 0} == {**live[0], "time": 0}, (first, live[0])
    assert (last["signals"], last["deaths"], last["lost"]) == tuple(live[-1][key] for key in ("signals", "deaths", "lost"))
    assert os.stat(file).st_mode & 0o7777 == 0o600
    return again


def story_of(process, act, afterwards=lambda: None):
    """A watch of a process that act() ends, and its recording, which is replayed after `afterwards`."""
    file = f"/tmp/stapkill-test-{os.getpid()}.events"
    watch = watch_victim(process, "--record-events", file)
    act()
    watch.death()
    process.wait()
    afterwards()
    try:
        return check_same(watch, file)
    finally:
        os.unlink(file)


def replay_of_a_kill():
    process = victim()
    records = story_of(process, lambda: subprocess.run(["/bin/sh", "-c", f"kill -9 {process.pid}; exit 0"], check=True))
    death = [record for record in records if record["type"] == "death"][0]
    assert death["verdict"]["cause"] == "kill" and death["verdict"]["killer"]["comm"] == "sh", death


def replay_of_a_fault():
    process = python(f"import ctypes; {READY}; ctypes.string_at(8)")
    records = story_of(process, lambda: go(process))
    assert [r["verdict"]["cause"] for r in records if r["type"] == "death"] == ["fault"]


def replay_of_two_signals():
    process = python("import signal, time; signal.signal(15, lambda *_: None)\nprint(1, flush=True)\nwhile True: time.sleep(9)")

    def act():
        process.terminate()
        subprocess.run(["/bin/kill", "-KILL", str(process.pid)], check=True)

    story_of(process, act)


def replay_of_a_deleted_killer():
    """A replay ignores a new file in the place of the program, and the machine's packages."""
    tool = "/usr/local/bin/vGhyM1"
    process = victim()
    shutil.copy("/bin/sh", tool)
    act = lambda: subprocess.run([tool, "-c", f"rm {tool}; kill -9 {process.pid}; exit 0"], check=True)
    try:
        records = story_of(process, act, lambda: shutil.copy("/bin/sh", tool))
    finally:
        os.unlink(tool)
    death = [record for record in records if record["type"] == "death"][0]
    assert death["verdict"]["killer"]["flags"][-1] == "random-name", death


def replay_of_a_command():
    """A replay knows the command although it starts nothing; the time of its end does not matter."""
    file = f"/tmp/stapkill-test-{os.getpid()}.events"
    mark = f"/tmp/stapkill-test-{os.getpid()}.mark"
    code = f"import os; open('{mark}', 'a').write('x'); os.kill(os.getpid(), 15)"
    watch = Watch("--record-events", file, "--duration", str(LIMIT), "--children", "--", sys.executable, "-c", code, wait=False)
    assert watch.process.wait(LIMIT) == 0, watch.errors()
    watch.finish()
    check_same(watch, file)
    assert open(mark).read() == "x"
    os.unlink(mark)
    os.unlink(file)


def replay_by_another_name():
    """Another process than the target: its end is known, and the signals to it are not."""
    file = f"/tmp/stapkill-test-{os.getpid()}.events"
    process, other = victim(), victim("sleep", "601")
    watch = Watch("--name", "^sleep$", "--record-events", file, "--until-death", "--duration", str(LIMIT))
    process.kill()
    assert watch.process.wait(LIMIT) == 0, watch.errors()
    watch.finish()
    deaths = lambda *words: [r["process"]["pid"] for r in replayed(file, *words) if r["type"] == "death"]
    assert deaths("--pid", str(process.pid)) == [process.pid]
    assert deaths("--pid", str(other.pid)) == []
    assert process.pid in deaths("--all")
    assert deaths("--name", "^nobody$") == []
    process.wait()
    other.kill()
    other.wait()
    os.unlink(file)
