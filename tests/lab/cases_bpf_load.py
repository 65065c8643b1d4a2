"""More events than the buffer can hold: lost events are counted exactly, and the important ones are not lost."""
import json
import signal
import time

from support import LIMIT, Watch, victim_with_a_handler, watch_victim

BACKENDS = ["bpf"]
ALONE = True  # its signals would make watches of every process lose events


def lines_of(watch):
    with open(watch.file, "rb") as file:
        return file.read().splitlines()


def check_count(watch, sent):
    """Sent = recorded + lost, exactly; one death and its SIGKILL are among the records."""
    lines = lines_of(watch)
    others = [json.loads(line) for line in lines if not line.startswith(b'{"type":"signal"')]
    signals = len(lines) - len(others)
    losses = [record for record in others if record["type"] == "loss"]
    lost = sum(record["count"] for record in losses if record["where"].endswith(": signals"))
    summary, deaths = others[-1], [record for record in others if record["type"] == "death"]
    assert signals + lost == sent, (signals, losses, sent)
    assert summary["type"] == "summary" and summary["signals"] == signals, summary
    assert summary["lost"] == sum(record["count"] for record in losses), (summary, losses)
    assert len(deaths) == 1 and deaths[0]["exit"]["signal"] == 9, deaths
    assert deaths[0]["verdict"]["cause"] == "kill", deaths
    return lost


def tiny_buffer():
    sent = 20_000
    process = victim_with_a_handler()
    watch = watch_victim(process, "--buffer-size", "4K")
    for _ in range(sent):
        process.send_signal(signal.SIGUSR1)
    process.kill()
    process.wait()
    assert watch.process.wait(LIMIT) == 0
    assert check_count(watch, sent + 1) > 0, "a buffer of one page held all of it"


def slow_reader():
    """The reader of the stream pauses for a while: stapkill waits, and counts the events that then find no room."""
    sent = 40_000
    process = victim_with_a_handler()
    watch = Watch("--pid", str(process.pid), "--until-death", "--duration", str(LIMIT), "--buffer-size", "64K", piped=True)
    for _ in range(sent):
        process.send_signal(signal.SIGUSR1)
    process.kill()
    process.wait()
    time.sleep(0.5)
    read = b"".join(iter(lambda: watch.pipe.read(65536), b""))
    assert watch.process.wait(LIMIT) == 0, watch.errors()
    with open(watch.file, "rb") as file:
        assert read == file.read()
    check_count(watch, sent + 1)
