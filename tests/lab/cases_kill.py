"""Who killed a process, by which system call, and the verdict on a process that nobody killed."""
import os
import subprocess
import sys
import time

from support import (LIBC, SYS_PIDFD, SYS_QUEUE, SYS_TGKILL, SYS_TGQUEUE, SYS_TKILL, check_kill, pids, siginfo, victim,
                     watch_victim)

BACKENDS = ["stap", "bpf"]


def kill_by_shell_builtin():
    process = victim()
    watch = watch_victim(process)
    shell = subprocess.Popen(["sh", "-c", f"kill -9 {process.pid}; exit 0"])
    shell.wait()
    death, fatal = check_kill(watch, process, "kill", "kill")
    assert fatal["sender"]["pid"] == shell.pid and fatal["sender"]["comm"] == "sh"
    assert fatal["sender"]["argv"] == ["sh", "-c", f"kill -9 {process.pid}; exit 0"]
    assert pids(fatal["ancestry"])[0] == os.getpid()
    assert fatal["signal"]["code_name"] == "SI_USER" and fatal["signal"]["result"] == "delivered"


def kill_by_bin_kill():
    process = victim()
    watch = watch_victim(process)
    killer = subprocess.Popen(["/bin/kill", "-TERM", str(process.pid)], cwd="/usr")
    killer.wait()
    death, fatal = check_kill(watch, process, "kill", "kill", 15, "SIGTERM")
    sender = fatal["sender"]
    assert sender["pid"] == killer.pid and sender["exe"].endswith("/bin/kill"), sender
    assert sender["argv"] == ["/bin/kill", "-TERM", str(process.pid)]
    assert sender["cwd"] == "/usr" and sender["uid"] == 0 and sender["user"] == "root"


def kill_from_script_that_ended():
    """The main case: a script starts a short-lived kill in the background and ends before the kill acts."""
    process = victim()
    watch = watch_victim(process)
    script = os.path.join(watch.folder, "restart.sh")
    with open(script, "w") as file:
        file.write(f"#!/bin/sh\n(sleep 0.5; exec /bin/kill -9 {process.pid}) &\n")
    os.chmod(script, 0o755)
    subprocess.Popen([script], stdout=subprocess.DEVNULL).wait()
    death, fatal = check_kill(watch, process, "kill", "kill")
    ended = fatal["ancestry"][0]
    assert ended["ended"] is True and ended["argv"] == ["/bin/sh", script], ended
    assert script in death["verdict"]["summary"], death["verdict"]["summary"]


def kill_from_double_forked():
    process = victim()
    watch = watch_victim(process)
    first = os.fork()
    if first == 0:
        os.setsid()
        if os.fork() == 0:
            while os.getppid() == first:  # until it is a reaper's child: init's, or a subreaper's
                time.sleep(0.01)
            os.execv("/bin/kill", ["kill", "-9", str(process.pid)])
        os._exit(0)
    os.waitpid(first, 0)
    death, fatal = check_kill(watch, process, "kill", "kill")
    chain = pids(fatal["ancestry"])
    assert chain[:2] == [first, os.getpid()], chain
    assert fatal["ancestry"][0]["ended"] is True


def tgkill():
    process = victim()
    watch = watch_victim(process)
    assert LIBC.syscall(SYS_TGKILL, process.pid, process.pid, 9) == 0
    death, fatal = check_kill(watch, process, "tkill", "tgkill")
    assert fatal["signal"]["code_name"] == "SI_TKILL" and fatal["sender"]["pid"] == os.getpid()


def tkill():
    process = victim()
    watch = watch_victim(process)
    assert LIBC.syscall(SYS_TKILL, process.pid, 15) == 0
    check_kill(watch, process, "tkill", "tkill", 15, "SIGTERM")


def sigqueue():
    process = victim()
    watch = watch_victim(process)
    assert LIBC.syscall(SYS_QUEUE, process.pid, 34, siginfo(34, -1)) == 0
    death, fatal = check_kill(watch, process, "sigqueue", "rt_sigqueueinfo", 34, "SIGRTMIN")
    assert fatal["signal"]["code_name"] == "SI_QUEUE"


def tgsigqueue():
    process = victim()
    watch = watch_victim(process)
    assert LIBC.syscall(SYS_TGQUEUE, process.pid, process.pid, 15, siginfo(15, -1)) == 0
    check_kill(watch, process, "sigqueue", "rt_tgsigqueueinfo", 15, "SIGTERM")


def pidfd_send_signal():
    process = victim()
    watch = watch_victim(process)
    descriptor = os.pidfd_open(process.pid)
    assert LIBC.syscall(SYS_PIDFD, descriptor, 9, None, 0) == 0
    check_kill(watch, process, "pidfd", "pidfd_send_signal")


def self_kill():
    process = subprocess.Popen(["sh", "-c", "read x; kill -9 $$"], stdin=subprocess.PIPE)
    watch = watch_victim(process)
    process.communicate(b"\n")
    death = watch.death()
    assert death["verdict"]["cause"] == "self" and death["verdict"]["by"] == "self", death["verdict"]
    assert death["verdict"]["killer"]["pid"] == process.pid


def abort_is_self():
    process = subprocess.Popen([sys.executable, "-c", "import os; input(); os.abort()"], stdin=subprocess.PIPE)
    watch = watch_victim(process)
    process.communicate(b"\n")
    death = watch.death()
    assert death["exit"]["signal_name"] == "SIGABRT" and death["verdict"]["cause"] == "self", death


def exits(code):
    process = subprocess.Popen(["sh", "-c", f"read x; exit {code}"], stdin=subprocess.PIPE)
    watch = watch_victim(process)
    process.communicate(b"\n")
    death = watch.death()
    assert death["exit"] == {"kind": "exit", "signal": None, "signal_name": None, "status": code, "core_dumped": False,
                             "shell_code": code}, death["exit"]
    verdict = death["verdict"]
    assert verdict["cause"] == "exit" and verdict["by"] == "self" and verdict["killer"] is None, verdict
    assert verdict["signal_seq"] is None and verdict["confidence"] == "certain"
    assert pids(death["ancestry"])[0] == os.getpid() and pids(death["ancestry"])[-1] == 1


def plain_exit():
    exits(3)


def exit_137_is_no_signal():
    exits(137)


def term_handled_then_exit():
    code = "import signal, sys; signal.signal(15, lambda *_: sys.exit(0)); print(1, flush=True); signal.pause()"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    process.stdout.readline()
    watch = watch_victim(process)
    process.terminate()
    death = watch.death()
    assert death["verdict"]["cause"] == "exit", death["verdict"]
    assert any("SIGTERM" in line for line in death["verdict"]["evidence"]), death["verdict"]["evidence"]


def signal_of_the_kernel_does_not_name_the_running_task():
    process = subprocess.Popen([sys.executable, "-c", "input(); import ctypes; ctypes.string_at(0)"], stdin=subprocess.PIPE)
    watch = watch_victim(process)
    process.communicate(b"\n")
    death, fatal = watch.fatal()
    assert death["exit"]["signal_name"] == "SIGSEGV" and death["verdict"]["cause"] == "fault", death["verdict"]
    assert death["verdict"]["by"] == "kernel" and death["verdict"]["killer"] is None
    assert fatal["by"] == "kernel" and fatal["syscall"] is None
