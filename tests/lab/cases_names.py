"""Targets by program, command line, user, cgroup, unit, container and pod; also processes that start later."""
import contextlib
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile

from support import BINARY, READY, Watch, go, mounted, python, until

BACKENDS = ["stap", "bpf"]
POD = "01234567-89ab-4cde-8f01-23456789abcd"
LATE = "fedcba98-89ab-4cde-8f01-23456789abcd"  # another pod's: cases can run at the same time
WITH_INIT = "0f0f0f0f-89ab-4cde-8f01-23456789abcd"
WAITING = "print(1, flush=True); import time; time.sleep(600)"


def killed_by_its_first_calls():
    """An ELF program with two system calls: getpid, and kill of itself with SIGKILL."""
    code = bytes.fromhex("b827000000" "0f05"  # mov eax, 39 (getpid); syscall
                         "89c7" "be09000000" "b83e000000" "0f05")  # mov edi, eax; mov esi, 9; mov eax, 62 (kill); syscall
    start = 0x400000
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 2, 62, 1, start + 120, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, start, start, 120 + len(code), 120 + len(code), 4096)
    file = tempfile.NamedTemporaryFile(delete=False)
    file.write(header + segment + code)
    file.close()
    os.chmod(file.name, 0o755)
    return file.name


@contextlib.contextmanager
def cgroups(*paths):
    """Cgroups of the unified hierarchy, at least three deep, as a runtime makes them; removed at the end."""
    root = mounted("cgroup2")
    places = [f"{root}/{path}" for path in paths]
    for place in places:
        os.makedirs(place)
    try:
        yield places
    finally:
        for place in places:
            for pid in open(place + "/cgroup.procs").read().split():  # left by a case that failed
                os.kill(int(pid), signal.SIGKILL)
            until(lambda: not open(place + "/cgroup.procs").read())
        for place in places:
            with contextlib.suppress(OSError):  # a parent that also holds the next one
                os.removedirs(place)


def born_in(place, code=WAITING):
    """A process that moved itself there, then exec'd, and runs the code; it has printed a line when this returns."""
    return python(f"open({place + '/cgroup.procs'!r}, 'w').write('0')\nimport os\n"
                  f"os.execv({sys.executable!r}, [{sys.executable!r}, '-c', {code!r}])")


def in_pod(uid, digit):
    return f"kubepods.slice/kubepods-pod{uid.replace('-', '_')}.slice/cri-containerd-{digit * 64}.scope"


def remember(logs):
    """Makes a pod's directory as the kubelet does; another case may remove the parent directory just then."""
    while not os.path.isdir(logs):
        with contextlib.suppress(FileNotFoundError):
            os.makedirs(logs)


def forget(logs):
    """Removes a pod's directory, and the kubelet's own if that is empty then."""
    shutil.rmtree(logs)
    with contextlib.suppress(OSError):
        os.rmdir(os.path.dirname(logs))


def started(logs, container, number):
    """Makes what containerd makes before a container's first process."""
    os.makedirs(f"{logs}/{container}", exist_ok=True)
    open(f"{logs}/{container}/{number}.log", "w").close()


def container_records(records):
    """The container records without their times, which differ in a replay."""
    return [{**record, "time": None} for record in records if record["type"] == "container"]


def only_death(watch, pid, number=signal.SIGKILL):
    """The watch has ended by itself, and that death is the only one."""
    assert watch.process.wait(90) == 0, watch.errors()
    deaths = watch.of("death")
    assert [death["process"]["pid"] for death in deaths] == [pid], deaths
    assert deaths[0]["exit"]["signal"] == number, deaths
    return deaths[0]


def program_that_is_run_later():
    """Its first system calls are seen."""
    path = killed_by_its_first_calls()
    watch = Watch("--exe", path, "--until-death")
    assert watch.of("diagnostic")[0]["id"] == "target.none"
    process = subprocess.Popen([path])
    process.wait()
    death = only_death(watch, process.pid)
    assert death["verdict"]["cause"] == "self", death
    assert death["process"]["exe"] == path, death
    assert watch.of("signal")[0]["syscall"]["name"] == "kill"
    os.unlink(path)


def program_by_a_link():
    folder = tempfile.mkdtemp()
    shutil.copy(shutil.which("sleep"), folder + "/sleep")  # its own copy: other sleeps end during this case
    os.symlink("sleep", folder + "/doze")
    watch = Watch("--exe", folder + "/doze", "--until-death")
    process = subprocess.Popen([folder + "/doze", "600"])
    until(lambda: open(f"/proc/{process.pid}/comm").read() == "doze\n")
    process.kill()
    process.wait()
    only_death(watch, process.pid)
    shutil.rmtree(folder)


def name_of_a_later_process():
    watch = Watch("--name", "^stapkill-late$", "--until-death")
    process = python(f"open('/proc/self/comm', 'w').write('stapkill-late'); {WAITING}")
    until(lambda: open(f"/proc/{process.pid}/comm").read() == "stapkill-late\n")
    process.kill()
    process.wait()
    assert only_death(watch, process.pid)["process"]["comm"] == "stapkill-late"


def command_line_of_a_later_process():
    other = python(WAITING)
    watch = Watch("--cmdline", r"sleep 6543\.21$", "--until-death")
    process = subprocess.Popen(["sleep", "6543.21"])
    until(lambda: b"6543" in open(f"/proc/{process.pid}/cmdline", "rb").read())
    other.kill()
    other.wait()
    process.kill()
    process.wait()
    only_death(watch, process.pid)


def user_that_a_process_becomes():
    """It ran before the watch; what it does as that user is reported."""
    process = python(f"{READY}\nimport os, signal\nos.setuid(54321)\nos.kill(os.getpid(), signal.SIGKILL)")
    watch = Watch("--uid", "54321", "--until-death")
    go(process)
    process.wait()
    assert only_death(watch, process.pid)["process"]["uid"] == 54321


def cgroup_that_a_process_is_moved_to():
    """Another process moves it, without an exec after that; earlier members are watched too; one that leaves stays watched."""
    with cgroups("stapkill-names/a/b") as (place,):
        there, comes = born_in(place), python(WAITING)
        watch = Watch("--cgroup", place, "--count", "2")
        open(place + "/cgroup.procs", "w").write(str(comes.pid))
        open(mounted("cgroup2") + "/cgroup.procs", "w").write(str(there.pid))
        for process in comes, there:
            process.kill()
            process.wait()
        assert watch.process.wait(90) == 0, watch.errors()
        targets = {record["target"]["pid"]: record["target"]["cgroup"] for record in watch.of("signal")}
        assert targets[comes.pid] == "/stapkill-names/a/b", targets
        assert set(targets) == {comes.pid, there.pid}, targets


def unit_by_its_name():
    with cgroups("system.slice/stapkill-x.service/main", "system.slice/stapkill-xy.service/main") as (place, other):
        process, stranger = born_in(place), born_in(other)
        watch = Watch("--unit", "stapkill-x", "--until-death")
        for one in stranger, process:
            one.kill()
            one.wait()
        assert only_death(watch, process.pid)["process"]["unit"] == "stapkill-x.service"


def container_by_the_beginning_of_its_id():
    ids = ["abcdef012345" + end * 52 for end in "12"]
    with cgroups(*[f"stapkill-names/system.slice/docker-{one}.scope" for one in ids]) as places:
        processes = [born_in(place) for place in places]
        refused = Watch("--container", ids[0][:12], wait=False)
        assert refused.process.wait(30) == 1, refused.errors()
        assert all(one[:16] in refused.errors() for one in ids), refused.errors()
        watch = Watch("--container", ids[1][:14], "--until-death")
        assert watch.of("container")[0]["process"]["pid"] == processes[1].pid
        for process in processes:
            process.kill()
            process.wait()
        death = only_death(watch, processes[1].pid)
        assert death["process"]["container"] == {"runtime": "docker", "id": ids[1], "pod_uid": None}, death
        assert death["verdict"]["killer"]["container"] is None, death


def container_that_is_restarted():
    """With the same id, as docker does; the watch goes on, and counts the restart."""
    name = "5" * 64
    with cgroups(f"stapkill-names/system.slice/docker-{name}.scope") as (place,):
        process = born_in(place)
        watch = Watch("--container", name)
        for _ in range(2):
            process.kill()
            process.wait()
            process = born_in(place)
        process.kill()
        process.wait()
        until(lambda: len(watch.of("death")) == 3)
        records = watch.finish()
        assert records[-1]["restarts"] == 2, records[-1]
        states = [record["state"] for record in records if record["type"] == "container"]
        assert states == ["present", "ended", "restarted", "ended", "restarted", "ended"], states


def pod_whose_container_is_started_again():
    """As another container of the pod; the kubelet's directory finds it, and the last one is found by the pod's uid."""
    logs = f"/var/log/pods/stapkill_cart-0_{POD}"
    places = [in_pod(POD, digit) for digit in "678"]
    remember(logs)
    started(logs, "server", 0)
    recording = f"{logs}/recording"
    try:
        with cgroups(*places) as (first, sandbox, second):
            process = born_in(first)
            watch = Watch("--pod", "stapkill/cart-0", "--duration", "600", "--record-events", recording)
            probe = born_in(first, "pass")
            probe.wait()
            process.kill()
            process.wait()
            started(logs, "server", 1)
            process = born_in(second)
            process.terminate()
            process.wait()
            until(lambda: len(watch.of("death")) == 3)
            records = watch.finish()
            assert records[-1]["restarts"] == 1, records[-1]
            death = watch.of("death")[-1]
            assert death["process"]["container"] == {"runtime": "containerd", "id": "8" * 64, "pod_uid": POD}, death
            last = watch.of("container")[-1]
            assert (last["pod"], last["name"]) == ("stapkill/cart-0", "server"), last
            again = subprocess.run([BINARY, "replay", recording, "--format", "jsonl"], capture_output=True, check=True)
            again = [json.loads(line) for line in again.stdout.splitlines()]
            assert container_records(again) == container_records(records), (again, records)
    finally:
        forget(logs)


def pod_with_an_init_container():
    """A container that follows an init container is no restart."""
    logs = f"/var/log/pods/stapkill_init-0_{WITH_INIT}"
    remember(logs)
    try:
        with cgroups(in_pod(WITH_INIT, "a"), in_pod(WITH_INIT, "b")) as (first, second):
            watch = Watch("--pod", "stapkill/init-0", "--duration", "600")
            started(logs, "setup", 0)
            born_in(first, "pass").wait()
            started(logs, "server", 0)
            process = born_in(second)
            process.kill()
            process.wait()
            until(lambda: len(watch.of("death")) == 2)
            records = watch.finish()
            assert records[-1]["restarts"] == 0, records
            states = [(record["state"], record["name"]) for record in records if record["type"] == "container"]
            assert states == [("started", "setup"), ("ended", "setup"), ("started", "server"), ("ended", "server")], states
    finally:
        forget(logs)


def pod_that_starts_later():
    logs = f"/var/log/pods/stapkill_late-0_{LATE}"
    with cgroups(in_pod(LATE, "9")) as (place,):
        refused = Watch("--pod", "stapkill/late-0", wait=False)
        assert refused.process.wait(30) == 1, refused.errors()
        watch = Watch("--pod", "stapkill/late-0", "--wait", "--until-death")
        remember(logs)
        try:
            process = born_in(place)
            process.kill()
            process.wait()
            only_death(watch, process.pid)
        finally:
            forget(logs)


def command_with_a_status():
    watch = Watch("--until-death", "--", "sh", "-c", "exit 7")
    assert watch.process.wait(90) == 0, watch.errors()
    death = watch.of("death")[0]
    assert death["exit"]["status"] == 7 and death["verdict"]["cause"] == "exit", death
