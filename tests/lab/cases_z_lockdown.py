"""A kernel in confidentiality lockdown lets nobody trace. The last of all cases, because the kernel cannot be unlocked again."""
import json
import subprocess

from support import BINARY, LIMIT, victim, write

BACKENDS = ["stap"]  # the backend whose cases run last; both backends are tried
GUEST = True


def locked_down():
    write("/sys/kernel/security/lockdown", "confidentiality")
    doctor = subprocess.run([BINARY, "doctor", "--backend", "bpf", "--json"], stdin=subprocess.DEVNULL, capture_output=True,
                            text=True, timeout=LIMIT)
    checks = {check["id"]: check["status"] for check in json.loads(doctor.stdout)["checks"]}
    assert doctor.returncode == 1 and checks["bpf.syscall"] == "fail" and checks["kernel.lockdown"] == "fail", checks
    process = victim()
    for backend, word in ("bpf", "locked down (confidentiality)"), ("stap", "locked down"):
        watch = subprocess.run([BINARY, "watch", "--backend", backend, "--pid", str(process.pid), "--duration", "1"],
                               stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT)
        assert watch.returncode == 1 and word in watch.stderr, (backend, watch)
    process.kill()
