"""Runs all cases, or the named ones, in the guest on each backend, and writes their outcomes to /share/results.json, those
of bpf as "bpf.NAME". --quick leaves out the cases of slow.txt; --on BACKEND leaves out those of the other backend."""
import json
import os
import sys
import time

from runner import cases, outcome


def slow():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "slow.txt")) as file:
        return [line.strip() for line in file if not line.startswith("#")]


def main():
    words = sys.argv[1:]
    backends = ["bpf", "stap"]
    if "--on" in words:
        backends = [words.pop(words.index("--on") + 1)]
    names = [word for word in words if not word.startswith("--")]
    left_out = slow() if "--quick" in words else []
    results = {}
    for backend in backends:
        for case in cases(backend, guest=True):
            name = case.__name__ if backend == "stap" else f"bpf.{case.__name__}"
            if name in left_out or (names and name not in names and case.__name__ not in names):
                continue
            begun = time.monotonic()
            results[name] = outcome(case, backend)
            print(f"{name}: {results[name]} ({time.monotonic() - begun:.1f} s)", flush=True)
            write(results)


def write(results):
    """Called after each case: a guest that is stopped leaves the outcomes so far."""
    with open("/share/results.json.part", "w") as file:
        json.dump(results, file)
    os.replace("/share/results.json.part", "/share/results.json")


main()
