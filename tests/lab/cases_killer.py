"""The records of unusual senders."""
import os
import shutil
import subprocess
import sys

from support import LIMIT, Watch, check_kill, until, victim, watch_victim

BACKENDS = ["stap", "bpf"]


def hostile_killer():
    """A comm and an argv with newline, escape, quote, a single % and bytes that are no UTF-8."""
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


def hostile_target():
    """The same for the target, with a path of such bytes."""
    watch = Watch("--name", "^\\xff\nx$", "--until-death", "--duration", str(LIMIT))
    folder = os.path.join(watch.folder.encode(), b"a\n\x1b[31m \xfe%00")
    os.mkdir(folder)
    tool = os.path.join(folder, b"\xff\nx")
    shutil.copy(shutil.which("sleep"), tool)
    process = subprocess.Popen([tool, b"600"], cwd=folder)
    # Popen returns when the exec has closed its pipe: that is before the exec sets the name.
    until(lambda: open(f"/proc/{process.pid}/comm", "rb").read() == b"\xff\nx\n")
    process.kill()
    death, fatal = check_kill(watch, process, "kill", "kill")
    shown = folder.decode(errors="replace")
    assert death["process"]["comm"] == "\ufffd\nx" and death["process"]["cwd"] == shown, death["process"]
    assert death["process"]["exe"] == shown + "/\ufffd\nx" and death["process"]["argv"] == [shown + "/\ufffd\nx", "600"]


def long_argv():
    """It is truncated, and its true length is known."""
    process = victim()
    watch = watch_victim(process)
    argv = ["sh", "-c", f"kill -9 {process.pid}; exit 0", "x" * 100_000]
    subprocess.Popen(argv).wait()
    death, fatal = check_kill(watch, process, "kill", "kill")
    sender = fatal["sender"]
    assert sender["argv_bytes"] == sum(len(word) + 1 for word in argv), sender["argv_bytes"]
    assert sender["argv"][:3] == argv[:3] and 1000 < len(sender["argv"][3]) < 100_000


def deleted_killer():
    process = victim()
    watch = watch_victim(process)
    tool = os.path.join(watch.folder, "tool")
    shutil.copy("/bin/sh", tool)
    subprocess.Popen([tool, "-c", f"rm {tool}; kill -9 {process.pid}; exit 0"]).wait()
    death, fatal = check_kill(watch, process, "kill", "kill")
    assert fatal["sender"]["exe"] == tool + " (deleted)", fatal["sender"]


def killer_from_memory():
    process = victim()
    watch = watch_victim(process)
    memory = os.memfd_create("thief", 0)
    with open("/bin/sh", "rb") as shell:
        os.write(memory, shell.read())
    path = f"/proc/self/fd/{memory}"
    subprocess.Popen([path, "-c", f"kill -9 {process.pid}; exit 0"], pass_fds=[memory]).wait()
    os.close(memory)
    death, fatal = check_kill(watch, process, "kill", "kill")
    assert fatal["sender"]["exe"] == "/memfd:thief (deleted)", fatal["sender"]
    assert fatal["sender"]["argv"][0] == path


def killer_in_a_chroot():
    """Its paths are as it sees them itself."""
    process = victim()
    watch = watch_victim(process)
    root = os.path.join(watch.folder, "root")
    os.mkdir(root)
    code = f"mount --bind / {root}; exec chroot {root} /bin/sh -c 'cd /usr; kill -9 {process.pid}; exit 0'"
    subprocess.run(["unshare", "--mount", "sh", "-c", code], check=True)
    death, fatal = check_kill(watch, process, "kill", "kill")
    sender = fatal["sender"]
    assert sender["exe"] == os.path.realpath("/bin/sh") and sender["cwd"] == "/usr", sender


def killer_in_a_mount_namespace():
    """It runs from a file system that no other process sees, and its working directory is there."""
    process = victim()
    watch = watch_victim(process)
    place = os.path.join(watch.folder, "place")
    os.mkdir(place)
    code = (f"mount -t tmpfs mine {place}; mkdir {place}/a; cp /bin/sh {place}/tool; cd {place}/a; "
            f"exec ../tool -c 'kill -9 {process.pid}; exit 0'")
    subprocess.run(["unshare", "--mount", "sh", "-c", code], check=True)
    death, fatal = check_kill(watch, process, "kill", "kill")
    sender = fatal["sender"]
    assert sender["exe"] == place + "/tool" and sender["cwd"] == place + "/a", sender


def exec_from_a_thread():
    """A thread that is not the leader execs: it becomes the leader and takes its id."""
    process = victim()
    watch = watch_victim(process)
    code = ("import os, threading, time\n"
            f"threading.Thread(target=lambda: os.execv('/bin/kill', ['kill', '-9', '{process.pid}'])).start()\n"
            "time.sleep(60)")
    killer = subprocess.Popen([sys.executable, "-c", code])
    killer.wait()
    death, fatal = check_kill(watch, process, "kill", "kill")
    sender = fatal["sender"]
    assert sender["pid"] == sender["tid"] == killer.pid and sender["comm"] == "kill", sender
    assert sender["argv"] == ["kill", "-9", str(process.pid)] and sender["exe"].endswith("/bin/kill"), sender


def killed_from_a_deep_place(names):
    process = victim()
    watch = watch_victim(process)
    before = os.getcwd()
    os.chdir(watch.folder)
    try:
        for name in names:
            os.mkdir(name)
            os.chdir(name)
        place = os.getcwd()
        subprocess.Popen(["sh", "-c", f"kill -9 {process.pid}; exit 0"]).wait()
    finally:
        os.chdir(before)
    death, fatal = check_kill(watch, process, "kill", "kill")
    return fatal["sender"]["cwd"], place


def deep_cwd():
    shown, place = killed_from_a_deep_place([f"{depth:030}" for depth in range(40)])
    assert shown == place, shown


def too_deep_cwd():
    """A path that is longer than what is captured: it is known completely or not at all."""
    shown, place = killed_from_a_deep_place([f"{depth:0200}" for depth in range(18)])
    assert shown in (place, None), shown


def in_nested_pid_namespaces():
    """Target and killer are in a pid namespace within another; the records have the ids of the initial one."""
    watch = Watch("--name", "^lab-nested$", "--until-death", "--duration", str(LIMIT))
    tool = os.path.join(watch.folder, "lab-nested")
    shutil.copy(shutil.which("sleep"), tool)
    code = f"{tool} 600 & read go; kill -9 $!; read stay"
    outer = subprocess.Popen(["unshare", "--pid", "--fork", "unshare", "--pid", "--fork", "sh", "-c", code],
                             stdin=subprocess.PIPE)

    def namesakes():
        found = subprocess.run(["pgrep", "-x", "lab-nested"], capture_output=True, text=True).stdout.split()
        return [int(pid) for pid in found if os.readlink(f"/proc/{pid}/exe") == tool]

    def field(pid, name):
        with open(f"/proc/{pid}/status") as status:
            return next(line.split()[1:] for line in status if line.startswith(name + ":"))

    target = until(namesakes)[0]
    killer = int(field(target, "PPid")[0])
    assert len(field(target, "NSpid")) == len(field(killer, "NSpid")) == 3
    outer.stdin.write(b"go\n")
    outer.stdin.flush()
    death, fatal = watch.fatal()
    assert death["process"]["pid"] == fatal["target"]["pid"] == target, death
    assert fatal["sender"]["pid"] == death["verdict"]["killer"]["pid"] == killer, fatal
    assert fatal["sender"]["argv"] == ["sh", "-c", code] and fatal["ancestry"][-1]["pid"] == 1
    outer.communicate(b"stay\n")
