"""Prints the outcome of a case in the lab: outcome.py RESULTS NAME; 77 if this kernel or distribution cannot run the case."""
import json
import sys

with open(sys.argv[1]) as file:
    outcome = json.load(file).get(sys.argv[2], "the case was not run")
print(outcome)
sys.exit(77 if outcome.startswith("skipped: ") else outcome != "ok")
