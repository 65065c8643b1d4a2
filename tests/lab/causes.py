"""Runs the cases of every cause, and prints how many verdicts were right: causes.py [--live] BACKEND…"""
import sys

import support
from runner import cases, outcome


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
    return failed == 0


def main():
    words = sys.argv[1:]
    live = words[:1] == ["--live"]
    sys.exit(not all([score(backend, not live) for backend in words[live:]]))


main()
