"""What the bpf backend sees of the out-of-memory killer: in a memory cgroup of its own, for nobody else is to be hit."""
import os
import subprocess
import sys
import tempfile

from support import until, watch_victim

BACKENDS = ["bpf"]


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def mounted(wanted):
    """Where a file system of that kind is mounted; it is, where it was not."""
    for line in open("/proc/mounts"):
        place, kind = line.split()[1:3]
        if kind == wanted:
            return place
    place = tempfile.mkdtemp()
    subprocess.run(["mount", "-t", wanted, "none", place], check=True)
    return place


def memory_cgroup(limit):
    """A cgroup with a limit and no swap, of whichever version has the memory controller here."""
    first = "/sys/fs/cgroup/memory"
    root = first if os.path.exists(first + "/memory.limit_in_bytes") else mounted("cgroup2")
    group = f"{root}/stapkill-test-{os.getpid()}"
    if root != first:
        write(root + "/cgroup.subtree_control", "+memory")
    os.mkdir(group)
    write(group + ("/memory.limit_in_bytes" if root == first else "/memory.max"), str(limit))
    return group


def oom_killer_is_named():
    group = memory_cgroup(64 << 20)
    code = f"open('{group}/cgroup.procs', 'w').write('0'); input(); x = [b'x' * 1000000 for _ in range(1000)]"
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    until(lambda: str(process.pid) in open(group + "/cgroup.procs").read().split())
    watch = watch_victim(process)
    process.communicate(b"\n")
    death, fatal = watch.fatal()
    os.rmdir(group)
    assert death["exit"]["signal_name"] == "SIGKILL" and fatal["by"] == "kernel", death["exit"]
    verdict = death["verdict"]
    assert verdict["cause"] == "unknown" and verdict["killer"] is None, verdict
    assert "out-of-memory killer" in verdict["summary"], verdict["summary"]
    assert any(line.startswith("mark_victim") for line in verdict["evidence"]), verdict["evidence"]
    assert death["process"]["cgroup"].endswith(os.path.basename(group)), death["process"]["cgroup"]
