"""Causes where the kernel acts because of something else: a full cgroup, a parent, a terminal, a tracer, a BPF program."""
import contextlib
import ctypes
import os
import pty
import resource
import signal
import struct
import subprocess
import sys
import tempfile

from support import (BINARY, LIBC, READY, SYS_BPF, TRACER, Pid, backend, check_cause, descendants, ended, go,
                     knows_functions, memory_cgroup, needs, plain_cgroup, python, records_of, says, printed_pid, until, victim,
                     watch_victim, write)

BACKENDS = ["stap", "bpf"]


def oom_of_a_cgroup():
    group = memory_cgroup(64 << 20)
    process = python(f"open('{group}/cgroup.procs', 'w').write('0'); {READY}; x = [b'x' * 1000000 for _ in range(1000)]")
    watch = watch_victim(process)
    go(process)
    death = ended(watch, "oom-memcg", number=signal.SIGKILL)
    process.wait()
    os.rmdir(group)
    says(death, os.path.basename(group))
    says(death, "limit 64.0 MiB")
    says(death, " held ")
    says(death, "oom_score_adj")


def oom_of_a_cgroup_above():
    """The limit is on the parent cgroup. The victim is not the last to ask for memory, but has the highest score."""
    group = memory_cgroup(64 << 20)
    inner = group + "/inner"
    if os.path.exists(group + "/cgroup.subtree_control"):
        write(group + "/cgroup.subtree_control", "+memory")
    os.mkdir(inner)
    join = f"open('{inner}/cgroup.procs', 'w').write('0'); "
    sleeper = python(join + "x = b'x' * 30000000; open('/proc/self/oom_score_adj', 'w').write('1000'); "
                     "print(1, flush=True); import time; time.sleep(600)")
    eater = python(join + f"open('/proc/self/oom_score_adj', 'w').write('-900'); {READY}; "
                   "x = [b'x' * 1000000 for _ in range(60)]; print(1, flush=True); input()")
    watch = watch_victim(sleeper)
    go(eater)
    death = ended(watch, "oom-memcg", number=signal.SIGKILL)
    says(death, f"memory cgroup {os.path.basename(group)}" if death["process"]["cgroup"] is None else os.path.basename(group))
    says(death, "oom_score_adj of python")
    says(death, "was 1000")
    for process in sleeper, eater:
        process.kill()
        process.wait()
    os.rmdir(inner)
    os.rmdir(group)


def cgroup_kill_by_a_shell():
    group = plain_cgroup()
    needs(group + "/cgroup.kill", "it is since Linux 5.14")
    process = python(f"open('{group}/cgroup.procs', 'w').write('0'); import signal; signal.signal(3, lambda *_: None); "
                     "print(1, flush=True)\nwhile True: signal.pause()")
    watch = watch_victim(process)
    process.send_signal(signal.SIGQUIT)
    argv = ["sh", "-c", f"echo 1 >{group}/cgroup.kill; exit 0"]
    killer = subprocess.Popen(argv)
    killer.wait()
    death = ended(watch, "cgroup-kill", killer.pid, argv, signal.SIGKILL)
    process.wait()
    assert f" after SIGQUIT from {death['ancestry'][0]['comm']}({os.getpid()})" in death["verdict"]["summary"], death["verdict"]
    os.rmdir(group)


def cgroup_kill_from_inside():
    """The writer is in the cgroup too: its own write kills it."""
    group = plain_cgroup()
    needs(group + "/cgroup.kill", "it is since Linux 5.14")
    process = python(f"open('{group}/cgroup.procs', 'w').write('0'); {READY}; open('{group}/cgroup.kill', 'w').write('1')")
    watch = watch_victim(process)
    go(process)
    ended(watch, "cgroup-kill", process.pid, number=signal.SIGKILL)
    process.wait()
    os.rmdir(group)


# A parent whose child asked for SIGTERM at its end; it prints the child's pid and waits for a line of input.
PARENT = ("import ctypes, os, sys, threading, time\nchild = os.fork()\n"
          "if child == 0:\n    ctypes.CDLL(None).prctl(1, {number}); os.close(1); time.sleep(600)\n"
          "time.sleep(0.3); print(child, flush=True); input()\n")


def parent_that_exits():
    parent = python("print(1, flush=True)\n" + PARENT.format(number=15))
    watch = watch_victim(Pid(printed_pid(parent)))
    go(parent)
    death = ended(watch, "parent-death", parent.pid, number=signal.SIGTERM)
    parent.wait()
    says(death, "PR_SET_PDEATHSIG")


def parent_that_kills_itself():
    """Its registers still show kill(2) when its child is sent the signal, but that call did not ask for it."""
    parent = python("print(1, flush=True)\n" + PARENT.format(number=9) + "os.kill(os.getpid(), 9)")
    watch = watch_victim(Pid(printed_pid(parent)))
    go(parent)
    ended(watch, "parent-death", parent.pid, number=signal.SIGKILL)
    parent.wait()


def signalled_by_a_parents_thread(code):
    """Runs this code in a process, a thread of which forks a child; returns the child's death and the process."""
    parent = python(code)
    watch = watch_victim(Pid(printed_pid(parent)))
    go(parent)
    return ended(watch, "parent-death", parent.pid, number=signal.SIGTERM), parent


def parents_thread_that_ends():
    """Only the thread that forked ends; the parent lives on."""
    code = ("import ctypes, os, threading, time\nprint(1, flush=True)\ngo = threading.Event()\ndef work():\n"
            "    child = os.fork()\n    if child == 0:\n        ctypes.CDLL(None).prctl(1, 15); os.close(1); time.sleep(600)\n"
            "    time.sleep(0.3); print(child, flush=True); go.wait()\n"
            "thread = threading.Thread(target=work); thread.start(); input(); go.set(); thread.join(); input()")
    death, parent = signalled_by_a_parents_thread(code)
    says(death, "the thread of python")
    parent.communicate(b"\n")


def parent_whose_threads_all_end():
    """The thread that forked ends with the whole process, by exit_group(2): none of its threads lives on."""
    code = ("import ctypes, os, threading, time\ndef work():\n"
            "    child = os.fork()\n    if child == 0:\n        ctypes.CDLL(None).prctl(1, 15); os.close(1); time.sleep(600)\n"
            "    time.sleep(0.3); print(child, flush=True); time.sleep(600)\n"
            "print(1, flush=True)\nthreading.Thread(target=work).start()\n"
            "[threading.Thread(target=time.sleep, args=(600,)).start() for _ in range(8)]\ninput()\nos._exit(0)")
    death, parent = signalled_by_a_parents_thread(code)
    assert "the thread of" not in death["verdict"]["summary"], death["verdict"]
    assert f"({parent.pid}) ended (PR_SET_PDEATHSIG)" in death["verdict"]["summary"], death["verdict"]
    parent.wait()


def namespace(code):
    """The init of a pid namespace with a child, and that child's pid."""
    outer = subprocess.Popen(["unshare", "--pid", "--fork", "sh", "-c", f"sleep 600 & echo 1; {code}"],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    outer.stdout.readline()
    init, child = until(lambda: len(descendants(outer.pid)) >= 2 and descendants(outer.pid))[:2]
    until(lambda: open(f"/proc/{child}/comm").read() == "sleep\n")
    return outer, init, child


def namespace_whose_init_exits():
    outer, init, child = namespace("read go; exit 4")
    watch = watch_victim(Pid(child))
    outer.stdin.write(b"go\n")
    outer.stdin.flush()
    death = ended(watch, "pidns-exit", init, number=signal.SIGKILL)
    assert "ended by itself, with exit status 4" in death["verdict"]["summary"], death["verdict"]["summary"]
    outer.wait()


def namespace_whose_init_is_killed():
    outer, init, child = namespace("read go; exit 0")
    watch = watch_victim(Pid(child))
    os.kill(init, signal.SIGKILL)
    ended(watch, "pidns-exit", init, number=signal.SIGKILL)
    outer.wait()


def in_a_terminal(code="import time; print(1, flush=True); time.sleep(600)"):
    """A session leader on its own terminal, and the other end of that terminal."""
    pid, master = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", code])
    while b"1" not in os.read(master, 100):
        continue
    return pid, master


def terminal_key(key, number):
    code = ("import signal, time; signal.signal(2, signal.SIG_DFL); signal.signal(3, signal.SIG_DFL); "
            "print(1, flush=True); time.sleep(600)")
    pid, master = in_a_terminal(code)
    watch = watch_victim(Pid(pid))
    os.write(master, key)
    death = ended(watch, "tty-signal", number=number)
    os.waitpid(pid, 0)
    os.close(master)
    says(death, "pts/")


def terminal_interrupt():
    terminal_key(b"\x03", signal.SIGINT)


def terminal_quit():
    terminal_key(b"\x1c", signal.SIGQUIT)


def terminal_interrupt_of_the_command():
    """^C goes to stapkill and to its command: the command's death is emitted before the end."""
    record = os.path.join(tempfile.mkdtemp(), "stream")
    pid, master = pty.fork()
    if pid == 0:
        argv = [BINARY, "watch", "--backend", backend(), "--format", "jsonl", "--output", record, "--", "sleep", "600"]
        os.execvp(argv[0], argv)
    of = lambda kind: [one for one in records_of(record) if one["type"] == kind]
    until(lambda: of("armed"))
    command = until(lambda: [child for child in descendants(pid) if open(f"/proc/{child}/comm").read() == "sleep\n"])[0]
    os.write(master, b"\x03")
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(master)
    deaths = of("death")
    assert status == 0 and len(deaths) == 1 and deaths[0]["process"]["pid"] == command, (status, deaths)
    check_cause(deaths[0], "tty-signal")


def terminal_that_is_closed():
    pid, master = in_a_terminal()
    watch = watch_victim(Pid(pid))
    os.close(master)
    ended(watch, "tty-hangup", os.getpid(), number=signal.SIGHUP)
    os.waitpid(pid, 0)


def terminal_whose_leader_ends():
    """The foreground group is sent SIGHUP when the session's leader ends."""
    code = ("import os, time\nchild = os.fork()\nif child == 0: time.sleep(600)\nprint(child, flush=True); "
            "print('.', flush=True); input()")
    pid, master = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", code])
    said = b""
    while b"." not in said:
        said += os.read(master, 100)
    watch = watch_victim(Pid(int(said.split()[0])))
    os.write(master, b"\n")
    death = ended(watch, "tty-hangup", pid, number=signal.SIGHUP)
    os.waitpid(pid, 0)
    os.close(master)
    says(death, "was hung up when python")


def traced(end):
    process = victim()
    tracer = python(TRACER.format(pid=process.pid))
    printed_pid(tracer)
    watch = watch_victim(process)
    end(tracer)
    tracer.wait()
    death = ended(watch, "tracer-exit", tracer.pid, number=signal.SIGKILL)
    process.wait()
    says(death, "PTRACE_O_EXITKILL")


def tracer_that_exits():
    traced(go)


def tracer_that_is_killed():
    traced(lambda tracer: tracer.kill())


def bpf(command, **fields):
    """bpf(2) with attributes packed in the given order."""
    attributes = fields["attributes"].ljust(128, b"\0")
    return LIBC.syscall(SYS_BPF, command, ctypes.create_string_buffer(attributes), len(attributes))


def instruction(code, to=0, from_=0, offset=0, value=0):
    return struct.pack("BBhi", code, to | from_ << 4, offset, value)


class Assassin:
    """A BPF program at the entry of system calls that sends SIGKILL to the process with that pid, with the helper of this number
    (include/uapi/linux/bpf.h)."""

    def __init__(self, pid, helper):
        code = b"".join([
            instruction(0x85, value=14),  # bpf_get_current_pid_tgid
            instruction(0x77, value=32),
            instruction(0x55, offset=2, value=pid),
            instruction(0xb7, 1, value=9),
            instruction(0x85, value=helper),
            instruction(0xb7, 0),
            instruction(0x95)])
        room, gpl = ctypes.create_string_buffer(code), ctypes.create_string_buffer(b"GPL\0")
        name = ctypes.create_string_buffer(b"sys_enter\0")
        with contextlib.suppress(ValueError):  # needed before 5.11; later it can be denied
            resource.setrlimit(resource.RLIMIT_MEMLOCK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        load = struct.pack("IIQQIIQII", 17, len(code) // 8, ctypes.addressof(room), ctypes.addressof(gpl), 0, 0, 0, 0, 0)
        self.program = bpf(5, attributes=load)
        assert self.program >= 0, os.strerror(ctypes.get_errno())
        self.link = bpf(17, attributes=struct.pack("QI", ctypes.addressof(name), self.program))
        assert self.link >= 0, os.strerror(ctypes.get_errno())

    def end(self):
        os.close(self.link)
        os.close(self.program)


def bpf_program(helper):
    process = python(f"import os; {READY}; os.getppid(); input()")
    watch = watch_victim(process)
    program = Assassin(process.pid, helper)
    go(process)
    death = ended(watch, "bpf", number=signal.SIGKILL)
    program.end()
    process.wait()
    says(death, "bpf_send_signal")


def bpf_program_to_a_process():
    bpf_program(109)


def bpf_program_to_a_thread():
    bpf_program(117)


def orphaned_while_stopped():
    """The kernel's SIGHUP to a stopped group that lost its last parent outside: no known cause, and no hang-up."""
    code = ("import os, signal, time\nprint(1, flush=True)\nchild = os.fork()\nif child == 0:\n"
            "    os.setpgid(0, 0); os.close(1); os.kill(os.getpid(), 19); time.sleep(600)\n"
            "time.sleep(0.3); print(child, flush=True); input()")
    parent = python(code, start_new_session=True)
    child = printed_pid(parent)
    watch = watch_victim(Pid(child))
    go(parent)
    death = watch.death()
    parent.wait()
    assert death["exit"]["signal"] == signal.SIGHUP and death["verdict"]["cause"] == "unknown", death["verdict"]
    assert "process group was stopped" in death["verdict"]["summary"] or not knows_functions(), death["verdict"]
