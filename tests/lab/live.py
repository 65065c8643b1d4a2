"""Runs cases on this machine, on the bpf backend: live.py [CASE…]; all cases if none is named. Needs root."""
import os
import sys

from runner import cases, outcome


def main():
    if os.getuid() != 0:
        sys.exit("needs root: run the tests with sudo, or leave these out with ctest -LE live")
    chosen = [case for case in cases("bpf", guest=False) if not sys.argv[1:] or case.__name__ in sys.argv[1:]]
    failed, skipped = not chosen, False
    for case in chosen:
        result = outcome(case, "bpf")
        skipped = skipped or result.startswith("skipped: ")
        failed = failed or not (result == "ok" or result.startswith("skipped: "))
        print(f"{case.__name__}: {result}", flush=True)
    sys.exit(1 if failed else 77 if skipped else 0)


main()
