"""In the guest: the time from start to armed, for `stapkill watch` with a new PID each time and for staprun alone."""
import glob
import json
import os
import select
import signal
import statistics
import subprocess
import time

RUNS = 7
MODULE = glob.glob("/var/cache/stapkill/modules/*/*.ko")[0]


def watch():
    victim = subprocess.Popen(["sleep", "600"])
    begun = time.monotonic()
    process = subprocess.Popen(["stapkill", "watch", "--backend", "stap", "--format", "jsonl", "--pid", str(victim.pid)],
                               stdout=subprocess.PIPE)
    for line in process.stdout:
        if json.loads(line)["type"] == "armed":
            break
    took = time.monotonic() - begun
    process.send_signal(signal.SIGTERM)  # SIGINT is ignored where a shell started this in the background
    process.wait()
    victim.kill()
    victim.wait()
    return took


def staprun():
    """Armed when the module reports a signal, as for watch; the same options and environment."""
    before = set(os.listdir("/proc/systemtap")) if os.path.exists("/proc/systemtap") else set()
    begun = time.monotonic()
    environment = {**os.environ, "STAP_PR13193_OVERRIDE": "1", "STAP_BZ1552745_OVERRIDE": "1"}
    process = subprocess.Popen(["staprun", "-R", "-T", "20", MODULE], stdout=subprocess.PIPE, env=environment)
    text, asked = b"", False
    while b"\nS " not in text:
        if not asked:
            for name in set(os.listdir("/proc/systemtap")) - before if os.path.exists("/proc/systemtap") else ():
                if os.path.exists(f"/proc/systemtap/{name}/targets"):
                    with open(f"/proc/systemtap/{name}/targets", "w") as file:
                        file.write(f"?{os.getpid()}")
                    asked = True
        else:
            os.kill(os.getpid(), signal.SIGURG)
        if select.select([process.stdout], [], [], 0.01)[0]:
            text += os.read(process.stdout.fileno(), 65536)
    took = time.monotonic() - begun
    process.send_signal(signal.SIGTERM)  # SIGINT is ignored where a shell started this in the background
    process.communicate()
    return took


def main():
    watch()
    staprun()
    pairs = [(watch(), staprun()) for _ in range(RUNS)]
    a, b = (statistics.median(column) for column in zip(*pairs))
    print(f"warm: watch armed {a * 1000:.0f} ms, staprun alone {b * 1000:.0f} ms: ratio {a / b:.2f} (aim 1.3 or less)")


main()
