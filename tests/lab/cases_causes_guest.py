"""Causes that affect a whole machine: only in the guest."""
import os
import signal
import subprocess
import sys
import time

from support import LIMIT, READY, Watch, ended, go, memory_cgroup, python, says, until, watch_victim, write

BACKENDS = ["stap", "bpf"]
GUEST = True  # never on the machine of the test

# Takes memory until it is stopped: 8 MiB per step, and touches all of it.
EATER = "x = []\nwhile True: x.append(b'x' * (8 << 20))"


def oom_of_the_machine():
    process = python(f"open('/proc/self/oom_score_adj', 'w').write('1000'); {READY}\n" + EATER)
    watch = watch_victim(process)
    go(process)
    death = ended(watch, "oom-global", number=signal.SIGKILL)
    process.wait()
    says(death, "the machine has ")
    says(death, "was 1000")


def oom_of_the_machine_by_another():
    """The process that asks for the memory is not the one that is killed."""
    process = python("open('/proc/self/oom_score_adj', 'w').write('1000'); x = b'x' * (64 << 20)\n"
                     "print(1, flush=True)\nimport time; time.sleep(600)")
    eater = python(f"open('/proc/self/oom_score_adj', 'w').write('-500'); {READY}\n" + EATER)
    watch = watch_victim(process)
    go(eater)
    ended(watch, "oom-global", number=signal.SIGKILL)
    for one in process, eater:
        one.kill()
        one.wait()


def oom_of_a_whole_group():
    """With memory.oom.group the whole cgroup is killed, no matter which process took the memory."""
    group = memory_cgroup(64 << 20)
    write(group + "/memory.oom.group", "1")
    join = f"open('{group}/cgroup.procs', 'w').write('0'); "
    sleeper = python(join + "print(1, flush=True); import time; time.sleep(600)")
    eater = python(join + f"{READY}\n" + EATER)
    watch = Watch("--pid", str(sleeper.pid), "--pid", str(eater.pid))
    go(eater)
    until(lambda: len(watch.of("death")) == 2)
    for process in sleeper, eater:
        process.wait()
    for record in watch.finish():
        if record["type"] == "death":
            assert record["verdict"]["cause"] == "oom-memcg", record["verdict"]
    deaths = {record["process"]["pid"]: record for record in watch.of("death")}
    says(deaths[sleeper.pid], f"chose python3({eater.pid})")
    os.rmdir(group)


def sysrq_terminates_all():
    """SysRq e: SIGTERM to every process, also to stapkill, which emits the deaths before it ends."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        process = subprocess.Popen(["sleep", "600"], preexec_fn=lambda: signal.signal(signal.SIGTERM, signal.SIG_DFL))
        watch = watch_victim(process)
        writer = subprocess.Popen([sys.executable, "-c", "import signal; signal.signal(15, signal.SIG_IGN); "
                                   "open('/proc/sysrq-trigger', 'w').write('e')"])
        death = ended(watch, "sysrq", writer.pid, number=signal.SIGTERM)
        writer.wait()
        process.wait()
        says(death, "SysRq e")
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def sysrq_calls_the_oom_killer():
    """SysRq f: a kernel thread kills; the verdict names the process that asked."""
    process = python("open('/proc/self/oom_score_adj', 'w').write('1000'); x = b'x' * (64 << 20)\n"
                     "print(1, flush=True)\nimport time; time.sleep(600)")
    watch = watch_victim(process)
    code = "open('/proc/sysrq-trigger', 'w').write('f'); import time; time.sleep(3)"
    writer = subprocess.Popen([sys.executable, "-c", code])
    death = ended(watch, "sysrq", writer.pid, [sys.executable, "-c", code], signal.SIGKILL)
    writer.wait()
    process.wait()
    says(death, "SysRq f")


def clock_that_steps():
    """Records are in order even if the wall clock is changed."""
    process = subprocess.Popen(["sleep", "600"])
    watch = watch_victim(process)
    now = time.time()
    process.send_signal(signal.SIGCONT)
    until(lambda: watch.of("signal"))
    time.clock_settime(time.CLOCK_REALTIME, now - 3600)
    process.kill()
    process.wait()
    time.clock_settime(time.CLOCK_REALTIME, now + 2)
    assert watch.process.wait(LIMIT) == 0, watch.errors()
    times = [record["time"] for record in watch.records() if record["type"] in ("signal", "death")]
    assert times == sorted(times) and len(times) == 3, times
    assert watch.of("death")[0]["verdict"]["cause"] == "kill"
