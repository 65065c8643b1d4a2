"""The subject `autopsy` of scripts/bench: `why` without a recorder, over a kern.log of 500 MB and a journal of 1 GB, for the last
day."""
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime

import bpf

LOG_BYTES, JOURNAL_BYTES = 500 << 20, 1 << 30
DAYS = 60
RUNS = 3
TIME_AIM, MEMORY_AIM = 3.0, 64  # seconds, MiB
REMOTE = "/lib/systemd/systemd-journal-remote"
MACHINE = "0123456789abcdef0123456789abcdef"


def stamps(count):
    """Wall times of the last DAYS days, evenly, the latest a minute ago."""
    until = time.time() - 60
    return (until - DAYS * 86400 * (count - at) / count for at in range(count))


def write_kern_log(path):
    line = "web1 kernel: [%12.6f] eth0: link is up, 1000 Mbps, full duplex, lpa 0x%04X and other words to fill the line\n"
    size = len("Nov 30 00:00:00 ") + len(line % (1e6, 7))
    with open(path, "w", encoding="ascii") as file:
        for at, stamp in enumerate(stamps(LOG_BYTES // size)):
            file.write(datetime.fromtimestamp(stamp).strftime("%b %e %H:%M:%S ") + line % (at, at & 0xffff))
        now = datetime.now().strftime("%b %e %H:%M:%S ")
        file.write(now + "web1 kernel: [9999999.000000] Out of memory: Killed process 4711 (victim) total-vm:36kB, anon-rss:5kB, "
                   "file-rss:1kB, shmem-rss:0kB, UID:0 pgtables:1kB oom_score_adj:0\n")


def write_journal(folder):
    """Through systemd-journal-remote, until the file has its size."""
    os.makedirs(folder)
    path = os.path.join(folder, "system.journal")
    with subprocess.Popen([REMOTE, "-o", path, "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as remote:
        count = JOURNAL_BYTES // 350  # bytes that one of these entries takes
        for at, stamp in enumerate(stamps(count)):
            kernel = at % 10 == 0
            fields = {"__REALTIME_TIMESTAMP": int(stamp * 1e6), "__MONOTONIC_TIMESTAMP": at * 1000, "_BOOT_ID": MACHINE,
                      "_MACHINE_ID": MACHINE, "_HOSTNAME": "web1", "PRIORITY": 6,
                      "MESSAGE": f"request {at} of some client was answered with a few words after {at % 977} ms"}
            fields.update({"_TRANSPORT": "kernel", "SYSLOG_IDENTIFIER": "kernel"} if kernel else
                          {"_TRANSPORT": "stdout", "SYSLOG_IDENTIFIER": "app", "_PID": 2000 + at % 50, "_COMM": "app",
                           "_SYSTEMD_UNIT": f"app{at % 50}.service"})
            remote.stdin.write("".join(f"{name}={value}\n" for name, value in fields.items()).encode() + b"\n")
        remote.stdin.close()
    return sum(os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder))


def high_water(pid):
    """MiB that it has held at most (proc(5), VmHWM); 0: it has ended."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
            return next((int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:")), 0)
    except OSError:
        return 0


def once(root):
    """Seconds, and the most MiB of the program itself; its journalctl maps the journal, whose pages count for that process."""
    begun = time.monotonic()
    process = subprocess.Popen([bpf.STAPKILL, "why", "victim", "--root", root, "--since", "1d"], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    most = 0
    while process.poll() is None:
        most = max(most, high_water(process.pid))
        time.sleep(0.002)
    took = time.monotonic() - begun
    out, error = process.stdout.read(), process.stderr.read()
    if b"victim(4711) was killed by SIGKILL" not in out:
        sys.exit(f"why did not find the death: {out.decode()} {error.decode()}")
    return took, most


def floor(root):
    """The same day by journalctl and grep alone."""
    begun = time.monotonic()
    subprocess.run(["journalctl", "--directory", os.path.join(root, "var/log/journal"), "--since", "-1d", "_TRANSPORT=kernel",
                    "-o",
                    "cat"], stdout=subprocess.DEVNULL, check=True)
    subprocess.run(["grep", "-c", "Killed process", os.path.join(root, "var/log/kern.log")], stdout=subprocess.DEVNULL,
                   check=True)
    return time.monotonic() - begun


def autopsy():
    root = tempfile.mkdtemp(prefix="stapkill-bench-")
    try:
        os.makedirs(os.path.join(root, "var/log"))
        write_kern_log(os.path.join(root, "var/log/kern.log"))
        size = write_journal(os.path.join(root, "var/log/journal", MACHINE))
        runs = [once(root) for _ in range(RUNS)]
        peak = max(memory for _, memory in runs)
        peer = statistics.median(floor(root) for _ in range(RUNS))
        took = statistics.median(seconds for seconds, _ in runs)
        print(f"autopsy  kern.log of {LOG_BYTES >> 20} MiB, journal of {size >> 20} MiB, last day: {took:.2f} s "
              f"(at most {TIME_AIM}), {peak:.0f} MiB (at most {MEMORY_AIM}), {took / peer:.2f} x journalctl and grep "
              f"alone ({peer:.2f} s)")
        return took <= TIME_AIM and peak <= MEMORY_AIM
    finally:
        shutil.rmtree(root)


SUBJECTS = {"autopsy": autopsy}
