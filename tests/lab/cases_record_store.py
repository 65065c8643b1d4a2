"""The recorder's history when things go wrong: kill -9, a power cut, a full disk."""
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time

from cases_record import Recorder, found, why
from support import until

BACKENDS = ["bpf"]


def end_with(status):
    """A process that ends so; its pid."""
    process = subprocess.Popen(["sh", "-c", f"exit {status}"])
    process.wait()
    return process.pid


def all_pids(store):
    """Of the deaths with a status other than 0 that the history has."""
    answer = why(store, "--all", "--format", "jsonl", "--name", "sh")
    assert "cannot be read" not in answer.stderr, answer
    return {json.loads(line)["process"]["pid"] for line in answer.stdout.splitlines()}


def kill_9_loses_a_second_at_most():
    with tempfile.TemporaryDirectory() as folder:
        store = os.path.join(folder, "store")
        for _ in range(3):
            recorder, ended, begun = Recorder(store), [], time.monotonic()
            while time.monotonic() - begun < 6 + random.random():
                ended.append((end_with(3), time.monotonic()))
                time.sleep(0.1)
            recorder.process.kill()
            killed = time.monotonic()
            recorder.stop()
            kept = all_pids(store)
            missing = [killed - when for pid, when in ended if pid not in kept]
            assert [pid for pid, _ in ended[:len(ended) - len(missing)] if pid not in kept] == [], "not the last ones"
            # On a quiet machine it is a second; a build with sanitizers beside other tests is behind by more.
            assert all(before < 5 for before in missing), missing
        Recorder(store).stop()
        answer = why(store, "no-such-name")
        assert "did not watch from" in answer.stderr, answer


def a_power_cut_leaves_a_history_that_opens():
    """A copy of the files at any moment: the recorder stands still while they are copied."""
    with tempfile.TemporaryDirectory() as folder:
        store, recorder, ended = os.path.join(folder, "store"), None, []
        recorder = Recorder(store, "--max-size", "8M")
        for turn in range(8):
            for _ in range(random.randrange(10, 30)):
                ended.append(end_with(3))
            copy = os.path.join(folder, f"copy{turn}")
            recorder.process.send_signal(signal.SIGSTOP)
            shutil.copytree(store, copy)
            recorder.process.send_signal(signal.SIGCONT)
            kept = all_pids(copy)
            known = [pid for pid in ended if pid in kept]
            assert known == ended[:len(known)], "a death is missing before the last one that was kept"
        recorder.stop()
        assert all_pids(store) >= set(ended[-20:])


def a_full_disk_is_waited_for():
    """The history is on a file system of its own, which another file fills."""
    with tempfile.TemporaryDirectory() as folder:
        place = os.path.join(folder, "disk")
        os.mkdir(place)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "none", place], check=True)
        try:
            store = os.path.join(place, "store")
            recorder = Recorder(store, "--max-size", "8M")
            before = end_with(3)
            found(store, "--pid", str(before))
            with open(os.path.join(place, "filler"), "wb", buffering=0) as filler:
                try:
                    while True:
                        filler.write(bytes(4096))
                except OSError:
                    pass
            during = [end_with(3) for _ in range(300)]
            until(lambda: "cannot store" in open(recorder.errors.name).read(), limit=20)
            os.remove(os.path.join(place, "filler"))
            after = end_with(3)
            for pid in (before, during[0], during[-1], after):
                found(store, "--pid", str(pid))
            assert set(during) <= all_pids(store)
            recorder.stop()
        finally:
            subprocess.run(["umount", "--lazy", place], check=True)
