"""The targets of a watch, and the records about them."""
import os
import shutil
import signal
import subprocess
import sys

from support import LIMIT, Watch, check_kill, until, victim, watch_victim

BACKENDS = ["stap", "bpf"]


def threads_die_once():
    code = ("import threading, time\nfor _ in range(200): threading.Thread(target=time.sleep, args=(600,)).start()\n"
            "print(1, flush=True)")
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    process.stdout.readline()
    watch = watch_victim(process)
    process.kill()
    check_kill(watch, process, "kill", "kill")
    assert len(watch.of("death")) == 1


def target_without_its_leader():
    """The first thread has ended and another lives: the process lives, and can be killed."""
    code = ("import ctypes, threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()\n"
            "ctypes.CDLL(None).syscall(60, 0)")  # exit(2): ends one thread
    process = victim(sys.executable, "-c", code)
    until(lambda: open(f"/proc/{process.pid}/stat").read().rpartition(")")[2].split()[0] == "Z")
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


def name_of_a_process_that_renames_itself_again():
    """A process that has joined stays watched under any name."""
    code = ("import time\nfor name in 'lab-first', 'lab-second', 'lab-third':\n    input()\n"
            "    open('/proc/self/comm', 'w').write(name)\n    print(1, flush=True)\ntime.sleep(600)")
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    watch = Watch("--name", "^lab-second$", "--until-death", "--duration", str(LIMIT))
    for number in signal.SIGURG, signal.SIGCONT, signal.SIGWINCH:
        process.stdin.write(b"\n")
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(number)
    process.kill()
    death, fatal = check_kill(watch, process, "kill", "kill")
    assert [s["signal"]["name"] for s in watch.of("signal")] == ["SIGCONT", "SIGWINCH", "SIGKILL"]
    assert death["process"]["comm"] == "lab-third", death["process"]


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


def children_of_children():
    """Twelve generations: the last is killed, and each of the others ends after its child."""
    code = ("import os, sys\nsys.stdin.readline()\nfor _ in range(12):\n"
            "    if os.fork():\n        os.wait()\n        os._exit(0)\n"
            "print(os.getpid(), flush=True)\nimport time\ntime.sleep(600)")
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    watch = Watch("--pid", str(process.pid), "--children")
    process.stdin.write("\n")
    process.stdin.flush()
    last = int(process.stdout.readline())
    os.kill(last, signal.SIGKILL)
    process.wait()
    until(lambda: len(watch.of("death")) == 13)
    deaths = [record for record in watch.finish() if record["type"] == "death"]
    assert len(deaths) == 13 and deaths[0]["process"]["pid"] == last and deaths[-1]["process"]["pid"] == process.pid
    assert [d["verdict"]["cause"] for d in deaths] == ["kill"] + 12 * ["exit"], [d["verdict"] for d in deaths]


def command():
    watch = Watch("--", "sh", "-c", "kill -TERM $$", wait=False)
    death = watch.death()
    assert death["exit"]["signal_name"] == "SIGTERM" and death["verdict"]["cause"] == "self", death["verdict"]


def command_that_cannot_run():
    watch = Watch("--", "/nonexistent/lab-command", wait=False)
    assert watch.process.wait(LIMIT) == 1
    assert "/nonexistent/lab-command" in watch.errors(), watch.errors()
    records = watch.finish()
    assert not [record for record in records if record["type"] == "death"], records


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
    process = victim("/bin/true", "lab-traced")
    process.wait()
    until(lambda: [r for r in watch.of("exit") if r["process"]["pid"] == process.pid])
    records = [r for r in watch.finish() if r["type"] in ("fork", "exec", "exit") and r["process"]["pid"] == process.pid]
    assert [r["type"] for r in records] == ["fork", "exec", "exit"], records
    fork, exec_, exit_ = records
    assert fork["parent"]["pid"] == os.getpid() and fork["process"]["argv"] == fork["parent"]["argv"], fork
    assert exec_["process"]["argv"] == exit_["process"]["argv"] == ["/bin/true", "lab-traced"], records
    assert exit_["exit"]["kind"] == "exit" and exit_["exit"]["status"] == 0, exit_
