"""Cases for SystemTap alone: modules, the cache, staprun."""
import glob
import os
import signal
import subprocess
import time

from support import LIMIT, Watch, check_kill, descendants, loaded, victim, watch_victim

BACKENDS = ["stap"]


def armed_for_any_pid_from_cache():
    process = victim()
    watch = watch_victim(process)
    process.kill()
    check_kill(watch, process, "kill", "kill")
    assert watch.of("armed")[0]["from_cache"] is True


def next_start_removes_leftovers():
    module = glob.glob("/var/cache/stapkill/modules/*/stapkill_watching.ko")[0]
    subprocess.run(["staprun", "-L", "-R", module], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    left = loaded()
    assert len(left) == 1
    process = victim()
    watch = Watch("--pid", str(process.pid))
    assert left[0] not in loaded() and len(loaded()) == 1, loaded()
    assert any(d["id"] == "stap.leftover" and left[0] in d["message"] for d in watch.of("diagnostic"))
    watch.finish()
    process.kill()


def staprun_killed():
    process = victim()
    watch = Watch("--pid", str(process.pid))
    task = f"/proc/{watch.process.pid}/task/{watch.process.pid}/children"
    os.kill(int(open(task).read().split()[0]), signal.SIGKILL)
    assert watch.process.wait(LIMIT) == 1
    assert not loaded(), loaded()
    records = watch.records()
    assert records[-1]["type"] == "summary" and any(r["type"] == "diagnostic" for r in records), records[-2:]
    process.kill()


def a_lost_end_ends_the_watch():
    """The record of the end is lost in a full buffer, and no record follows on that CPU: its sequence is announced."""
    process = victim()
    watch = watch_victim(process, "--signal", "CONT", "--buffer-size", "1M")
    reader = [pid for pid in descendants(watch.process.pid) if open(f"/proc/{pid}/comm").read() == "stapio\n"][0]
    everywhere = os.sched_getaffinity(0)
    os.kill(reader, signal.SIGSTOP)
    try:
        for pid in 0, process.pid:
            os.sched_setaffinity(pid, {0})
        for _ in range(30_000):  # several MiB
            os.kill(process.pid, signal.SIGCONT)
        process.kill()
        process.wait()
    finally:
        os.sched_setaffinity(0, everywhere)
        os.kill(reader, signal.SIGCONT)
    assert watch.process.wait(LIMIT) == 1, watch.errors()
    records = watch.records()
    assert not watch.of("death") and records[-1]["lost"] > 0, records[-1]
    missing = [d["message"] for d in watch.of("diagnostic") if d["id"] == "target.missing"]
    assert missing and f"process {process.pid} ended" in missing[0], watch.of("diagnostic")
    assert records[-1]["duration_s"] < 100, records[-1]


def sysctls_stay():
    names = ["/proc/sys/kernel/kptr_restrict", "/proc/sys/debug/kprobes-optimization"]
    for restrict in "0", "2":
        with open(names[0], "w") as file:
            file.write(restrict)
        before = [open(name).read() for name in names]
        process = victim()
        watch = watch_victim(process)
        process.kill()
        check_kill(watch, process, "kill", "kill")
        assert [open(name).read() for name in names] == before, restrict
    with open(names[0], "w") as file:
        file.write("0")


def retune():
    """A limit that is too low ends the module; --retune starts it again with the option that raises it."""
    process = victim()
    watch = watch_victim(process, "--stap-arg=-DMAXACTION=1", "--retune")
    time.sleep(1)
    process.kill()
    process.wait()
    death = watch.death()
    assert death["exit"]["signal"] == 9 and death["verdict"]["cause"] == "kill", death["verdict"]
    ids = [record["id"] for record in watch.of("diagnostic")]
    assert ids[:2] == ["stap.maxaction", "stap.retune"], ids


def headers_stay():
    """Compiling changes no file of the kernel's headers (scripts/lib/lab.sh compiled and listed them)."""
    with open("/share/headers.before") as before, open("/share/headers.after") as after:
        before, after = before.read(), after.read()
    assert before.count("/Module.symvers") >= 2, before[:1000]  # a line with its size and time, and one with its checksum
    changed = set(before.splitlines()) ^ set(after.splitlines())
    assert not changed, sorted(changed)[:20]
