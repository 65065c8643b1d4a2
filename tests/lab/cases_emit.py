"""The scripts that `stapkill emit` prints, run by plain stap."""
import os
import shutil
import signal
import subprocess
import time

from support import LIMIT, until, victim

BACKENDS = ["stap"]


def script(name, expected, act, ready="watching"):
    """An emitted script, run with the command line of its own header, prints what its header says."""
    process = victim()
    folder = "/tmp"
    source = f"{folder}/{name}.stp"
    shutil.copy(f"/share/{name}.stp", source)
    header = [line for line in open(source) if line.startswith("# run: sudo ")]
    command = header[0][len("# run: sudo "):].strip()
    with open(f"{folder}/{name}.out", "wb") as out:
        run = subprocess.Popen(["sh", "-c", "exec " + command], cwd=folder, stdout=out, stderr=out)
        read = lambda: open(f"{folder}/{name}.out", errors="replace").read()
        until(lambda: ready in read() or run.poll() is not None, 600)
        assert run.poll() is None, read()
        time.sleep(1)
        act(process)
        end = time.monotonic() + 30
        while not all(word in read() for word in expected(process)) and time.monotonic() < end:
            time.sleep(0.2)
        text = read()
        run.send_signal(signal.SIGINT)
        run.wait(LIMIT)
    process.wait()
    for word in expected(process):
        assert word in text, (word, text)


def kill_with_shell(process):
    subprocess.run(["sh", "-c", f"/bin/kill -9 {process.pid}; true"])


def emit_signal_send():
    script("signal-send", lambda p: [f"SIGKILL to sleep({p.pid})", "kill(", "< sh(", "(1)", f"/bin/kill -9 {p.pid}", "uid 0"],
           kill_with_shell)


def emit_kill_syscalls():
    script("kill-syscalls", lambda p: [f"kill({p.pid}, SIGKILL) = 0 by kill(", "< sh("], kill_with_shell)


def emit_process_tree():
    script("process-tree", lambda p: ["created", "/bin/kill", "-9", f"{p.pid}"], kill_with_shell)
    assert "PATH=" not in open("/tmp/process-tree.out", errors="replace").read(), "the environment is nobody's business"


def emit_watch():
    script("watch", lambda p: [f" {p.pid} "], kill_with_shell_after_naming, " 1 stap_")


def kill_with_shell_after_naming(process):
    for module in os.listdir("/proc/systemtap"):
        with open(f"/proc/systemtap/{module}/targets", "w") as file:
            file.write(f"+{process.pid}")
    kill_with_shell(process)
