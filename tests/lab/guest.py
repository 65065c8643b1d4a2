"""Runs the cases in the guest, or those named, on each backend, and writes each one's outcome to /share/results.json:
those of bpf as "bpf.NAME"."""
import json
import sys
import time

from runner import cases, outcome


def main():
    names = sys.argv[1:]
    results = {}
    for backend in "bpf", "stap":
        for case in cases(backend, guest=True):
            name = case.__name__ if backend == "stap" else f"bpf.{case.__name__}"
            if names and name not in names and case.__name__ not in names:
                continue
            begun = time.monotonic()
            results[name] = outcome(case, backend)
            print(f"{name}: {results[name]} ({time.monotonic() - begun:.1f} s)", flush=True)
    with open("/share/results.json", "w") as file:
        json.dump(results, file)


main()
