"""Causes inside a process: the verdict names no other process."""
import signal

from support import READY, ended, go, knows_functions, python, says, watch_victim

BACKENDS = ["stap", "bpf"]

# Machine code in a page of its own; it kills the process that runs it.
CODE = """
import ctypes, mmap
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(bytes.fromhex("{code}"))
run = ctypes.CFUNCTYPE(None)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
{ready}
run()
"""

# A seccomp filter that allows all but getppid(2); for that it returns `action` (struct sock_filter, seccomp(2)).
FILTER = """
import ctypes, os, struct
libc = ctypes.CDLL(None)
filter = b"".join(struct.pack("HBBI", *row) for row in [
    (0x20, 0, 0, 0), (0x15, 0, 1, 110), (0x06, 0, 0, {action}), (0x06, 0, 0, 0x7fff0000)])
room = ctypes.create_string_buffer(filter)
program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", 4, ctypes.addressof(room)))
libc.prctl(38, 1, 0, 0, 0)
assert libc.prctl(22, 2, program, 0, 0) == 0
{ready}
os.getppid()
"""


def dies(code, cause, number, killer=None, **more):
    """Runs a victim that ends because of its own code; returns the death. `killer` can be "itself"."""
    process = python(code)
    watch = watch_victim(process)
    go(process)
    death = ended(watch, cause, process.pid if killer == "itself" else killer, number=number, **more)
    process.wait()
    return death


def exit_status_137():
    death = dies(f"{READY}; import os; os._exit(137)", "exit", None)
    assert death["exit"]["kind"] == "exit" and death["exit"]["status"] == 137


def exit_by_the_handler_of_sigterm():
    process = python(f"import os, signal, time; signal.signal(15, lambda *_: os._exit(0)); {READY}; time.sleep(600)")
    watch = watch_victim(process)
    process.terminate()
    death = ended(watch, "exit")
    assert death["exit"]["status"] == 0
    says(death, "SIGTERM delivered to a handler")


def self_by_abort():
    dies(f"import os; {READY}; os.abort()", "self", signal.SIGABRT, "itself")


def self_by_kill():
    dies(f"import os; {READY}; os.kill(os.getpid(), 15)", "self", signal.SIGTERM, "itself")


def self_by_a_forged_fault():
    """It queues a SIGSEGV for itself with the siginfo of a fault."""
    code = (f"import ctypes, os, struct; {READY}; info = struct.pack('iiiiQ', 11, 0, 1, 0, 8) + bytes(104); "
            "ctypes.CDLL(None).syscall(129, os.getpid(), 11, info)")
    dies(code, "self", signal.SIGSEGV, "itself")


def fault_of_a_null_pointer():
    death = dies(f"import ctypes; {READY}; ctypes.string_at(8)", "fault", signal.SIGSEGV)
    says(death, "address 0x8")
    says(death, "in libc" if knows_functions() else "in code at ")  # the file is known by bpf_find_vma, also since 5.17


def fault_of_a_division():
    dies(CODE.format(code="31c9b801000000f7f1c3", ready=READY), "fault", signal.SIGFPE)


def fault_of_an_instruction():
    dies(CODE.format(code="0f0b", ready=READY), "fault", signal.SIGILL)


def fault_of_a_breakpoint():
    dies(CODE.format(code="ccc3", ready=READY), "fault", signal.SIGTRAP)


def fault_beyond_a_file():
    code = ("import mmap, tempfile; file = tempfile.TemporaryFile(); file.truncate(8192); "
            f"area = mmap.mmap(file.fileno(), 8192); file.truncate(0); {READY}; area[5000]")
    dies(code, "fault", signal.SIGBUS)


def sigpipe_of_a_pipe():
    code = f"import os, signal; signal.signal(13, signal.SIG_DFL); r, w = os.pipe(); os.close(r); {READY}; os.write(w, b'x')"
    dies(code, "sigpipe", signal.SIGPIPE)


def sigpipe_of_a_socket():
    code = ("import signal, socket; signal.signal(13, signal.SIG_DFL); a, b = socket.socketpair(); b.close(); "
            f"{READY}; import os; os.write(a.fileno(), b'x')")
    dies(code, "sigpipe", signal.SIGPIPE)


def timer_of_alarm():
    dies(f"import signal, time; {READY}; signal.alarm(1); time.sleep(600)", "timer", signal.SIGALRM)


def timer_of_used_cpu_time():
    code = f"import signal; {READY}; signal.setitimer(signal.ITIMER_PROF, 0.2)\nwhile True: pass"
    dies(code, "timer", signal.SIGPROF)


def timer_of_timer_create():
    """struct sigevent: value, signal, SIGEV_SIGNAL; struct itimerspec: interval, value."""
    code = ("import ctypes, struct, time; libc = ctypes.CDLL(None); timer = ctypes.c_int(); "
            "event = struct.pack('Qii', 0, 10, 0) + bytes(48); when = struct.pack('qqqq', 0, 0, 0, 100000000)\n"
            f"{READY}\nlibc.syscall(222, 0, event, ctypes.byref(timer)); libc.syscall(223, timer, 0, when, None)\n"
            "time.sleep(600)")
    death = dies(code, "timer", signal.SIGUSR1)
    says(death, "SI_TIMER")


def timer_of_cpu_clock():
    code = ("import ctypes, struct; libc = ctypes.CDLL(None); timer = ctypes.c_int(); "
            "event = struct.pack('Qii', 0, 10, 0) + bytes(48); when = struct.pack('qqqq', 0, 0, 0, 100000000)\n"
            f"{READY}\nlibc.syscall(222, 2, event, ctypes.byref(timer)); libc.syscall(223, timer, 0, when, None)\n"
            "while True: pass")
    dies(code, "timer", signal.SIGUSR1)


def limit_of_cpu_time():
    code = f"import resource as r; {READY}\nr.setrlimit(r.RLIMIT_CPU, (1, 9))\nwhile True: pass"
    death = dies(code, "rlimit-cpu", signal.SIGXCPU)
    says(death, "RLIMIT_CPU: soft 1 s, hard 9 s")


def hard_limit_of_cpu_time():
    code = ("import resource as r, signal; signal.signal(24, signal.SIG_IGN); "
            f"{READY}\nr.setrlimit(r.RLIMIT_CPU, (1, 2))\nwhile True: pass")
    death = dies(code, "rlimit-cpu", signal.SIGKILL)
    says(death, "its hard limit")


def limit_of_a_file_by_write():
    code = ("import os, resource as r, signal, tempfile; signal.signal(25, signal.SIG_DFL); file = tempfile.TemporaryFile(); "
            f"r.setrlimit(r.RLIMIT_FSIZE, (4096, 8192)); {READY}; os.pwrite(file.fileno(), b'x', 5000)")
    death = dies(code, "rlimit-fsize", signal.SIGXFSZ)
    says(death, "RLIMIT_FSIZE: 4096 bytes")


def limit_of_a_file_by_truncate():
    code = ("import os, resource as r, signal, tempfile; signal.signal(25, signal.SIG_DFL); file = tempfile.TemporaryFile(); "
            f"r.setrlimit(r.RLIMIT_FSIZE, (4096, 8192)); {READY}; os.ftruncate(file.fileno(), 9000)")
    dies(code, "rlimit-fsize", signal.SIGXFSZ)


def seccomp_kills_the_process():
    dies(FILTER.format(action="0x80000000", ready=READY), "seccomp", signal.SIGSYS)


def seccomp_kills_the_thread():
    dies(FILTER.format(action="0", ready=READY), "seccomp", signal.SIGSYS)


def seccomp_traps():
    dies(FILTER.format(action="0x00030000", ready=READY), "seccomp", signal.SIGSYS)


def seccomp_in_strict_mode():
    """It kills without a signal that could be seen."""
    code = f"import ctypes; libc = ctypes.CDLL(None); {READY}; libc.prctl(22, 1, 0, 0, 0); libc.getppid()"
    dies(code, "seccomp", signal.SIGKILL)


def failed_exec():
    """The kernel cannot map the new file, and the old program is gone: the cause is unknown, and not a fault."""
    code = (f"import os, struct, sys, tempfile\nname = tempfile.mktemp()\n"
            "head = b'\\x7fELF\\x02\\x01\\x01' + bytes(9) + "
            "struct.pack('HHIQQQIHHHHHH', 2, 62, 1, 0x400000, 64, 0, 0, 64, 56, 1, 0, 0, 0)\n"
            "load = struct.pack('IIQQQQQQ', 1, 5, 0, 0x7fffffffe000, 0, 4096, 1 << 46, 4096)\n"
            "open(name, 'wb').write(head + load + bytes(4096)); os.chmod(name, 0o700)\n"
            f"{READY}\nos.execv(name, [name])")
    process = python(code)
    watch = watch_victim(process)
    go(process)
    death = watch.death()
    process.wait()
    assert death["exit"]["kind"] == "signal" and death["verdict"]["cause"] == "unknown", death["verdict"]
    assert "exec failed" in death["verdict"]["summary"] or not knows_functions(), death["verdict"]
