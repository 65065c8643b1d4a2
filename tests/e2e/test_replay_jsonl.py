"""Streams of records read again, and the JSON document."""

import bz2
import gzip
import json
import lzma
import os
import shutil
import signal
import subprocess
from pathlib import Path

from support import Case, Play, killed, main, needs_root

RECORDINGS = Path(__file__).resolve().parent.parent / "recordings"
CASE = "kill_by_shell_builtin"
# Text of a stream differs from that of its recording only where bytes are not UTF-8: none of these.
OTHER_TEXT = set()


class Streams(Case):
    def stream_of(self, case=CASE):
        """A recording as a stream: the lines that `watch --format jsonl` wrote then."""
        ended = self.run_it("replay", RECORDINGS / f"{case}.events", "--format", "jsonl")
        self.assertEqual(ended.status, 0, ended)
        return ended.out

    def put(self, data, name="stream.jsonl"):
        path = self.root / name
        path.write_bytes(data)
        return path

    def replay(self, *words, status=0):
        ended = self.run_it("replay", *words)
        self.assertEqual(ended.status, status, ended)
        return ended

    def elsewhere(self, host, seconds=0, case=CASE):
        """The stream of a case on another host, later."""
        lines = []
        for line in self.stream_of(case).decode().splitlines():
            record = json.loads(line)
            if record["type"] == "session":
                record["host"]["hostname"] = host
            whole, dot, rest = record["time"].partition(".")
            minutes, second = whole.rsplit(":", 1)
            record["time"] = f"{minutes}:{int(second) + seconds:02}{dot}{rest}"
            lines.append(json.dumps(record, separators=(",", ":")))
        return self.put(("\n".join(lines) + "\n").encode(), f"{host}.jsonl")


class Again(Streams):
    def test_every_recording_comes_back_byte_by_byte(self):
        for path in sorted(RECORDINGS.glob("*.events")):
            with self.subTest(case=path.stem):
                written = self.stream_of(path.stem)
                stream = self.put(written)
                self.assertEqual(self.replay(stream, "--format", "jsonl").out, written)

    def test_every_recording_has_the_same_text(self):
        for path in sorted(RECORDINGS.glob("*.events")):
            if path.stem in OTHER_TEXT:
                continue
            stream = self.put(self.stream_of(path.stem))
            for words in ([], ["-v"]):
                with self.subTest(case=path.stem, words=words):
                    first, again = self.replay(path, *words), self.replay(stream, *words)
                    self.assertEqual(again.text, first.text)
                    self.assertEqual(again.error, first.error)

    def test_the_document_has_the_same_records(self):
        stream = self.put(self.stream_of())
        records = [json.loads(line) for line in stream.read_text().splitlines()]
        document = json.loads(self.replay(stream, "--format", "json").text)
        self.assertEqual(document, {"schema": "stapkill.report/1", "session": records[0], "records": records[1:-1],
                                    "summary": records[-1]})
        recording = self.replay(RECORDINGS / f"{CASE}.events", "--format", "json")
        self.assertEqual(json.loads(recording.text), document)

    def test_what_is_not_known_passes(self):
        lines = self.stream_of().splitlines()
        odd = b'{"type":"weather" , "time":"2026-11-20T10:00:00Z","sky":[1.50,{"x":1e2}]}'
        untyped = b'{"sky":"blue"}'
        stream = self.put(b"\n".join([lines[0], odd, untyped, *lines[1:], b""]))
        self.assertEqual(self.replay(stream, "--format", "jsonl").out, stream.read_bytes())
        self.assertEqual(self.replay(stream).out, self.replay(self.put(self.stream_of(), "plain")).out)
        self.assertIn({"sky": "blue"}, json.loads(self.replay(stream, "--format", "json").text)["records"])


class Files(Streams):
    def test_crlf_and_a_byte_order_mark(self):
        written = self.stream_of()
        stream = self.put(b"\xef\xbb\xbf" + written.replace(b"\n", b"\r\n"))
        ended = self.replay(stream, "--format", "jsonl")
        self.assertEqual((ended.out, ended.err), (written, b""))

    def test_compressed(self):
        written = self.stream_of()
        half = len(written) // 2
        packed = {"gz": gzip.compress(written), "two.gz": gzip.compress(written[:half]) + gzip.compress(written[half:]),
                  "xz": lzma.compress(written), "bz2": bz2.compress(written)}
        if shutil.which("zstd"):
            packed["zst"] = subprocess.run(["zstd", "-c"], input=written, stdout=subprocess.PIPE, check=True).stdout
        for name, data in packed.items():
            with self.subTest(name=name):
                ended = self.replay(self.put(data, name), "--format", "jsonl")
                self.assertEqual((ended.out, ended.err), (written, b""))

    def test_a_compressed_recording(self):
        path = self.put(gzip.compress((RECORDINGS / f"{CASE}.events").read_bytes()), "events.gz")
        self.assertEqual(self.replay(path).out, self.replay(RECORDINGS / f"{CASE}.events").out)

    def test_standard_input(self):
        written = self.stream_of()
        for data in (written, gzip.compress(written), (RECORDINGS / f"{CASE}.events").read_bytes()):
            done = subprocess.run([os.environ["STAPKILL_BINARY"], "replay", "-", "--format", "jsonl"], input=data,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
            self.assertEqual((done.stdout, done.stderr), (written, b""))

    def test_a_pipe_is_shown_as_it_comes_and_sigint_ends_the_report(self):
        lines = self.stream_of().splitlines(keepends=True)
        running = subprocess.Popen([os.environ["STAPKILL_BINARY"], "replay", "-", "--format", "json"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(self.put_down, running)
        running.stdin.write(b"".join(lines[:2]))
        running.stdin.flush()
        shown = b""
        while b'"armed"' not in shown:
            shown += os.read(running.stdout.fileno(), 65536)
        running.send_signal(signal.SIGINT)
        rest = running.stdout.read()
        self.assertEqual(running.wait(), 0)
        for stream in (running.stdin, running.stdout, running.stderr):
            stream.close()
        document = json.loads(shown + rest)
        self.assertEqual((len(document["records"]), document["summary"]), (1, None))

    def test_cut_off_in_a_line(self):
        written = self.stream_of()
        whole = written[:written.rindex(b"\n", 0, -1) + 1]
        count = whole.count(b"\n")
        ended = self.replay(self.put(whole + b'{"type":"summ'), "--format", "jsonl")
        self.assertEqual(ended.out, whole)
        self.assertEqual(ended.error.count("\n"), 1, ended.error)
        self.assertIn(f"cut off in line {count + 1}", ended.error)
        self.assertIn(json.loads(whole.splitlines()[-1])["time"], ended.error)
        document = json.loads(self.replay(self.root / "stream.jsonl", "--format", "json").text)
        self.assertIsNone(document["summary"])
        self.assertEqual(len(document["records"]), count - 1)

    def test_cut_off_between_lines(self):
        written = self.stream_of()
        ended = self.replay(self.put(b"".join(written.splitlines(keepends=True)[:-1])))
        self.assertIn("has no summary", ended.error)
        self.assertIn("was killed by SIGKILL", ended.text)
        self.assertEqual(self.replay(self.put(written[:-1]), "--format", "jsonl").out, written)  # only its newline

    def test_a_compressed_file_that_is_cut_off(self):
        written = self.stream_of()
        packed = gzip.compress(written, 0)
        ended = self.replay(self.put(packed[:-200]), "--format", "jsonl")
        lines = ended.out.splitlines(keepends=True)
        self.assertGreater(len(lines), 1)
        self.assertTrue(written.startswith(ended.out))
        self.assertIn("is cut off", ended.error)

    def test_a_damaged_compressed_file(self):
        packed = bytearray(gzip.compress(self.stream_of()))
        packed[-5] ^= 0xff  # its checksum
        ended = self.replay(self.put(packed), "--format", "jsonl", status=1)
        self.assertIn("damaged", ended.error)

    def test_lines_that_are_no_records(self):
        lines = self.stream_of().splitlines()
        deep = b"[" * 100000
        stream = self.put(b"\n".join([lines[0], b"no JSON", b"[1]", b'{"a":' + deep, b'{"a":"\xff"}', b"", *lines[1:], b""]))
        ended = self.replay(stream, "--format", "jsonl", status=1)
        self.assertEqual(ended.out.splitlines(), lines)
        for number in (2, 3, 4, 5):
            self.assertIn(f"line {number} of {stream} is left out", ended.error)
        self.assertNotIn("line 6", ended.error)

    def test_many_lines_that_are_no_records_are_counted(self):
        lines = self.stream_of().splitlines()
        stream = self.put(b"\n".join([lines[0], *[b"?"] * 100, *lines[1:], b""]))
        ended = self.replay(stream, status=1)
        self.assertEqual(ended.error.count("is left out"), 8)
        self.assertIn("92 more lines", ended.error)

    def test_a_line_without_end(self):
        lines = self.stream_of().splitlines()
        stream = self.put(b"\n".join([lines[0], b'{"a":"' + b"x" * (5 << 20) + b'"}', *lines[1:], b""]))
        ended = self.replay(stream, "--format", "jsonl", status=1)
        self.assertEqual(ended.out.splitlines(), lines)
        self.assertIn("line 2", ended.error)
        self.assertIn("4 MiB", ended.error)

    def test_records_of_other_kinds(self):
        odd = [b'{"type":"signal"}', b'{"type":"death","process":7,"time":[]}', b'{"type":"death","process":{}}',
               b'{"type":"signal","signal":{"number":"99999999999"},"target":{"pid":1e99}}', b'{"type":7}',
               b'{"type":"armed","watching":[null,{"pid":-1}],"time":"9999-12-31T23:59:59Z"}',
               b'{"type":"container"}', b'{"type":"summary","signals":-5,"duration_s":1e300,"time":"0000-00-00T00:00:00Z"}',
               b'{"type":"exit","process":{"argv":[1,null,"x"],"start":"x"},"exit":{"status":-1}}']
        stream = self.put(b"\n".join([*odd, b""]))
        self.replay(stream)
        self.replay(stream, "--signal", "KILL", "--pid", "1", "--deaths", "killed", "-v")
        self.assertEqual(self.replay(stream, "--format", "jsonl").out, stream.read_bytes())

    def test_what_is_no_stream(self):
        for data, word in ((b"", "empty"), (b"hello\nworld\n", "hello"), (b'{"schema":"stapkill.report/1"}', "--format json")):
            ended = self.replay(self.put(data), status=1)
            self.assertEqual(ended.out, b"")
            self.assertIn(word, ended.error)
        self.assertIn("/no/such", self.replay("/no/such", status=1).error)
        self.assert_usage(self.run_it("replay", "-", "-"), "standard input")
        self.assert_usage(self.run_it("replay", self.put(self.stream_of()), "--format", "xml"), "xml")


class Filters(Streams):
    def records(self, *words, case=CASE):
        stream = self.put(self.stream_of(case))
        ended = self.replay(stream, "--format", "jsonl", *words)
        self.assert_stream(ended)
        return ended

    def test_targets(self):
        death = self.records().of("death")[0]
        pid, user = death["process"]["pid"], death["process"]["user"]
        for words in (["--pid", pid], ["--name", "^sleep$"], ["--cmdline", "sleep"], ["--uid", user], ["--all"],
                      ["--uid", death["process"]["uid"]], ["--exe", death["process"]["exe"]]):
            with self.subTest(words=words):
                self.assertEqual([one["process"]["pid"] for one in self.records(*words).of("death")], [pid])
        for words in (["--pid", self.missing_pid()], ["--name", "^nginx$"], ["--uid", "nobody-here"]):
            with self.subTest(words=words):
                ended = self.records(*words)
                self.assertEqual((ended.of("death"), ended.of("signal")), ([], []))

    def test_filters(self):
        sender = self.records().of("signal")[0]["sender"]
        for words, signals in ((["--signal", "KILL"], 1), (["--signal", "TERM,9"], 1), (["--signal", "TERM"], 0),
                               (["--sender-pid", sender["pid"]], 1), (["--sender-pid", "1"], 0),
                               (["--sender-uid", sender["user"]], 1), (["--sender-uid", "12345"], 0)):
            with self.subTest(words=words):
                ended = self.records(*words)
                self.assertEqual((len(ended.of("signal")), len(ended.of("death"))), (signals, 1))

    def test_deaths(self):
        for which, deaths in (("all", 1), ("abnormal", 1), ("killed", 0)):
            self.assertEqual(len(self.records("--deaths", which, case="exit_status_137").of("death")), deaths, which)

    def test_filters_of_a_recording(self):
        recording = RECORDINGS / f"{CASE}.events"
        ended = self.replay(recording, "--format", "jsonl", "--signal", "TERM", "--deaths", "abnormal")
        self.assert_stream(ended)
        self.assertEqual((len(ended.of("signal")), len(ended.of("death"))), (0, 1))

    def test_children_are_known_only_to_a_recording(self):
        self.assert_usage(self.run_it("replay", self.put(self.stream_of()), "--children"), "--children")


class Several(Streams):
    def test_records_are_in_the_order_of_their_times(self):
        files = [self.elsewhere("web1", 3), self.elsewhere("db1"), self.elsewhere("web2", 1)]
        ended = self.replay(*files, "--format", "jsonl")
        name = lambda record: record["host"]["hostname"] if record["type"] == "session" else record["host"]
        self.assertEqual([name(one) for one in ended.of("session")], ["db1", "web2", "web1"])
        self.assertEqual([one["host"] for one in ended.of("death")], ["db1", "web2", "web1"])
        for host in ("db1", "web1", "web2"):
            own = [one["type"] for one in ended.records if name(one) == host]
            self.assertEqual(own, [json.loads(line)["type"] for line in (self.root / f"{host}.jsonl").read_text().splitlines()])

    def test_text_names_hosts(self):
        files = [self.elsewhere("web1", 3), self.elsewhere("database1")]
        text = self.replay(*files).text
        self.assertLess(text.index("database1  "), text.index("web1       "))
        for line in text.splitlines():
            self.assertRegex(line, "^(database1  |web1       |           )")
        self.assertEqual(text.count("was killed by SIGKILL"), 2)

    def test_the_document_has_sums(self):
        files = [self.elsewhere("web1", 3), self.elsewhere("db1")]
        document = json.loads(self.replay(*files, "--format", "json").text)
        self.assertIsNone(document["session"])
        self.assertEqual([one["type"] for one in document["records"]].count("session"), 2)
        self.assertEqual((document["summary"]["signals"], document["summary"]["deaths"]), (2, 2))
        self.assertGreater(document["summary"]["duration_s"], 3)

    def test_what_was_put_together_is_read_again(self):
        merged = self.replay(self.elsewhere("web1", 3), self.elsewhere("db1"), "--format", "jsonl").out
        again = self.put(merged, "merged")
        self.assertEqual(self.replay(again, "--format", "jsonl").out, merged)
        self.assertRegex(self.replay(again).text, "(?m)^web1  ✖|^web1  x")

    def test_a_file_without_a_session_has_its_own_name(self):
        lines = self.stream_of().splitlines(keepends=True)
        part = self.put(b"".join(lines[1:]), "part.jsonl")
        hosts = {one.get("host") for one in self.replay(part, self.elsewhere("db1"), "--format", "jsonl").of("death")}
        self.assertEqual(hosts, {"part.jsonl", "db1"})

    def test_recordings_are_not_put_together(self):
        ended = self.replay(RECORDINGS / f"{CASE}.events", self.elsewhere("db1"), status=1)
        self.assertIn("--format jsonl", ended.error)


@needs_root
class Watching(Streams):
    """The document of a watch is whole however it ends."""

    def document(self, ended):
        document = json.loads(ended.text)
        self.assertEqual((document["session"]["type"], document["summary"]["type"]), ("session", "summary"))
        return document

    def test_until_death_and_a_record_beside(self):
        victim = self.target()
        path = self.root / "beside"
        ended = self.run_it("watch", "--format", "json", "--pid", victim.pid, "--until-death", "--record", path,
                            play=killed(victim))
        document = self.document(ended)
        records = [json.loads(line) for line in path.read_text().splitlines()]
        self.assertEqual([document["session"], *document["records"], document["summary"]], records)
        self.assertEqual(len([one for one in records if one["type"] == "death"]), 1)

    def test_count(self):
        victim = self.target()
        ended = self.run_it("watch", "--format", "json", "--pid", victim.pid, "--count", 1, play=killed(victim))
        self.assertEqual(self.document(ended)["summary"]["signals"], 1)

    def test_sigint(self):
        running = self.start("watch", "--format", "json", "--pid", os.getpid(), play=Play())
        running.until_out('"type":"armed"')
        running.signal(signal.SIGINT)
        ended = running.end()
        self.assertEqual(ended.status, 0, ended)
        self.assertEqual(self.document(ended)["records"][0]["type"], "armed")


if __name__ == "__main__":
    main()
