"""Runs the cases in the guest, or those named, and writes each one's outcome to /share/results.json."""
import glob
import importlib
import inspect
import json
import os
import sys
import time
import traceback


def all_cases():
    """In the order of the files cases*.py: what each defines itself and takes no arguments."""
    for file in sorted(glob.glob(os.path.join(os.path.dirname(__file__), "cases*.py"))):
        name = os.path.basename(file)[:-len(".py")]
        for function in list(vars(importlib.import_module(name)).values()):
            if inspect.isfunction(function) and function.__module__ == name:
                if not inspect.signature(function).parameters:
                    yield function


def outcome(case):
    try:
        case()
        return "ok"
    except BaseException:  # whatever it is, the others go on
        return traceback.format_exc()


def main():
    names = sys.argv[1:]
    results = {}
    for case in list(all_cases()):
        if names and case.__name__ not in names:
            continue
        begun = time.monotonic()
        results[case.__name__] = outcome(case)
        print(f"{case.__name__}: {results[case.__name__]} ({time.monotonic() - begun:.1f} s)", flush=True)
    with open("/share/results.json", "w") as file:
        json.dump(results, file)


main()
