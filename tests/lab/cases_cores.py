"""Where a core was written. The kernel's settings are the whole machine's: only in a guest."""
import os
import resource
import subprocess
import sys
import tempfile

from support import READY, go, says, watch_victim, write

BACKENDS = ["stap", "bpf"]
GUEST = True


def core_of(pattern, uses_pid, *before):
    """The watched end of a process that dumps its core, and its working directory."""
    folder = tempfile.mkdtemp()
    write("/proc/sys/kernel/core_pattern", pattern)
    write("/proc/sys/kernel/core_uses_pid", str(uses_pid))
    unlimited = lambda: resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    process = subprocess.Popen([*before, sys.executable, "-c", f"import os; {READY}; os.abort()"], cwd=folder,
                               preexec_fn=unlimited, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdout.readline()
    watch = watch_victim(process)
    go(process)
    death = watch.death()
    process.wait()
    return death, folder


def core_with_its_pid():
    for pattern in "core", "core.%p":
        death, folder = core_of(pattern, 1)
        assert os.listdir(folder) == [f"core.{death['process']['pid']}"], os.listdir(folder)
        says(death, f"core dumped to {folder}/core.{death['process']['pid']} by")


def core_without_its_pid():
    death, folder = core_of("core", 0)
    assert os.listdir(folder) == ["core"], os.listdir(folder)
    says(death, f"core dumped to {folder}/core by")
