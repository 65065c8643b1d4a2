"""Deaths whose cause has no name, or whose signal was not seen although other signals of its number were."""
import ctypes
import os
import signal
import subprocess
import time

from support import LIBC, READY, ended, go, knows_functions, python, says, victim, watch_victim

BACKENDS = ["stap", "bpf"]
PTRACE_CONT, PTRACE_KILL, PTRACE_ATTACH = 7, 8, 16
LIBC.ptrace.argtypes = [ctypes.c_long] * 4


def repeat_of_a_signal_from_before_the_watch():
    """Of two pending signals the first is taken, and it came too early to be seen."""
    process = python(f"import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [15]); {READY}; "
                     "signal.pthread_sigmask(signal.SIG_UNBLOCK, [15])")
    process.terminate()
    watch = watch_victim(process)
    again = subprocess.Popen(["/bin/kill", "-TERM", str(process.pid)])
    again.wait()
    go(process)
    death = ended(watch, "unknown", number=signal.SIGTERM, confidence="unknown")
    process.wait()
    says(death, f"that was not seen was pending already when kill({again.pid}) sent it again")


def trace(process):
    assert LIBC.ptrace(PTRACE_ATTACH, process.pid, 0, 0) == 0
    os.waitid(os.P_PID, process.pid, os.WSTOPPED)


def killed_by_its_tracer():
    """PTRACE_KILL: a SIGKILL without a system call that sends signals."""
    process = victim()
    watch = watch_victim(process)
    trace(process)
    assert LIBC.ptrace(PTRACE_KILL, process.pid, 0, 0) == 0
    death = ended(watch, "unknown", number=signal.SIGKILL, confidence="unknown")
    process.wait()
    says(death, f"({os.getpid()}) " + ("ended it (PTRACE_KILL)" if knows_functions() else "ran"))


def signal_that_a_tracer_gives():
    """No process sends the signal: the tracer lets the process go on with it. A handler got one of that number before."""
    process = python("import signal; signal.signal(15, lambda *_: None)\n"
                     f"{READY}; signal.signal(15, signal.SIG_DFL); print(2, flush=True); input()")
    watch = watch_victim(process)
    process.terminate()
    time.sleep(1.5)
    go(process)
    process.stdout.readline()
    trace(process)
    assert LIBC.ptrace(PTRACE_CONT, process.pid, 0, signal.SIGTERM) == 0
    death = ended(watch, "unknown", number=signal.SIGTERM, confidence="unknown")
    process.wait()
    says(death, "the last SIGTERM that was seen went to a handler")
