"""Each template, run by `stapkill emit --run` with the parameters of scripts.txt, sees something real."""
import datetime
import fcntl
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import time

from support import BINARY, LIMIT, Skipped, loaded, memory_cgroup, stap_version, until, victim

BACKENDS = ["stap"]
GUEST = True

PROGRAM = "/mnt/lab-program"


def arguments_of(case):
    for line in open("/share/scripts.txt"):
        words = line.split()
        if words and words[0] == case:
            return [words[1], *(word for value in words[2:] for word in ("--set", value))]
    raise AssertionError(f"scripts.txt has no {case}")


class Script:
    """One running script; read() returns what it has printed so far."""

    def __init__(self, case, *more):
        uncompiled = f"/mnt/uncompiled/{case}"
        if os.path.exists(uncompiled):
            why = open(uncompiled, errors="replace").read()
            # SystemTap 4.4 does not find the functions of a module with its file's symbols.
            if "missing x86_64 kernel/module debuginfo" in why:
                raise Skipped(f"SystemTap needs debuginfo: {why}")
            raise AssertionError(why)
        self.file = f"/tmp/{case}.out"
        self.errors = f"/tmp/{case}.err"
        with open(self.file, "wb") as out, open(self.errors, "wb") as errors:
            self.process = subprocess.Popen([BINARY, "emit", *arguments_of(case), "--run", *more], stdout=out, stderr=errors)
        until(lambda: self.read() or self.process.poll() is not None)
        assert self.read(), open(self.errors).read()
        assert "compiling" not in open(self.errors).read(), "not compiled outside the guest"
        time.sleep(2)  # its begin probe runs before the other probes are registered

    def read(self):
        return open(self.file, errors="replace").read()

    def sees(self, *patterns):
        def all_there():
            return all(re.search(pattern, self.read(), re.M) for pattern in patterns)
        try:
            until(all_there, 30)
        except AssertionError:
            raise AssertionError(f"{patterns} not in:\n{self.read()}\n{open(self.errors).read()}")

    def end(self, number=signal.SIGINT):
        self.process.send_signal(number)
        assert self.process.wait(LIMIT) == 0, open(self.errors).read()
        assert not loaded(), loaded()
        shutil.copy(self.file, "/share/")  # the example of docs/templates.md
        return self.read()


def program(path=PROGRAM):
    """The probed program, at a path where uprobes find it: they do not work through the guest's overlay."""
    if not os.path.ismount("/mnt"):
        shutil.copy2(path, "/tmp/lab-program")
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "programs", "/mnt"], check=True)
        shutil.copy2("/tmp/lab-program", path)
    return PROGRAM


def run_as(pid, *words):
    """Runs a program with that pid, waits for it, and returns its status."""
    with open("/proc/sys/kernel/ns_last_pid", "w") as file:
        file.write(str(pid - 1))
    child = os.fork()
    if child == 0:
        os.execv(words[0], words)
    assert child == pid, child
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def call_trace():
    program()
    script = Script("call_trace")
    subprocess.run([PROGRAM], check=True)
    script.sees(r"-> main\(", r"->   *middle\(a=3\)|-> middle\(a=3\)", r"-> leaf\(a=4 name=\"two\"",
                r"<- leaf return=50", r"<- main return=0")
    text = script.end()
    depth = {name: len(re.search(rf"^ *\d+ .*?: *(?=-> {name})", text, re.M).group()) for name in ("main", "middle", "leaf")}
    assert depth["main"] < depth["middle"] < depth["leaf"], text


def call_trace_of_some():
    program()
    script = Script("call_trace_of_some")
    subprocess.run([PROGRAM], check=True)
    assert run_as(30001, PROGRAM) == 0
    script.sees(r"lab-program\(30001\).*-> leaf$")
    text = script.end()
    assert "middle" not in text and len(re.findall("-> leaf", text)) == 2, text


def statement_vars():
    program()
    script = Script("statement_vars")
    subprocess.run([PROGRAM], check=True)
    script.sees(r"lab-program\(\d+\).* twice=6 item->weight=43$", r"parameters: a=3 name=", r"locals: twice=8$")
    script.end()


def module_function():
    # The script's own header says so. It compiles there since the tree has the module, and its probes are never hit.
    if stap_version() <= [4, 4]:
        raise Skipped("SystemTap 4.4 sees the calls of a module's function only with debuginfo")
    script = Script("module_function")
    for name in os.listdir("/share"):
        os.stat(f"/share/{name}")
    open(f"/share/made-{os.getpid()}", "w").close()
    script.sees(r"python3\(\d+\) p9_client_walk\(0x[0-9a-f]+, 0x[0-9a-f]+, 0x[0-9a-f]+, 0x[0-9a-f]+\)$",
                r"p9_client_walk returns ")
    script.end()


def loopback_up(name=b"lo"):
    """The tree need not have iproute2."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14x", name, 1))  # SIOCSIFFLAGS, IFF_UP (netdevice(7))


def netfilter_trace():
    loopback_up()
    script = Script("netfilter_trace")
    receiver, sender = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    receiver.bind(("127.0.0.1", 4321))
    sender.bind(("127.0.0.1", 1234))
    sender.sendto(b"hello", ("127.0.0.1", 4321))
    echo = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    echo.sendto(bytes([8, 0, 0xf7, 0xfe, 0, 1, 0, 0]), ("127.0.0.1", 0))  # an echo request, type, code, checksum, id, seq
    udp = r"127\.0\.0\.1:1234 > 127\.0\.0\.1:4321 protocol 17 length 33$"
    script.sees(rf"ipv4\.local_out +>lo {udp}", rf"ipv4\.post_routing +>lo {udp}", rf"ipv4\.pre_routing +lo> {udp}",
                rf"ipv4\.local_in +lo> {udp}", r"local_in +lo> 127\.0\.0\.1:0 > 127\.0\.0\.1:0 protocol 1 ")
    script.end()


def syscall_trace():
    script = Script("syscall_trace")
    assert run_as(30002, "/bin/cat", "/etc/hostname") == 0
    script.sees(r"^cat\(30002\) openat = \d+ \(\d+ us\)$", r"^cat\(30002\) read = 0 ", r"^cat\(30002\) close = 0 ")
    text = script.end(signal.SIGTERM)
    assert all("(30002)" in line for line in text.splitlines()[1:]), text


def failed_syscalls():
    script = Script("failed_syscalls")
    assert run_as(30003, "/bin/sh", "-c", "cat /nonexistent; exit 7") == 7
    script.sees(r"^cat\(\d+\) openat = -2 \(?ENOENT\)?")
    text = script.end()
    assert not re.search(r" = \d", text), text


def oom_watch():
    group = memory_cgroup(32 << 20)
    script = Script("oom_watch")
    eater = subprocess.Popen(
        ["python3", "-c", f"import os; open('{group}/cgroup.procs', 'w').write(str(os.getpid())); bytearray(1 << 28)"])
    assert eater.wait(LIMIT) == -signal.SIGKILL
    script.sees(rf"a memory cgroup is out of memory: 2\^0 pages were wanted by python3\({eater.pid}\)",
                rf"chosen: python3\({eater.pid}\)", rf"victim: python3\({eater.pid}\), uid 0, child of python3\({os.getpid()}\)")
    script.end()


def exec_snoop():
    script = Script("exec_snoop")
    subprocess.run(["sh", "-c", "/bin/true 'two words' é; /bin/false; true"], check=True)
    script.sees(r"true\(\d+\) uid 0 < sh\(\d+\) < ", r"command: /bin/true ")
    text = script.end()
    assert "false" not in text and "two words" in text, text
    shown = datetime.datetime.fromisoformat(re.search(r"^(\S+)Z true", text, re.M).group(1)).replace(tzinfo=datetime.timezone.utc)
    assert abs(shown.timestamp() - time.time()) < 300, text


def signal_histogram():
    script = Script("signal_histogram")
    process = victim()
    for _ in range(25):
        os.kill(process.pid, signal.SIGURG)
    os.kill(process.pid, signal.SIGCONT)
    time.sleep(1)
    text = script.end()
    process.kill()
    assert re.search(rf"^python3\({os.getpid()}\) +sleep\({process.pid}\) +SIGURG +25 #{{40}}$", text, re.M), text
    assert re.search(r"23 \|@+ +25$", text, re.M) and "CONT" not in text, text


def script_for_a_while():
    """--duration ends it, and nothing is left."""
    begun = time.monotonic()
    script = Script("signal_histogram", "--duration", "5")
    assert script.process.wait(LIMIT) == 0
    assert time.monotonic() - begun >= 5 and not loaded()
    assert "no signals" in script.read() or "COUNT" in script.read(), script.read()


def script_of_a_killed_stapkill():
    """staprun gets a signal, and unloads the module."""
    script = Script("exec_snoop")
    assert len(loaded()) == 1, loaded()
    script.process.kill()
    script.process.wait()
    until(lambda: not loaded())
