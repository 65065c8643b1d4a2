"""Says how a case went in the lab: outcome.py RESULTS NAME."""
import json
import sys

with open(sys.argv[1]) as file:
    outcome = json.load(file).get(sys.argv[2], "the case was not run")
print(outcome)
sys.exit(outcome != "ok")
