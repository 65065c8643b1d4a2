"""How a watch ends, that it leaves nothing in the kernel, and that it counts everything."""
import json
import os
import signal
import time

from support import LIMIT, Watch, backend, descendants, loaded, until, victim, watch_victim

BACKENDS = ["stap", "bpf"]


def two_at_once():
    process = victim()
    first, second = watch_victim(process), watch_victim(process)
    if backend() == "stap":
        assert len(loaded()) == 2
    process.kill()
    assert first.process.wait(LIMIT) == 0 and second.process.wait(LIMIT) == 0
    assert len(first.of("death")) == len(second.of("death")) == 1
    summaries = [watch.finish()[-1] for watch in (first, second)]
    assert [summary["lost"] for summary in summaries] == [0, 0], \
        [watch.of("loss") + watch.of("summary") for watch in (first, second)]


def ends_by(number):
    process = victim()
    watch = Watch("--pid", str(process.pid))
    watch.finish(number)
    assert watch.process.returncode == 0, watch.errors()
    process.kill()


def sigint():
    ends_by(signal.SIGINT)


def sigterm():
    ends_by(signal.SIGTERM)


def sighup():
    ends_by(signal.SIGHUP)


def ignored_by_the_caller():
    """As under nohup: a signal that was ignored at the start ends neither the watch nor its command."""
    watch = Watch("--", "sleep", "600", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    sleeper = until(lambda: [pid for pid in descendants(watch.process.pid) if open(f"/proc/{pid}/comm").read() == "sleep\n"])[0]
    watch.process.send_signal(signal.SIGHUP)
    os.kill(sleeper, signal.SIGHUP)
    time.sleep(0.3)
    assert watch.process.poll() is None, watch.errors()
    os.kill(sleeper, signal.SIGKILL)
    death = watch.death()
    assert death["process"]["pid"] == sleeper and death["exit"]["signal"] == signal.SIGKILL, death


def closed_pipe():
    """A reader that closes the pipe ends the watch."""
    process = victim()
    watch = Watch("--pid", str(process.pid), piped=True)
    watch.pipe.readline()
    watch.pipe.close()
    while watch.process.poll() is None:
        process.send_signal(signal.SIGCONT)
        time.sleep(0.05)
    assert watch.process.returncode == 0, watch.errors()
    until(lambda: not watch.is_in_kernel())
    process.kill()


def sigkill_leaves_nothing():
    process = victim()
    watch = Watch("--pid", str(process.pid))
    assert watch.is_in_kernel()
    watch.process.kill()
    watch.process.wait()
    until(lambda: not watch.is_in_kernel())
    process.kill()


def signals_are_all_counted():
    """Sent = recorded + lost, exactly."""
    sent = 5_000
    process = victim()
    watch = watch_victim(process, "--signal", "CONT")
    for _ in range(sent):
        os.kill(process.pid, signal.SIGCONT)
    process.kill()
    process.wait()
    assert watch.process.wait(LIMIT) == 0
    with open(watch.file, "rb") as file:
        lines = file.read().splitlines()
    summary = json.loads(lines[-1])
    assert summary["type"] == "summary" and summary["lost"] == 0, summary
    assert summary["signals"] == sent == sum(line.startswith(b'{"type":"signal"') for line in lines), summary
