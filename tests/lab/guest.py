"""Runs the cases in the guest, or those named, on each backend, and writes each one's outcome to /share/results.json:
those of bpf as "bpf.NAME". --quick leaves out those of slow.txt."""
import json
import os
import sys
import time

from runner import cases, outcome


def slow():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "slow.txt")) as file:
        return [line.strip() for line in file if not line.startswith("#")]


def main():
    names = [word for word in sys.argv[1:] if word != "--quick"]
    left_out = slow() if "--quick" in sys.argv else []
    results = {}
    for backend in "bpf", "stap":
        for case in cases(backend, guest=True):
            name = case.__name__ if backend == "stap" else f"bpf.{case.__name__}"
            if name in left_out or (names and name not in names and case.__name__ not in names):
                continue
            begun = time.monotonic()
            results[name] = outcome(case, backend)
            print(f"{name}: {results[name]} ({time.monotonic() - begun:.1f} s)", flush=True)
    with open("/share/results.json", "w") as file:
        json.dump(results, file)


main()
