"""Deaths under a real systemd that nothing watched: judges what `stapkill why` says of them the minute after, from the host's
own traces. Runs in a guest with systemd as pid 1, like scenes.py. after.py [NAME…]; prints a line for each scene. The exit
status is 1 if one failed."""
import json
import os
import sys
import time

from scenes import Wrong, must, shell, until

UNITS = {
    "web": "[Service]\nExecStart=/bin/sleep 3600\n",
    "eater": "[Service]\nExecStart=/usr/bin/tail /dev/zero\nMemoryMax=40M\nMemorySwapMax=0\n",
    "deaf": "[Service]\nExecStart=/bin/bash -c 'trap \"\" TERM; touch /run/deaf; while :; do sleep 1; done'\nTimeoutStopSec=3\n",
    "faulty": "[Service]\nExecStart=/usr/bin/python3 -c 'import ctypes; ctypes.string_at(0)'\nLimitCORE=infinity\n",
    "aborting": "[Service]\nExecStart=/usr/bin/python3 -c 'import os; os.abort()'\nLimitCORE=infinity\n",
    "guarded": "[Service]\nType=notify\nNotifyAccess=all\nWatchdogSec=3\n"
               "ExecStart=/bin/bash -c 'systemd-notify --ready; sleep 3600'\n",
    "brief": "[Service]\nRuntimeMaxSec=3\nExecStart=/bin/sleep 3600\n",
    "failing": "[Service]\nExecStart=/bin/sh -c 'exit 7'\n",
}


def prepare():
    for name, text in UNITS.items():
        with open(f"/run/systemd/system/{name}.service", "w", encoding="utf-8") as file:
            file.write(text)
    must("systemctl daemon-reload && systemctl start dbus")
    # A guest does not start what it does not need: sockets of systemd-coredump, auditd, accounting.
    shell("systemctl start systemd-coredump.socket; sysctl -p /usr/lib/sysctl.d/50-coredump.conf")


def why(*words):
    """The verdict on the latest death, and the text that a person gets."""
    shell("journalctl --sync")
    begun = time.monotonic()
    answer = shell(" ".join(["stapkill", "why", *words, "--format", "json"]))
    took = time.monotonic() - begun
    deaths = json.loads(answer.stdout)["deaths"] if answer.stdout else []
    if not deaths:
        raise Wrong(f"no death is found: {answer.stderr}")
    return deaths[0], took


def judge(words, cause, confidence, *says):
    death, took = why(*words)
    verdict = death["verdict"]
    whole = json.dumps(death)
    if verdict["cause"] != cause or verdict["confidence"] not in confidence.split("|"):
        raise Wrong(f"{verdict['cause']}, {verdict['confidence']}: {verdict['summary']}\n{whole[:3000]}")
    for one in says:
        if one not in whole:
            raise Wrong(f"it does not say '{one}': {verdict['summary']}\n{whole[:3000]}")
    return f"{verdict['confidence']}, {took:.1f} s: {verdict['summary']}"


def main_pid(unit):
    return int(must(f"systemctl show -p MainPID --value {unit}"))


def ended(unit):
    until(lambda: shell(f"systemctl is-active {unit}").stdout.strip() in ("failed", "inactive"), f"the end of {unit}")


def out_of_memory():
    must("systemctl start eater")
    ended("eater")
    return judge(["--unit", "eater"], "oom-memcg", "certain", "eater.service", "tail")


def fault():
    must("systemctl start faulty")
    ended("faulty")
    return judge(["--unit", "faulty"], "fault", "certain", "SIGSEGV")


def abort():
    must("systemctl start aborting")
    ended("aborting")
    until(lambda: shell("journalctl --sync; journalctl -t systemd-coredump -o cat").stdout.count("dumped core"), "its core")
    return judge(["--unit", "aborting"], "self", "likely|certain", "SIGABRT")


def watchdog():
    must("systemctl start guarded")
    ended("guarded")
    return judge(["--unit", "guarded"], "kill", "certain|likely", "Watchdog timeout")


def runtime_limit():
    must("systemctl start brief")
    ended("brief")
    return judge(["--unit", "brief"], "kill", "certain|likely", "runtime")


def grace_period():
    must("systemctl start deaf")
    until(lambda: os.path.exists("/run/deaf"), "its deafness")
    must("systemctl stop deaf")
    return judge(["--unit", "deaf"], "kill", "certain|likely", "timed out")


def stop_job():
    """Who asked is nowhere, so it cannot be certain."""
    must("systemctl start web && sleep 1 && systemctl stop web")
    return judge(["--unit", "web"], "kill", "likely", "stop")


def exit_status():
    must("systemctl start failing || true")
    ended("failing")
    return judge(["--unit", "failing"], "exit", "certain", "status 7")


def killed_without_audit():
    """The signal is known and its sender is not."""
    must("systemctl start web")
    must(f"kill -9 {main_pid('web')}")
    ended("web")
    time.sleep(4)  # the stop job of the scene before is out of reach
    return judge(["--unit", "web"], "unknown", "unknown", "SIGKILL")


def killed_with_audit():
    must("auditd || systemctl start auditd; auditctl -D; "
         "auditctl -a always,exit -F arch=b64 -S kill,tkill,tgkill,rt_sigqueueinfo,rt_tgsigqueueinfo -k who-killed")
    must("accton on 2>/dev/null || { mkdir -p /var/log/account; touch /var/log/account/pacct; accton /var/log/account/pacct; }")
    must("systemctl start web")
    pid = main_pid("web")
    must(f"/bin/kill -9 {pid}")
    ended("web")
    shell("sleep 1; auditctl -D; kill -USR2 $(pidof auditd) 2>/dev/null; accton off")
    return judge(["--pid", str(pid)], "kill", "certain", '"kill"')


def saved_and_read():
    """The evidence that one host saves gives the same verdict elsewhere."""
    death, _ = why("--unit", "eater", "--save-evidence", "/run/evidence")
    other, _ = why("eater", "--source", "/run/evidence")
    if death["verdict"]["cause"] != other["verdict"]["cause"]:
        raise Wrong(f"{death['verdict']} there, {other['verdict']} here")
    return "the same verdict from the saved evidence"


SCENES = [out_of_memory, fault, abort, watchdog, runtime_limit, grace_period, stop_job, exit_status, killed_without_audit,
          killed_with_audit, saved_and_read]


def main():
    prepare()
    wanted = [scene for scene in SCENES if len(sys.argv) < 2 or scene.__name__ in sys.argv[1:]]
    failed = 0
    for scene in wanted:
        begun = time.monotonic()
        try:
            said = scene()
            print(f"ok    {scene.__name__} ({time.monotonic() - begun:.0f} s): {said}", flush=True)
        except Wrong as wrong:
            failed += 1
            print(f"WRONG {scene.__name__}: {wrong}", flush=True)
    print(f"{len(wanted) - failed} of {len(wanted)} scenes", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
