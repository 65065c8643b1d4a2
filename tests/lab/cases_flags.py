"""The flags of a killer that looks strange (docs/suspicion.md)."""
import os
import shutil
import subprocess

from support import check_kill, victim, watch_victim

BACKENDS = ["stap", "bpf"]


def flags_of_killer(kill):
    """The flags of the killer of a victim when kill(pid, folder) is called; folder is one below /tmp."""
    process = victim()
    watch = watch_victim(process)
    kill(process.pid, watch.folder)
    death, fatal = check_kill(watch, process, "kill", "kill")
    flags = fatal["sender"].get("flags", [])
    # The verdict uses what was known at the signal: on stap it was not known yet that the file had been deleted.
    assert set(death["verdict"]["killer"].get("flags", [])) >= set(flags) - {"deleted-exe"}, (death["verdict"], flags)
    assert "flags" not in fatal["target"], fatal["target"]
    return flags, fatal


def copy_of_shell(folder, name):
    tool = os.path.join(folder, name)
    shutil.copy("/bin/sh", tool)
    return tool


def run(tool, pid, before="", **popen):
    subprocess.Popen([tool, "-c", f"{before}kill -9 {pid}; exit 0"], **popen).wait()


def flags_of_an_ordinary_killer():
    flags, fatal = flags_of_killer(lambda pid, _: run("/bin/sh", pid))
    assert flags == [], fatal["sender"]


def flags_of_a_strange_name():
    flags, fatal = flags_of_killer(lambda pid, folder: run(copy_of_shell(folder, "vGhyM0"), pid))
    assert fatal["sender"]["comm"] == "vGhyM0"
    assert flags == ["temporary-exe", "random-name"], flags


def flags_of_a_strange_ancestor():
    """A packaged program kills; the program that started it is the strange one, in a directory of the system."""
    tool = copy_of_shell("/usr/local/bin", "vGhyM0")
    try:
        flags, fatal = flags_of_killer(lambda pid, _: run(tool, pid, before=f"/bin/sh -c 'kill -9 {pid}; exit 0'; "))
    finally:
        os.remove(tool)
    assert flags == [], fatal["sender"]
    assert fatal["ancestry"][0]["comm"] == "vGhyM0", fatal["ancestry"][0]
    assert fatal["ancestry"][0]["flags"] == ["random-name"], fatal["ancestry"][0]


def flags_of_a_hidden_killer():
    def kill(pid, folder):
        os.mkdir(os.path.join(folder, ".x"))
        run(copy_of_shell(folder, ".x/tool"), pid)

    assert flags_of_killer(kill)[0] == ["temporary-exe", "hidden-exe"]


def flags_of_a_deleted_killer():
    def kill(pid, folder):
        tool = copy_of_shell(folder, "tool")
        run(tool, pid, before=f"rm {tool}; ")

    flags, fatal = flags_of_killer(kill)
    assert flags == ["deleted-exe", "temporary-exe"], (flags, fatal["sender"])


def flags_of_a_killer_from_memory():
    def kill(pid, _):
        memory = os.memfd_create("thief", 0)
        with open("/bin/sh", "rb") as shell:
            os.write(memory, shell.read())
        run(f"/proc/self/fd/{memory}", pid, pass_fds=[memory])
        os.close(memory)

    flags, fatal = flags_of_killer(kill)
    assert flags == ["memfd-exe"], (flags, fatal["sender"])


def flags_of_false_names():
    """The killer gives itself a daemon's name, a kernel thread's name, and a kernel thread's title."""
    for name, flag in (("sshd", "false-name"), ("kworker/0:1", "false-kernel-thread")):
        flags, fatal = flags_of_killer(lambda pid, _: run("/bin/sh", pid, before=f"printf {name} >/proc/$$/comm; "))
        assert flags == [flag], (flags, fatal["sender"])

    def kill(pid, _):
        subprocess.Popen(["[kworker/0:1]", "-c", f"kill -9 {pid}; exit 0"], executable="/bin/sh").wait()

    assert flags_of_killer(kill)[0] == ["false-kernel-thread"]
