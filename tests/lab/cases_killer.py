"""What is told of whoever sends a signal, however odd it is."""
import os
import shutil
import subprocess

from support import check_kill, victim, watch_victim

BACKENDS = ["stap", "bpf"]


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
