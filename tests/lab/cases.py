"""What stapkill must see on a real kernel. Run in the lab's guest by guest.py; each function is one test."""
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import time

from support import (LIBC, LIMIT, SYS_PIDFD, SYS_QUEUE, SYS_TGKILL, SYS_TGQUEUE, SYS_TKILL, Watch, check_kill, loaded, pids,
                     until, victim, watch_victim)


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
    """The issue's heart: a script starts a short-lived kill in the background and is gone before it acts."""
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
            while os.getppid() == first or os.path.exists(f"/proc/{os.getppid()}/stat") and os.getppid() != 1:
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


def siginfo(number, code):
    import struct
    return struct.pack("iiiiiiq", number, 0, code, 0, os.getpid(), 0, 7) + bytes(96)


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


def hostile_killer():
    """A comm and an argv with newline, escape, quote, a lone % and bytes that are no UTF-8."""
    process = victim()
    watch = watch_victim(process)
    tool = os.path.join(watch.folder, "tool")
    shutil.copy("/bin/sh", tool)
    hostile = b'a\nS 0 1 2 3\x1b[31m"%41% \\ \xff\xfe'
    code = f"printf 'x\\n\\033[2J%%\"' > /proc/$$/comm; kill -9 {process.pid}; exit 0"
    subprocess.Popen([tool.encode(), b"-c", code.encode(), hostile, b"", b"-"]).wait()
    death, fatal = check_kill(watch, process, "kill", "kill")
    assert fatal["sender"]["comm"] == 'x\n\x1b[2J%"', fatal["sender"]["comm"]
    assert fatal["sender"]["argv"][3:] == ['a\nS 0 1 2 3\x1b[31m"%41% \\ \ufffd\ufffd', "", "-"], fatal["sender"]["argv"]


def long_argv():
    process = victim()
    watch = watch_victim(process)
    argv = ["sh", "-c", f"kill -9 {process.pid}; exit 0", "x" * 100_000]
    subprocess.Popen(argv).wait()
    death, fatal = check_kill(watch, process, "kill", "kill")
    sender = fatal["sender"]
    assert sender["argv_bytes"] == sum(len(word) + 1 for word in argv), sender["argv_bytes"]
    assert sender["argv"][:3] == argv[:3] and 1000 < len(sender["argv"][3]) < 100_000


def self_kill():
    process = victim("sh", "-c", "read x; kill -9 $$")
    process.kill()
    process.wait()
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


def kernel_sent_is_unknown_not_wrong():
    process = subprocess.Popen([sys.executable, "-c", "input(); import ctypes; ctypes.string_at(0)"], stdin=subprocess.PIPE)
    watch = watch_victim(process)
    process.communicate(b"\n")
    death, fatal = watch.fatal()
    assert death["exit"]["signal_name"] == "SIGSEGV" and death["verdict"]["cause"] == "unknown", death["verdict"]
    assert death["verdict"]["by"] == "kernel" and death["verdict"]["killer"] is None
    assert fatal["by"] == "kernel" and fatal["syscall"] is None


def threads_die_once():
    code = ("import threading, time\nfor _ in range(50): threading.Thread(target=time.sleep, args=(600,)).start()\n"
            "print(1, flush=True)")
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    process.stdout.readline()
    watch = watch_victim(process)
    process.kill()
    check_kill(watch, process, "kill", "kill")


def name_that_appears_later():
    watch = Watch("--name", "^lab-late$", "--until-death", "--duration", str(LIMIT))
    tool = os.path.join(watch.folder, "lab-late")
    shutil.copy(shutil.which("sleep"), tool)
    process = victim(tool, "600")
    until(lambda: open(f"/proc/{process.pid}/comm").read() == "lab-late\n")
    process.kill()
    death, fatal = check_kill(watch, process, "kill", "kill")
    assert death["process"]["argv"] == [tool, "600"], death["process"]


def name_after_rename():
    code = "import time; input(); open('/proc/self/comm', 'w').write('lab-renamed'); print(1, flush=True); time.sleep(600)"
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    watch = Watch("--name", "lab-renamed", "--until-death", "--duration", str(LIMIT))
    process.stdin.write(b"\n")
    process.stdin.flush()
    process.stdout.readline()
    process.kill()
    check_kill(watch, process, "kill", "kill")


def children():
    code = ("import os, sys, time\nsys.stdin.readline()\npid = os.fork()\nif pid == 0: time.sleep(600)\n"
            "print(pid, flush=True)\nsys.stdin.readline()")
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    watch = Watch("--pid", str(process.pid), "--children")
    process.stdin.write("\n")
    process.stdin.flush()
    child = int(process.stdout.readline())
    os.kill(child, signal.SIGKILL)
    until(lambda: [d for d in watch.of("death") if d["process"]["pid"] == child])
    process.communicate("\n")
    until(lambda: len(watch.of("death")) == 2)
    deaths = {d["process"]["pid"]: d for d in watch.finish() if d["type"] == "death"}
    assert deaths[child]["verdict"]["cause"] == "kill" and deaths[process.pid]["verdict"]["cause"] == "exit"


def command():
    watch = Watch("--", "sh", "-c", "kill -TERM $$", wait=False)
    death = watch.death()
    assert death["exit"]["signal_name"] == "SIGTERM" and death["verdict"]["cause"] == "self", death["verdict"]


def filters():
    process = victim()
    watch = Watch("--pid", str(process.pid), "--signal", "USR1,CONT", "--sender-pid", str(os.getpid()), "--count", "2")
    for number in (signal.SIGURG, signal.SIGCONT, signal.SIGWINCH, signal.SIGCONT):
        process.send_signal(number)
    assert watch.process.wait(LIMIT) == 0
    names = [s["signal"]["name"] for s in watch.of("signal")]
    assert names == ["SIGCONT", "SIGCONT"], names
    process.kill()


def trace_exec():
    watch = Watch("--all", "--signal", "USR2", "--trace-exec")
    process = victim("/bin/true")
    process.wait()
    until(lambda: [r for r in watch.of("exit") if r["process"]["pid"] == process.pid])
    records = watch.finish()
    kinds = [r["type"] for r in records if r["type"] in ("fork", "exec", "exit") and r["process"]["pid"] == process.pid]
    assert kinds == ["fork", "exec", "exit"], kinds


def armed_for_any_pid_from_cache():
    process = victim()
    watch = watch_victim(process)
    process.kill()
    check_kill(watch, process, "kill", "kill")
    assert watch.of("armed")[0]["from_cache"] is True


def two_at_once():
    process = victim()
    first, second = watch_victim(process), watch_victim(process)
    assert len(loaded()) == 2
    process.kill()
    assert first.process.wait(LIMIT) == 0 and second.process.wait(LIMIT) == 0
    assert len(first.of("death")) == len(second.of("death")) == 1
    assert not loaded()


def ends_by(number):
    process = victim()
    watch = Watch("--pid", str(process.pid))
    watch.finish(number)
    assert watch.process.returncode == 0, watch.errors()
    process.kill()


def sigint_unloads():
    ends_by(signal.SIGINT)


def sigterm_unloads():
    ends_by(signal.SIGTERM)


def sighup_unloads():
    ends_by(signal.SIGHUP)


def closed_pipe_unloads():
    process = victim()
    shell = subprocess.Popen(["sh", "-c", f"stapkill watch --format jsonl --pid {process.pid} | head -n 2 >/dev/null"])
    until(lambda: loaded())
    while shell.poll() is None:
        os.kill(process.pid, signal.SIGCONT)
        time.sleep(0.2)
    until(lambda: not loaded())
    process.kill()


def sigkill_leaves_nothing():
    process = victim()
    watch = Watch("--pid", str(process.pid))
    assert loaded()
    watch.process.kill()
    watch.process.wait()
    until(lambda: not loaded())
    process.kill()


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


def signals_are_all_counted():
    """Sent = recorded + lost, exactly."""
    sent = 5_000
    process = victim()
    watch = watch_victim(process, "--signal", "CONT")
    for _ in range(sent):
        os.kill(process.pid, signal.SIGCONT)
    process.kill()
    process.wait()
    assert watch.process.wait(LIMIT) == 0
    with open(watch.file, "rb") as file:
        lines = file.read().splitlines()
    summary = json.loads(lines[-1])
    assert summary["type"] == "summary" and summary["lost"] == 0, summary
    assert summary["signals"] == sent == sum(line.startswith(b'{"type":"signal"') for line in lines), summary


def retune():
    """A limit that is too low ends the module; --retune starts it again with the option that raises it."""
    process = victim()
    watch = watch_victim(process, "--stap-arg=-DMAXACTION=1", "--retune")
    time.sleep(1)
    process.kill()
    process.wait()
    death = watch.death()
    assert death["exit"]["signal"] == 9 and death["verdict"]["cause"] == "kill", death["verdict"]
    told = [record["id"] for record in watch.of("diagnostic")]
    assert told[:2] == ["stap.maxaction", "stap.retune"], told
