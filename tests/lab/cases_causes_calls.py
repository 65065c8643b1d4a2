"""Causes that are a system call of another process, and requests that came before."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from support import (LIMIT, READY, SYS_PIDFD, SYS_QUEUE, SYS_TGKILL, SYS_TGQUEUE, SYS_TKILL, TRACER, Pid, Watch, check_cause,
                     descendants, ended, go, python, siginfo, says, printed_pid, victim, watch_victim)

BACKENDS = ["stap", "bpf"]

KILLER = [sys.executable, "-c"]


def by_a_call(cause, number, call, *, make=victim):
    """A victim that another process ends with this code; PID in the code is the victim's."""
    process = make()
    watch = watch_victim(process)
    code = "import ctypes, os, signal, struct; libc = ctypes.CDLL(None); " + call.replace("PID", str(process.pid))
    killer = subprocess.Popen([*KILLER, code])
    killer.wait()
    death = ended(watch, cause, killer.pid, [*KILLER, code], number)
    process.wait()
    return death


def kill_of_a_group():
    by_a_call("kill", signal.SIGKILL, "os.killpg(PID, 9)", make=lambda: subprocess.Popen(["sleep", "600"], preexec_fn=os.setpgrp))


def kill_of_everyone():
    """In a pid namespace of its own, so that kill(-1) reaches no other process."""
    code = ("import os, signal, sys, time; signal.signal(15, signal.SIG_IGN); child = os.fork()\n"
            "if child == 0: signal.signal(15, signal.SIG_DFL); time.sleep(600)\n"
            "print(1, flush=True); input(); os.kill(-1, 15); os.waitpid(child, 0); input()")
    outer = subprocess.Popen(["unshare", "--pid", "--fork", sys.executable, "-c", code], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE)
    outer.stdout.readline()
    init, child = descendants(outer.pid)[:2]
    watch = watch_victim(Pid(child))
    go(outer)
    ended(watch, "kill", init, [sys.executable, "-c", code], signal.SIGTERM)
    outer.communicate(b"\n")


def kill_after_a_grace_period():
    """SIGTERM, which is handled, then SIGKILL from another process: one verdict names both senders."""
    process = python("import signal, time; signal.signal(15, lambda *_: None)\nprint(1, flush=True)\nwhile True: time.sleep(9)")
    watch = watch_victim(process)
    subprocess.run(["/bin/kill", "-TERM", str(process.pid)], check=True)
    time.sleep(0.3)
    killer = subprocess.Popen(["/bin/kill", "-KILL", str(process.pid)])
    killer.wait()
    death = ended(watch, "kill", killer.pid, ["/bin/kill", "-KILL", str(process.pid)])
    process.wait()
    assert " after SIGTERM from kill(" in death["verdict"]["summary"], death["verdict"]


def tkill_of_a_thread():
    by_a_call("tkill", signal.SIGTERM, f"libc.syscall({SYS_TKILL}, PID, 15)")


def tgkill_of_a_thread():
    by_a_call("tkill", signal.SIGKILL, f"libc.syscall({SYS_TGKILL}, PID, PID, 9)")


def sigqueue_to_a_process():
    info = siginfo(15, -1).hex()
    by_a_call("sigqueue", signal.SIGTERM, f"libc.syscall({SYS_QUEUE}, PID, 15, bytes.fromhex('{info}'))")


def sigqueue_to_a_thread():
    info = siginfo(10, -60).hex()
    by_a_call("sigqueue", signal.SIGUSR1, f"libc.syscall({SYS_TGQUEUE}, PID, PID, 10, bytes.fromhex('{info}'))")


def sigqueue_that_forges_a_timer():
    info = siginfo(14, -2).hex()
    death = by_a_call("sigqueue", signal.SIGALRM, f"libc.syscall({SYS_QUEUE}, PID, 14, bytes.fromhex('{info}'))")
    says(death, "rt_sigqueueinfo(2) = 0")  # the call's result is seen, with any code that the sender gives


def pidfd_of_sigkill():
    by_a_call("pidfd", signal.SIGKILL, f"libc.syscall({SYS_PIDFD}, os.pidfd_open(PID), 9, 0, 0)")


def pidfd_of_sigterm():
    by_a_call("pidfd", signal.SIGTERM, f"libc.syscall({SYS_PIDFD}, os.pidfd_open(PID), 15, 0, 0)")


def stopped_and_killed():
    process = victim()
    watch = watch_victim(process)
    process.send_signal(signal.SIGSTOP)
    killer = subprocess.Popen(["/bin/kill", "-KILL", str(process.pid)])
    killer.wait()
    death = ended(watch, "kill", killer.pid, number=signal.SIGKILL)
    process.wait()
    says(death, "before:")


def traced_and_killed():
    """The tracer is not the killer."""
    process = victim()
    tracer = python(TRACER.format(pid=process.pid).replace("1 << 20", "0"))
    printed_pid(tracer)
    watch = watch_victim(process)
    killer = subprocess.Popen(["/bin/kill", "-TERM", str(process.pid)])
    killer.wait()
    time.sleep(0.3)
    go(tracer)  # a signal stops a traced process until its tracer detaches
    tracer.wait()
    ended(watch, "kill", killer.pid, ["/bin/kill", "-TERM", str(process.pid)], signal.SIGTERM)
    process.wait()


def what_came_before():
    """Ignored, blocked, pending and handled signals did not kill; the evidence names them."""
    process = python("import signal, time; signal.signal(1, signal.SIG_IGN); signal.signal(15, lambda *_: None); "
                     "signal.pthread_sigmask(signal.SIG_BLOCK, [12])\nprint(1, flush=True)\nwhile True: time.sleep(9)")
    watch = watch_victim(process)
    for number in 1, 12, 12, 15:
        process.send_signal(number)
    process.kill()
    death = ended(watch, "kill", os.getpid(), number=signal.SIGKILL)
    process.wait()
    for text in "SIGHUP ignored", "SIGUSR2 delivered, blocked then", "SIGUSR2 already_pending", "SIGTERM delivered to a handler":
        says(death, text)


def lower_of_two_blocked_signals():
    """The kernel takes the lower number first, in any order of arrival."""
    process = python("import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [10, 15]); "
                     f"{READY}; signal.pthread_sigmask(signal.SIG_UNBLOCK, [10, 15])")
    watch = watch_victim(process)
    late = subprocess.Popen(["/bin/kill", "-TERM", str(process.pid)])
    late.wait()
    fatal = subprocess.Popen(["/bin/kill", "-USR1", str(process.pid)])
    fatal.wait()
    go(process)
    ended(watch, "kill", fatal.pid, number=signal.SIGUSR1)
    process.wait()


def timeout_that_ran_out():
    """timeout(1) with KILL kills its command and itself."""
    argv = ["timeout", "--foreground", "-s", "KILL", "1", "sleep", "600"]
    watch = Watch("--children", "--", *argv, wait=False)
    assert watch.process.wait(LIMIT) == 0, watch.errors()
    deaths = {record["process"]["comm"]: record for record in watch.of("death")}
    killer = deaths["timeout"]["process"]
    check_cause(deaths["sleep"], "kill", killer["pid"], killer["argv"])
    says(deaths["sleep"], "whose time was over (timeout --foreground -s KILL 1 sleep 600)")
    assert "stapkill" not in deaths["sleep"]["verdict"]["summary"], deaths["sleep"]["verdict"]


def job_of_cron():
    """A process whose name is cron: the explanation ends there, with the line of the job."""
    process = victim()
    watch = watch_victim(process)
    folder = tempfile.mkdtemp()
    cron = os.path.join(folder, "cron")
    shutil.copy(os.path.realpath(sys.executable), cron)
    line = f"kill -9 {process.pid}; exit 0"
    # A copy of the interpreter finds its library with the original's path.
    environment = {**os.environ, "PYTHONHOME": sys.base_prefix}
    code = "import subprocess, sys; subprocess.run(['/bin/sh', '-c', sys.argv[1]])"
    subprocess.run([cron, "-c", code, line], env=environment, check=True)
    death = watch.death()
    process.wait()
    shutil.rmtree(folder)
    says(death, "a job of cron(")
    says(death, line)
