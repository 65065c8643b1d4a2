"""Runs the cases in the guest, or those named, and writes each one's outcome to /share/results.json."""
import inspect
import json
import sys
import time
import traceback

import cases


def all_cases():
    """In the order of the file: what it defines itself and takes no arguments."""
    functions = [f for f in vars(cases).values() if inspect.isfunction(f) and f.__module__ == "cases"]
    return [f for f in functions if not inspect.signature(f).parameters]


def outcome(case):
    try:
        case()
        return "ok"
    except BaseException:  # whatever it is, the others go on
        return traceback.format_exc()


def main():
    names = sys.argv[1:]
    results = {}
    for case in all_cases():
        if names and case.__name__ not in names:
            continue
        begun = time.monotonic()
        results[case.__name__] = outcome(case)
        print(f"{case.__name__}: {results[case.__name__]} ({time.monotonic() - begun:.1f} s)", flush=True)
    with open("/share/results.json", "w") as file:
        json.dump(results, file)


main()
