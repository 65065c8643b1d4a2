"""Makes a recorder's history by hand, with the tables of src/store/schema.h."""

import json
import re
import sqlite3
import time
from pathlib import Path

SCHEMA = (Path(__file__).resolve().parents[2] / "src/store/schema.h").read_text()
TABLES = "".join(re.findall(r'^ +"(.*?)";?$', SCHEMA, re.M))
VERSION = int(re.search(r"kStoreVersion = (\d+)", SCHEMA).group(1))
SECOND = 10**9
NOW = time.time_ns() // SECOND * SECOND


def process(pid, comm):
    """PROCESS of stapkill-stream(5), as far as `why` reads it."""
    return {"pid": pid, "comm": comm, "start": f"start of {pid}"}


def death(pid, comm, at=NOW, **columns):
    """A death by SIGKILL, 100 s after the start of its process; its columns, and its record as an object."""
    killer = process(4000001, "kill")
    summary = columns.pop("summary", f"{comm}({pid}) was killed by SIGKILL.")
    verdict = {"cause": columns.get("cause", "kill"), "summary": summary, "killer": killer,
               "initiator": killer, "evidence": ["what was seen"],
               "chain": [{"what": "signal", "process": killer, "signal_name": "SIGKILL", "through": "kill(2)", "time": None}]}
    record = {"type": "death", "process": process(pid, comm), "parent": process(1, "init"), "verdict": verdict}
    return {"time": at, "pid": pid, "start": at - 100 * SECOND, "comm": comm, "exe": f"/usr/bin/{comm}", "cause": "kill",
            "signal": 9, "initiator": "kill(4000001)", "record": record, **columns}


def make(directory, deaths=(), blind=(), watched=NOW):
    """Writes one shard; returns its path."""
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    path = directory / "20261130-000001-deaths.sqlite"
    database = sqlite3.connect(path)
    database.executescript("PRAGMA journal_mode=WAL;" + TABLES)
    database.execute("INSERT INTO about(version, watched) VALUES(?, ?)", (VERSION, watched))
    for one in deaths:
        columns = {**one, "record": one["record"] if isinstance(one["record"], str) else json.dumps(one["record"])}
        database.execute(f"INSERT INTO death({','.join(columns)}) VALUES({','.join('?' * len(columns))})",
                         tuple(columns.values()))
    database.executemany("INSERT INTO blind(since, until, why, count) VALUES(?, ?, ?, ?)", blind)
    database.commit()
    database.close()
    return path
