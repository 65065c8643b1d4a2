"""Processes that move between cgroups while they are watched."""
import contextlib
import ctypes
import os
import signal
import subprocess
import tempfile
import time

from support import (LIMIT, READY, SYS_CLONE3, Watch, check_kill, go, mounted, put_down, python, printed_pid, until, victim,
                     watch_victim, write)

BACKENDS = ["stap", "bpf"]
CLONE_INTO_CGROUP = 1 << 33
FIRST = "/sys/fs/cgroup/memory"  # where the memory controller is mounted if it has its own hierarchy


def path_of(pid):
    """A process's cgroup by the rule of docs/wire.md, as /proc has it now."""
    paths = {}
    for line in open(f"/proc/{pid}/cgroup"):
        _, controllers, path = line.rstrip("\n").split(":", 2)
        paths.update({name: path for name in controllers.split(",")})
    memory, unified = (paths.get(name, "/") for name in ("memory", ""))
    deep = [path.strip("/").count("/") + 1 if path != "/" else 0 for path in (memory, unified)]
    return memory if deep[0] and deep[0] >= deep[1] else unified


@contextlib.contextmanager
def cgroup(root=None):
    """A cgroup deep below the root of a hierarchy (by default unified): the deepest path is reported. Removed at the end."""
    root = root or mounted("cgroup2")
    group = f"{root}/stapkill-moves-{os.getpid()}/a/b/c/d"
    os.makedirs(group)
    try:
        yield group
    finally:
        for pid in open(group + "/cgroup.procs").read().split():  # left by a case that failed
            move(pid, root)
        os.removedirs(group)


@contextlib.contextmanager
def hierarchy(controllers):
    """The root of the version 1 hierarchy with these controllers, mounted for the block if needed. None in a kernel that
    does not support it (memory without CONFIG_MEMCG_V1)."""
    if controllers == "memory" and os.path.exists(FIRST + "/tasks"):
        yield FIRST
        return
    place = tempfile.mkdtemp()

    def mount():
        """the hierarchy to be free"""
        if controllers == "memory" and os.path.isdir("/share"):  # not on a machine that is somebody's
            # The controller moves when none of its removed cgroups is left. Pages of files, in the cache, hold those.
            write("/proc/sys/vm/drop_caches", "3")
        run = subprocess.run(["mount", "-t", "cgroup", "-o", controllers, "none", place], capture_output=True, text=True)
        return run.returncode == 0 or "Unknown subsys" in run.stderr

    if controllers == "memory":
        write(mounted("cgroup2") + "/cgroup.subtree_control", "-memory")

    def unmount():
        """the hierarchy to be gone; it stays until its removed cgroups are gone"""
        subprocess.run(["umount", place], check=True)
        time.sleep(0.5)
        name = controllers.removeprefix("none,")
        return f":{name}:" not in open("/proc/self/cgroup").read() or not mount()

    until(mount, step=1)
    if not os.path.ismount(place):
        os.rmdir(place)
        yield None
        return
    try:
        yield place
    finally:
        until(unmount)
        os.rmdir(place)


def clone_into(group, name):
    """A child with that comm, born in that cgroup, which waits."""
    place = os.open(group, os.O_RDONLY)
    # struct clone_args: flags is the first, exit_signal the fifth, cgroup the eleventh
    arguments = (ctypes.c_uint64 * 11)(CLONE_INTO_CGROUP, 0, 0, 0, signal.SIGCHLD, 0, 0, 0, 0, 0, place)
    # Not with support's LIBC: see born_as.
    child = ctypes.PyDLL(None).syscall(SYS_CLONE3, arguments, ctypes.sizeof(arguments))
    if child == 0:
        try:
            write("/proc/self/comm", name)
            signal.pause()
        finally:
            os._exit(127)
    os.close(place)
    assert child > 0, os.strerror(ctypes.get_errno())
    return child


def move(pid, group):
    """Moves a process, and returns its new cgroup."""
    write(group + "/cgroup.procs", str(pid))
    return path_of(pid)


def killed(process, watch):
    """Kills a process; returns the cgroups in its last signal record and in its death record."""
    process.kill()
    death, fatal = check_kill(watch, process, "kill", "kill")
    return [fatal["target"]["cgroup"], death["process"]["cgroup"]]


def moved_by_another():
    with cgroup() as group:
        process = victim()
        watch = watch_victim(process, "--signal", "CONT,KILL")
        process.send_signal(signal.SIGCONT)
        before = path_of(process.pid)
        path = move(process.pid, group)
        assert group.endswith(path) and before != path, (before, path)
        assert killed(process, watch) == [path, path], watch.records()
        assert watch.of("signal")[0]["target"]["cgroup"] == before, watch.records()


def moved_by_itself_and_back():
    """The sender moves there and back, and sends a signal from each cgroup."""
    with cgroup() as group:
        target = victim()
        watch = Watch("--pid", str(target.pid), "--signal", "CONT")
        code = (f"import os\n{READY}\nfor group in {group!r}, {mounted('cgroup2')!r}:\n"
                f"    open(group + '/cgroup.procs', 'w').write(str(os.getpid())); os.kill({target.pid}, 18)\n"
                "    print(1, flush=True); input()")
        process, paths = python(code), []
        for _ in range(2):
            go(process)
            process.stdout.readline()
            paths.append(path_of(process.pid))
        go(process)
        process.wait()
        until(lambda: len(watch.of("signal")) == 2)
        watch.finish()
        target.kill()
        target.wait()
        assert paths[0] != paths[1], paths
        assert [s["sender"]["cgroup"] for s in watch.of("signal")] == paths, (paths, watch.of("signal"))


def children_of_a_moved_process():
    with cgroup() as group:
        process = python(f"import os, time\n{READY}\npid = os.fork()\nif pid == 0: time.sleep(600)\n"
                         "print(pid, flush=True)\ninput()")
        watch = Watch("--pid", str(process.pid), "--children")
        path = move(process.pid, group)
        go(process)
        child = int(process.stdout.readline())
        os.kill(child, signal.SIGKILL)
        go(process)
        process.wait()
        until(lambda: len(watch.of("death")) == 2)
        watch.finish()
        assert {d["process"]["pid"]: d["process"]["cgroup"] for d in watch.of("death")} == {
            process.pid: path, child: path}, watch.of("death")


def many_threads_move_as_one():
    """Each thread moves, and one process is reported."""
    threads = "import threading, time\nfor _ in range(50): threading.Thread(target=time.sleep, args=(600,)).start()\n"
    with cgroup() as group:
        process = python(threads + READY)
        watch = watch_victim(process, "--signal", "KILL")
        path = move(process.pid, group)
        assert killed(process, watch) == [path, path], watch.records()


def thread_that_moves_alone():
    """The move of a single thread is no move of the process, unless it is the first thread."""
    code = ("import threading, time\nthread = threading.Thread(target=time.sleep, args=(600,)); thread.start()\n"
            "print(1, flush=True); print(thread.native_id, flush=True); input()")
    with cgroup() as above:
        group = above + "/threads"
        os.mkdir(group)
        try:
            process = python(code)
            thread = printed_pid(process)
            watch = watch_victim(process, "--signal", "CONT,KILL")
            domain = move(process.pid, above)
            write(group + "/cgroup.type", "threaded")
            write(group + "/cgroup.threads", str(thread))
            process.send_signal(signal.SIGCONT)
            write(group + "/cgroup.threads", str(process.pid))
            path = path_of(process.pid)
            assert path == domain + "/threads", (path, domain)
            assert killed(process, watch) == [path, path], watch.records()
            assert watch.of("signal")[0]["target"]["cgroup"] == domain, watch.records()
        finally:
            os.rmdir(group)


def moved_where_memory_is_of_version_1():
    """As Docker's cgroupfs driver does: only in the memory controller's own hierarchy."""
    with hierarchy("memory") as root:
        if root:
            moved_in_memory_alone(root)


def moved_in_memory_alone(root):
    with cgroup(root) as group:
        process = victim()
        watch = watch_victim(process, "--signal", "CONT,KILL")
        path = move(process.pid, group)
        assert path == group[len(root):], path
        process.send_signal(signal.SIGCONT)
        back = move(process.pid, root)
        assert killed(process, watch) == [back, back], watch.records()
        assert watch.of("signal")[0]["target"]["cgroup"] == path, watch.records()


def moved_in_a_hierarchy_that_is_not_reported():
    with hierarchy("none,name=lab-moves") as root, cgroup(root) as group:
        process = victim()
        watch = watch_victim(process)
        path = path_of(process.pid)
        assert move(process.pid, group) == path
        assert killed(process, watch) == [path, path], watch.records()


def in_a_hierarchy_that_is_not_reported():
    """A process that lives when the watch begins is still found by that path, also if it only exits."""
    with hierarchy("none,name=lab-elsewhere") as root, cgroup(root) as group:
        process = python(READY)
        move(process.pid, group)
        watch = Watch("--cgroup", group, "--until-death", "--duration", str(LIMIT))
        go(process)
        assert watch.process.wait(LIMIT) == 0, watch.errors()
        assert watch.death()["process"]["pid"] == process.pid
        assert "no process is in cgroup" not in watch.errors(), watch.errors()
        process.wait()


def born_in_another():
    """clone3(2) with CLONE_INTO_CGROUP: no process moves, and the child is in another cgroup than its parent."""
    with cgroup() as group:
        watch = Watch("--name", "^lab-born$", "--until-death", "--duration", str(LIMIT))
        pid = clone_into(group, "lab-born")
        until(lambda: open(f"/proc/{pid}/comm").read() == "lab-born\n")
        path = path_of(pid)
        put_down(pid)
        death, fatal = watch.fatal()
        assert group.endswith(path), path
        assert [fatal["target"]["cgroup"], death["process"]["cgroup"]] == [path, path], (path, death, fatal)
