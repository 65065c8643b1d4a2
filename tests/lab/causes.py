"""Runs the cases of every cause, and prints how many verdicts were right: causes.py [--live] [--record] BACKEND…"""
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time

import support
from runner import cases, outcome


@contextlib.contextmanager
def recorder(backend):
    """A recorder of the whole machine: each verdict is looked up in its history as well."""
    with tempfile.TemporaryDirectory() as folder:
        store = os.path.join(folder, "store")
        # Not a child of this program: the runner ends those after each case.
        command = ["sh", "-c", '"$@" >/dev/null & echo $!', "sh", support.BINARY, "record", "--backend", backend,
                   "--store", store]
        pid = int(subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True).stdout)
        try:
            # It watches once it finds an end after its start.
            ask = [support.BINARY, "why", "--store", store, "--cmdline", "the recorder watches"]
            while subprocess.run(ask, capture_output=True).returncode != 0:
                os.kill(pid, 0)
                subprocess.run(["sh", "-c", "exit 3 # the recorder watches"])
                time.sleep(0.5)
            support.history[:] = [store, 0]
            yield
        finally:
            support.history.clear()
            os.kill(pid, signal.SIGTERM)
            while os.path.exists(f"/proc/{pid}"):
                time.sleep(0.05)


def score(backend, guest):
    """Prints how many verdicts had the right cause, killer and argv, of how many; names cases that failed otherwise."""
    right, count, failed = {"cause": 0, "killer": 0, "argv": 0}, 0, 0
    for case in cases(backend, guest):
        if not case.__module__.startswith("cases_causes"):
            continue
        support.scores.clear()
        result = outcome(case, backend)
        failed += result != "ok"
        print(f"{backend} {case.__name__:36} {'ok' if result == 'ok' else result}", flush=True)
        for seen in support.scores:
            count += 1
            for name in right:
                right[name] += seen[name]
    print(f"{backend}: of {count} verdicts the cause was right in {right['cause']}, the killer in {right['killer']}, its argv in "
          f"{right['argv']}; {failed} cases failed", flush=True)
    if support.history:
        print(f"{backend}: {support.history[1]} verdicts were the same in the recorder's history", flush=True)
    return failed == 0


def main():
    words = sys.argv[1:]
    live, recorded = "--live" in words, "--record" in words
    all_right = True
    for backend in [word for word in words if not word.startswith("--")]:
        with recorder(backend) if recorded else contextlib.nullcontext():
            all_right = score(backend, not live) and all_right
    sys.exit(not all_right)


main()
