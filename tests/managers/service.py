"""The recorder as a service of a real systemd: judges whether `journalctl -u`, `systemctl status` and `stapkill why` show who
ended a unit's process, and whether the unit's sandbox lets the recorder see it. Runs in a guest with systemd as pid 1, like
scenes.py, with the files of service/ beside it in /share. service.py [NAME…]; prints a line for each scene. The exit status is 1
if one failed."""
import ctypes
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import time

from scenes import Wrong, must, shell, until

PROGRAM = "/usr/bin/stapkill"
MOST_EXPOSURE = 2.5
MOST_RSS = 32 << 10  # KiB

WEB = "[Service]\nExecStart=/bin/sleep 3600\n"
EATER = "[Service]\nExecStart=/usr/bin/tail /dev/zero\nMemoryMax=40M\nMemorySwapMax=0\n"
DEAF = "[Service]\nExecStart=/bin/bash -c 'trap \"\" TERM; touch /run/deaf; while :; do sleep 1; done'\nTimeoutStopSec=3\n"
FAULTY = "[Service]\nExecStart=/usr/bin/python3 -c 'import ctypes; ctypes.string_at(0)'\n"

BPF_PROG_GET_NEXT_ID = 11
SYS_BPF = 321  # x86_64


def programs():
    """How many BPF programs the kernel has."""
    attributes = (ctypes.c_uint32 * 32)()
    libc = ctypes.CDLL(None)
    count = 0
    while libc.syscall(SYS_BPF, BPF_PROG_GET_NEXT_ID, attributes, ctypes.sizeof(attributes)) == 0:
        count += 1
        attributes[0] = attributes[1]
    return count


def install():
    shutil.copy(shutil.which("stapkill"), PROGRAM)
    with open("/share/stapkill.service.in", encoding="utf-8") as file:
        unit = file.read().replace("@STAPKILL_PROGRAM@", PROGRAM)
    with open("/run/systemd/system/stapkill.service", "w", encoding="utf-8") as file:
        file.write(unit)
    os.makedirs("/usr/lib/systemd/catalog", exist_ok=True)
    shutil.copy("/share/stapkill.catalog", "/usr/lib/systemd/catalog/")
    for name, text in (("web", WEB), ("eater", EATER), ("deaf", DEAF), ("faulty", FAULTY)):
        with open(f"/run/systemd/system/{name}.service", "w", encoding="utf-8") as file:
            file.write(text)
    must("journalctl --update-catalog && systemctl daemon-reload && systemctl start dbus")


def start_recorder():
    must("systemctl start stapkill")
    state = must("systemctl show -p ActiveState --value stapkill")
    if state != "active":
        raise Wrong(f"the recorder is {state}")


def main_pid(unit):
    return int(must(f"systemctl show -p MainPID --value {unit}"))


def entries(unit, since):
    """The recorder's entries that `journalctl -u` shows."""
    found = shell(f"journalctl --sync; journalctl -u {unit} --since=@{since} -o json SYSLOG_IDENTIFIER=stapkill").stdout
    return [json.loads(line) for line in found.splitlines()]


def judge(unit, since, words, cause):
    entry = until(lambda: next((one for one in entries(unit, since) if words in one["MESSAGE"]), None),
                  f"an entry with '{words}'; there is: {[one['MESSAGE'] for one in entries(unit, since)]}")
    if entry["STAPKILL_CAUSE"] != cause or entry["STAPKILL_UNIT"] != f"{unit}.service":
        raise Wrong(f"it says {entry['STAPKILL_CAUSE']} of {entry['STAPKILL_UNIT']}")
    answer = shell(f"sleep 2; stapkill why {unit}")  # a commit in a second
    if answer.returncode or words not in answer.stdout:
        raise Wrong(f"why does not say '{words}': {answer.stdout} {answer.stderr}")
    return entry["MESSAGE"]


def stopped():
    must("systemctl start web")
    since = int(time.time()) - 1
    must("systemctl stop web")
    said = judge("web", since, "asked by `systemctl stop web`", "kill")
    if said not in shell("systemctl status --lines=20 --full web").stdout:
        raise Wrong("systemctl status does not show: " + said)
    return said


def restarted():
    must("systemctl start web")
    since = int(time.time()) - 1
    must("systemctl restart web")
    return judge("web", since, "asked by `systemctl restart web`", "kill")


def killed_by_hand():
    must("systemctl start web")
    since = int(time.time()) - 1
    must(f"kill -9 {main_pid('web')}")
    said = judge("web", since, "was killed by SIGKILL from ", "kill")
    if said not in shell("systemctl status --lines=20 --full web").stdout:
        raise Wrong("systemctl status does not show: " + said)
    return said


def out_of_memory():
    since = int(time.time()) - 1
    must("systemctl start eater")
    return judge("eater", since, "tail(", "oom-memcg")


def grace_period():
    must("systemctl start deaf")
    until(lambda: os.path.exists("/run/deaf"), "its deafness")
    since = int(time.time()) - 1
    must("systemctl stop deaf")
    return judge("deaf", since, "after SIGTERM", "kill")


def fault():
    since = int(time.time()) - 1
    must("systemctl start faulty")
    return judge("faulty", since, "SIGSEGV", "fault")


def explained():
    text = shell("journalctl -x -u web SYSLOG_IDENTIFIER=stapkill").stdout
    if "Defined-By: stapkill" not in text or "stapkill why --verbose" not in text:
        raise Wrong("journalctl -x does not explain it: " + text[-500:])
    return "journalctl -x explains the entries"


def least_privilege():
    pid = main_pid("stapkill")
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    capabilities = shell(f"capsh --decode={status['CapEff']}").stdout.strip() or status["CapEff"]
    if int(status["CapEff"], 16) & ~0x80000800e4 or status["NoNewPrivs"] != "1" or status["Seccomp"] != "2":
        raise Wrong(f"{capabilities}, NoNewPrivs {status['NoNewPrivs']}, Seccomp {status['Seccomp']}")
    rss = int(status["VmHWM"].split()[0])
    if rss > MOST_RSS:
        raise Wrong(f"its memory was {rss} KiB")
    memory = must("systemctl show -p MemoryCurrent stapkill")
    with open(f"/proc/{pid}/oom_score_adj", encoding="utf-8") as file:
        return f"{capabilities}, VmHWM {rss} KiB, {memory}, oom_score_adj {file.read().strip()}"


def hardly_exposed():
    text = shell("systemd-analyze security stapkill").stdout
    level = re.search(r"Overall exposure level for \S+: ([0-9.]+)", text)
    if not level or float(level.group(1)) > MOST_EXPOSURE:
        raise Wrong(text[-300:])
    return "exposure " + level.group(1)


def without_words():
    """What the recorder itself wrote: nothing that went wrong."""
    text = shell("journalctl -u stapkill -o cat").stdout
    said = [line for line in text.splitlines() if line.startswith("stapkill: ")]
    if any("cannot" in line or "lost" in line for line in said) or not re.search("watching since|recording into", text):
        raise Wrong(text)
    status = shell("systemctl status stapkill").stdout
    if not re.search(r'Status: "watching since \S+Z; \d+ deaths? kept"', status):
        raise Wrong(status)
    return " / ".join(said)


def hook():
    """With the unit's sandbox, by a drop-in; it asks systemd to run what needs more."""
    os.makedirs("/run/systemd/system/stapkill.service.d", exist_ok=True)
    with open("/run/systemd/system/stapkill.service.d/hook.conf", "w", encoding="utf-8") as file:
        file.write(f"[Service]\nExecStart=\nExecStart={PROGRAM} record --backend bpf --exec /run/hook\n")
    with open("/run/hook", "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\nsystemd-run --quiet --pipe --collect systemd-cat -t hook\n")
    os.chmod("/run/hook", 0o755)
    must("systemctl daemon-reload && systemctl restart stapkill && systemctl start web")
    must(f"kill -9 {main_pid('web')}")
    line = until(lambda: next((one for one in shell("journalctl -t hook -o cat").stdout.splitlines() if '"comm":"sleep"' in one),
                              None), "the hook")
    shutil.rmtree("/run/systemd/system/stapkill.service.d")
    return json.loads(line)["verdict"]["summary"]


def systemtap():
    """The drop-in for hosts where only SystemTap can watch."""
    os.makedirs("/run/systemd/system/stapkill.service.d", exist_ok=True)
    shutil.copy("/share/with-systemtap.conf", "/run/systemd/system/stapkill.service.d/")
    must("systemctl daemon-reload && systemctl restart stapkill && systemctl start web")
    if not shell("grep ^stapkill_ /proc/modules").stdout:
        raise Wrong("no module is loaded")
    since = int(time.time()) - 1
    must(f"kill -9 {main_pid('web')}")
    said = judge("web", since, "was killed by SIGKILL from ", "kill")
    must("systemctl stop stapkill")
    left = shell("grep ^stapkill_ /proc/modules").stdout
    if left:
        raise Wrong("its module is left: " + left)
    shutil.rmtree("/run/systemd/system/stapkill.service.d")
    must("systemctl daemon-reload && systemctl start stapkill")
    return said


def watchdog():
    """A recorder that stands still is ended and started again."""
    os.makedirs("/run/systemd/system/stapkill.service.d", exist_ok=True)
    with open("/run/systemd/system/stapkill.service.d/dog.conf", "w", encoding="utf-8") as file:
        file.write("[Service]\nWatchdogSec=10\nTimeoutAbortSec=5\n")
    must("systemctl daemon-reload && systemctl restart stapkill")
    pid = main_pid("stapkill")
    time.sleep(25)
    if main_pid("stapkill") != pid:
        raise Wrong("it was ended although it was well: " + shell("journalctl -u stapkill -n 20").stdout)
    must(f"kill -STOP {pid}")
    until(lambda: main_pid("stapkill") not in (0, pid), "its restart")
    until(lambda: shell("systemctl is-active stapkill").stdout.strip() == "active", "its readiness")
    shutil.rmtree("/run/systemd/system/stapkill.service.d")
    must("systemctl daemon-reload")
    return "ended and started again"


def nothing_is_left():
    must("systemctl stop stapkill")
    until(lambda: programs() <= BEFORE, f"the end of the programs: {BEFORE} before, {programs()} after")
    if shell("pgrep -x stapkill").stdout:
        raise Wrong("a process is left")
    result = must("systemctl show -p Result --value stapkill")
    if result != "success":
        raise Wrong("its result is " + result)
    left = [path for path in glob.glob("/var/lib/stapkill/*") if os.stat(path).st_mode & 0o077]
    if left or os.stat("/var/lib/stapkill").st_mode & 0o777 != 0o700:
        raise Wrong(f"others can read {left or 'the store'}")
    return f"{programs()} BPF programs, as before"


SCENES = [stopped, restarted, killed_by_hand, out_of_memory, grace_period, fault, explained, least_privilege, hardly_exposed,
          without_words, hook, systemtap, watchdog, nothing_is_left]


def main():
    install()
    begun = time.monotonic()
    start_recorder()
    print(f"{'start':18} {time.monotonic() - begun:5.0f} s  {BEFORE} BPF programs before, {programs()} now", flush=True)
    right = count = 0
    for scene in SCENES:
        if sys.argv[1:] and scene.__name__ not in sys.argv[1:]:
            continue
        count += 1
        begun = time.monotonic()
        try:
            result = "ok    " + scene()
            right += 1
        except (Wrong, subprocess.TimeoutExpired, ValueError, KeyError, OSError) as wrong:
            result = f"WRONG {wrong}"
        print(f"{scene.__name__:18} {time.monotonic() - begun:5.0f} s  {result}", flush=True)
    print(f"{right} of {count} scenes are right")
    sys.exit(right != count)


BEFORE = programs()
main()
