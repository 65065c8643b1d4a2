"""Faults with a sentence of their own: a stack that is used up, an abort of pid 1; and exits because of a child's end."""
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

from support import READY, Watch, ended, go, knows_functions, memory_cgroup, python, says, watch_victim

BACKENDS = ["stap", "bpf"]

# The C library calls itself for each bracket of a pattern (regcomp(3), glibc's BUGS); Python's own calls are counted.
RECURSION = ("import ctypes, threading\nlibrary = ctypes.CDLL(None)\n"
             "def compile():\n  library.regcomp(ctypes.create_string_buffer(4096), b'(' * 100000, 1)\n")


def overflows(process):
    """The sentence about a process that uses up its stack after go()."""
    watch = watch_victim(process)
    go(process)
    death = ended(watch, "fault", number=signal.SIGSEGV)
    process.wait()
    return death["verdict"]["summary"]


def stack_that_is_used_up():
    limit = lambda: resource.setrlimit(resource.RLIMIT_STACK, (1 << 20, resource.RLIM_INFINITY))
    # bash calls itself for each call of a function; since 3.12 Python notices the end of its first thread's stack in time.
    process = subprocess.Popen(["bash", "-c", "f() { f; }; read go; f"], stdin=subprocess.PIPE, preexec_fn=limit)
    said = overflows(process)
    assert "its stack of 1.0 MiB was used up (RLIMIT_STACK)" in said, said


def stack_of_a_thread():
    start = "\nthreading.stack_size(1 << 18)\nthreading.Thread(target=compile).start()"
    said = overflows(python(RECURSION + READY + start))
    assert "at the end of the stack of its thread" in said, said


def fault_in_a_file_with_a_long_name():
    folder = tempfile.mkdtemp()
    library = f"{folder}/{'library-' * 12}.so"
    shutil.copy("/lib/x86_64-linux-gnu/libm.so.6", library)
    # lgamma_r(3) writes where its second argument says.
    process = python(f"import ctypes; f = ctypes.CDLL('{library}').lgamma_r; f.argtypes = [ctypes.c_double, ctypes.c_void_p]; "
                     f"{READY}; f(0.5, 8)")
    watch = watch_victim(process)
    go(process)
    death = ended(watch, "fault", number=signal.SIGSEGV)
    process.wait()
    shutil.rmtree(folder)
    says(death, os.path.basename(library) if knows_functions() else "in code at ")


def abort_of_pid_1():
    """In a pid namespace of its own: only a fault can end it."""
    process = subprocess.Popen(["unshare", "--pid", "--fork", sys.executable, "-c", f"import os; {READY}; os.abort()"],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdout.readline()
    watch = Watch("--pid", str(process.pid), "--children")
    go(process)
    process.wait()
    ends = [record for record in watch.finish() if record["type"] == "death"]
    # Only by the kernel's functions: the CPU gives no address with this fault.
    cause = "fault" if knows_functions() else "unknown"
    deaths = [death for death in ends if death["verdict"]["cause"] == cause]
    assert len(deaths) == 1, ends
    if cause == "unknown":
        return
    # The C library sends it twice; since 2.41 once.
    assert re.search(r"it had called abort\(3\): its (2 SIGABRTs were|SIGABRT was) dropped",
                     deaths[0]["verdict"]["summary"]), deaths[0]["verdict"]


def status_of_a_child_that_was_out_of_memory():
    group = memory_cgroup(64 << 20)
    process = subprocess.Popen(["bash", "-c", f"read go; python3 -c \"open('{group}/cgroup.procs', 'w').write('0'); "
                                "x = [b'x' * 1000000 for _ in range(1000)]\"; exit $?"], stdin=subprocess.PIPE)
    watch = watch_victim(process)
    process.communicate(b"go\n")
    death = watch.death()
    os.rmdir(group)
    verdict = death["verdict"]
    assert verdict["cause"] == "exit" and death["exit"]["status"] == 137, death
    assert "killed by SIGKILL from the kernel's out-of-memory killer" in verdict["summary"], verdict
    assert [step["what"] for step in verdict["chain"]] == ["limit"], verdict
    assert verdict["initiator"] is None, verdict
