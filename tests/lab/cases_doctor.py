"""What `stapkill doctor` says about a stock host, and that it is true."""
import json
import subprocess

from support import Skipped, loaded, victim, watch_victim

BACKENDS = ["stap"]

# The errors of plain stap on its own distribution's kernel (the first from the compiler, the second when it loads).
PLAIN_STAP_SAYS = {"11": "task_work_cancel", "12": "task_work_cancel", "13": "Can't resolve uprobe_unregister!"}


def doctor(*options):
    run = subprocess.run(["stapkill", "doctor", "--json", *options], stdin=subprocess.DEVNULL, capture_output=True)
    report = json.loads(run.stdout)
    return run.returncode, report, {check["id"]: check for check in report["checks"]}


def plain_stap():
    """Whether plain stap fails on an empty probe, and its output: it did not compile outside (scripts/lib/lab.sh), or does
    not load here."""
    with open("/share/plain.status") as file:
        failed = file.read().strip() != "0"
    with open("/share/plain.log", errors="replace") as file:
        said = file.read()
    if failed:
        return failed, said
    plain = subprocess.run(["stap", "-e", "probe begin { exit() }"], stdin=subprocess.DEVNULL, capture_output=True,
                           text=True, errors="replace", timeout=300)
    return plain.returncode != 0, plain.stdout + plain.stderr


def plain_fits():
    """Whether plain stap compiles and loads, as forky's, 5.6, does on its own kernel."""
    return not plain_stap()[0]


def doctor_ready():
    status, report, checks = doctor("--deep")
    bad = {name: check for name, check in checks.items() if check["status"] in ("fail", "error")}
    assert status == 0 and report["ready"] is True and report["backends"]["stap"] is True, bad
    assert checks["smoke.build"]["status"] == "pass" and checks["smoke.run"]["status"] == "pass", checks
    said = checks["stap.runtime"]["message"]
    assert "shims" in said or "fits the headers" in said and plain_fits(), checks["stap.runtime"]
    assert not loaded(), loaded()
    process = victim()
    watch = watch_victim(process)
    process.kill()
    process.wait()
    assert watch.death()["exit"]["signal"] == 9


def doctor_without_shims():
    status, report, checks = doctor("--deep", "--no-shims")
    if checks["stap.runtime"]["status"] == "pass":
        assert plain_fits(), checks["stap.runtime"]
        raise Skipped("this distribution's stap needs no shims")
    backends = report["backends"]
    assert status == 1 and backends["stap"] is False and report["ready"] is backends["bpf"], backends
    assert checks["stap.runtime"]["status"] == "fail" and checks["stap.runtime"]["remedy"], checks["stap.runtime"]
    for name in ("smoke.build", "smoke.run"):
        assert checks[name]["status"] == "skip" and checks[name]["blocked_by"] == "stap.runtime", checks[name]
    failed, said = plain_stap()
    assert failed and PLAIN_STAP_SAYS[report["host"]["distribution"]["version"]] in said, said


def facts_say_the_same_elsewhere():
    """Facts that were saved here get the same verdicts from `--facts`, and hold no host name."""
    status, report, checks = doctor("--deep", "--save-facts", "/tmp/facts")
    again, saved, others = doctor("--facts", "/tmp/facts")
    assert again == status and saved["ready"] == report["ready"]
    for name, check in checks.items():
        for field in ("status", "message", "remedy", "evidence", "blocked_by"):
            assert others[name][field] == check[field], (name, field, check[field], others[name][field])


def header_tests_give_the_same_answers():
    """stap's tests of this kernel's headers, compiled in its own way and in stapkill's (src/script/header_tests.h)."""
    answers = {}
    for who in ("stap", "stapkill"):
        with open(f"/share/answers.{who}") as file:
            answers[who] = file.read().splitlines()
    assert len(answers["stap"]) > 30, answers["stap"]
    assert answers["stap"] == answers["stapkill"], set(answers["stap"]) ^ set(answers["stapkill"])
