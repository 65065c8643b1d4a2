"""Runs cases on this machine, on the bpf backend: live.py CASE…; none: all. Needs root."""
import os
import sys

from runner import cases, outcome


def main():
    if os.getuid() != 0:
        sys.exit("needs root: run the tests with sudo, or leave these out with ctest -LE live")
    chosen = [case for case in cases("bpf", guest=False) if not sys.argv[1:] or case.__name__ in sys.argv[1:]]
    failed, skipped = not chosen, False
    for case in chosen:
        told = outcome(case, "bpf")
        skipped = skipped or told.startswith("skipped: ")
        failed = failed or not (told == "ok" or told.startswith("skipped: "))
        print(f"{case.__name__}: {told}", flush=True)
    sys.exit(1 if failed else 77 if skipped else 0)


main()
