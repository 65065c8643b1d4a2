"""Recordings of events that nobody recorded, for reports: docs/wire.md, version 2 (no ticks)."""

import json
import re
import subprocess
from pathlib import Path

NAMES = Path(__file__).resolve().parent.parent / "samples" / "hostile_names.txt"
DECEIVING = re.compile("[\x80-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
BOOT = 6142677661720  # ns


def hostile_names():
    """The names of tests/samples/hostile_names.txt, as bytes."""
    lines = [line for line in NAMES.read_text().split("\n") if line and not line.startswith("# ")]
    return [re.sub(rb"%([0-9a-f]{2})", lambda found: bytes([int(found[1], 16)]), line.encode()) for line in lines]


def printable(data):
    """What src/base/text.h promises, by other means."""
    def escaped(found):
        known = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
        return known.get(found[0], f"\\x{ord(found[0]):02x}")

    text = data.decode("utf-8", "surrogateescape")
    text = re.sub("[\x00-\x1f\x7f]", escaped, text)
    text = DECEIVING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return re.sub("[\udc80-\udcff]", lambda found: f"\\x{ord(found[0]) - 0xdc00:02x}", text)


def field(value):
    """Bytes as one field."""
    if not value:
        return "%"
    return "".join(chr(byte) if chr(byte).isalnum() and byte < 128 or byte in b"_./" else f"%{byte:02x}" for byte in value)


class Scene:
    """A recording that grows line by line. A process's name is its comm, program, directory and argument."""

    def __init__(self, target="all", pid=None):
        self.now = BOOT
        self.lines = ["# stapkill-events 2 bpf 1795746856577352367 6.18.44",
                      "# machine 6142545343577 machine x86_64 00000000-0000-4000-8000-000000000000 25276518400 core",
                      f"# target {target}" + ("" if pid is None else f" {pid}"), "# user 0 root",
                      *([] if pid is None else [self.proc(pid, b"worker", 1)]), "# probes raw_tp/signal_generate",
                      f"# armed {BOOT - 1000000} BPF 6.18.44 -1", "# all",
                      "# proc 0 0 1 24 0 init /sbin/init / / 11 /sbin/init%00"]

    def later(self, milliseconds=1.0):
        self.now += int(milliseconds * 1e6)
        return self

    def process(self, pid, name=b"worker", parent=1):
        self.lines.append(self.proc(pid, name, parent))
        return self

    @staticmethod
    def proc(pid, name, parent):
        argv = name + b"\0" + name + b"\0"
        return (f"# proc {parent} 0 {pid} {600000 + pid % 10000} 0 {field(name)} {field(b'/opt/' + name)} "
                f"{field(b'/srv/' + name)} {field(b'/' + name)} {len(argv)} {field(argv)}")

    def begun(self):
        self.lines.append("# clock 1795746856577352709")
        return self

    @staticmethod
    def task(pid, name):
        return f"{pid} {pid} {600000 + pid % 10000} 0 {field(name)}"

    def kill(self, sender, target, sender_name=b"worker", target_name=b"worker", number=9):
        self.later(0.1).lines.append(f"S 0 0 {self.now} {number} 0 0 0 62 1 {self.task(sender, sender_name)} "
                                     f"{self.task(target, target_name)} 1.24")
        self.later(0.01).lines.append(f"K 0 0 {self.now} {sender} {sender} -1 0")
        return self

    def fork(self, parent, pid, parent_name=b"worker"):
        self.later(0.05).lines.append(f"F 0 0 {self.now} {parent} {parent} {600000 + parent % 10000} {pid} "
                                      f"{600000 + pid % 10000} 0 {field(parent_name)}")
        return self

    def end(self, pid, status=9, name=b"worker"):
        self.later(0.1).lines.append(f"E 0 0 {self.now} {pid} {pid} {600000 + pid % 10000} {status} 1 0 0 {field(name)}")
        return self

    def loss(self, count, where="a%20ring%20that%20was%20full"):
        self.lines.append(f"# loss {count} {where}")
        return self

    def write(self, path):
        path.write_text("\n".join([*self.lines, f"# end {self.now + 50000000}", ""]))
        return path


def killed(name=b"worker", count=1, apart=30.0):
    """`count` processes of that name, each killed by a process of that name."""
    scene = Scene().process(4000, name)
    for pid in range(5000, 5000 + count):
        scene.process(pid, name, 4000)
    scene.begun()
    for pid in range(5000, 5000 + count):
        scene.later(apart).kill(4000, pid, name, name).end(pid, 9, name)
    return scene


def all_names(names):
    """A process of each name, killed by itself's elder."""
    scene = Scene()
    for at, name in enumerate(names):
        scene.process(4000 + at, name).process(6000 + at, name, 4000 + at)
    scene.begun()
    for at, name in enumerate(names):
        scene.later(20).kill(4000 + at, 6000 + at, name, name).end(6000 + at, 9, name)
    return scene


def fork_storm(count=2000):
    scene = Scene().process(4000, b"storm").begun()
    for pid in range(10000, 10000 + count):
        scene.fork(4000, pid, b"storm")
        if pid % 5:
            scene.end(pid, 0, b"storm")
        else:
            scene.kill(4000, pid, b"storm", b"storm").end(pid, 9, b"storm")
    return scene


def stopped(name=b"web", grace=10000.0):
    """A process that SIGTERM did not end, so that SIGKILL did."""
    return Scene().process(4000, name).process(5000, name, 4000).begun().kill(4000, 5000, name, name, 15).later(grace).kill(
        4000, 5000, name, name).end(5000, 9, name)


def streams(binary, scenes, folder):
    """Scenes as the streams of hosts, by their names: with the same pids, starts, times and numbers of signals."""
    paths = []
    for at, (host, scene) in enumerate(scenes):
        recording = scene.write(folder / f"host{at}.events")
        written = subprocess.run([binary, "replay", recording, "--format", "jsonl"], stdout=subprocess.PIPE, timeout=120,
                                 check=True).stdout
        records = [json.loads(line) for line in written.decode().split("\n")[:-1]]
        records[0]["host"].update(hostname=host, boot_id=f"00000000-0000-4000-8000-{at:012}")
        paths.append(folder / f"host{at}.jsonl")
        paths[-1].write_text("".join(json.dumps(record) + "\n" for record in records))
    return paths


RIGHT_TO_LEFT = ["שלום".encode(), "مرحبا بك".encode(), "a שלום (1)".encode(), "עברית, english".encode()]

MADE = {
    "one_death": lambda: killed(b"web"),
    "a_thousand_processes": lambda: killed(b"worker-process", 1000),
    "fork_storm": fork_storm,
    "hostile_names": lambda: all_names(hostile_names()),
    "right_to_left": lambda: all_names(RIGHT_TO_LEFT),
    "no_deaths": lambda: Scene("pid", 4000).process(4000).begun(),
    "only_losses": lambda: Scene("pid", 4000).process(4000).begun().later(5).loss(12).later(5).loss(3),
}

# Those of several hosts: each host's name and scene.
OF_HOSTS = {
    "two_hosts": lambda: [("db1", stopped(b"postgres").loss(3)), ("web1", killed(b"nginx", 12, 0.5)),
                          ("web2.rack7.example.net", killed(b"nginx"))],
    "hostile_hosts": lambda: [(name.decode("utf-8", "replace"), killed(b"web")) for name in hostile_names()[::4]],
}
