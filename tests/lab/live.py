"""Runs cases on this machine, on the bpf backend: live.py CASE…; none: all. Needs root."""
import os
import sys

from runner import cases, outcome


def main():
    if os.getuid() != 0:
        sys.exit("needs root: run the tests with sudo, or leave these out with ctest -LE live")
    chosen = [case for case in cases("bpf", guest=False) if not sys.argv[1:] or case.__name__ in sys.argv[1:]]
    failed = not chosen
    for case in chosen:
        told = outcome(case, "bpf")
        failed = failed or told != "ok"
        print(f"{case.__name__}: {told}", flush=True)
    sys.exit(failed)


main()
