"""`stapkill why` of what a host keeps, with no recorder: --root, --source, --save-evidence. tests/autopsy has the
verdicts."""

import json
import os
import shutil
import stat
import subprocess
import unittest

from support import BINARY, IS_ROOT, Case, main

AS_NOBODY = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")
CONTAINER = "4f5c" * 16

# Debian 12 with rsyslog and audit: root kills indexer(2211) by its name, with secrets in both command lines.
SYSLOG = """\
2026-03-10T14:05:40.002131+00:00 db1 sudo:   deploy : TTY=pts/0 ; PWD=/srv ; USER=root ; \
COMMAND=/usr/bin/pkill --token=tok-3f9a77 --password hunter2 indexer
2026-03-10T14:05:41.902114+00:00 db1 systemd[1]: indexer.service: Main process exited, code=killed, status=9/KILL
2026-03-10T14:05:41.902330+00:00 db1 systemd[1]: indexer.service: Failed with result 'signal'.
2026-03-10T14:05:43.118820+00:00 db1 kernel: [302043.118820] cron[990]: segfault at 18 ip 000055d0c1a2b3f4 \
sp 00007ffc9a1e2d30 error 4 in cron[55d0c1a00000+8f000]
"""
KILL = ('type=SYSCALL msg=audit(1773151541.812:99): arch=c000003e syscall=62 success=yes exit=0 a0=8a3 a1=9 a2=0 a3=0 '
        'items=0 ppid=880 pid=881 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=3 '
        'comm="pkill" exe="/usr/bin/pkill" key="who-killed"\n'
        'type=OBJ_PID msg=audit(1773151541.812:99): opid=2211 oauid=-1 ouid=33 oses=-1 ocomm="indexer"\n'
        'type=PROCTITLE msg=audit(1773151541.812:99): proctitle=' +
        b"pkill\0--token=tok-3f9a77\0--password\0hunter2\0indexer".hex().upper() + "\n")
SECRETS = "tok-3f9a77", "hunter2", b"hunter2".hex().upper()
INSPECT = [{"Id": CONTAINER, "Name": "/web", "State": {"Status": "exited", "Running": False, "OOMKilled": False,
            "ExitCode": 3, "Error": "", "StartedAt": "2026-03-10T10:00:00Z", "FinishedAt": "2026-03-10T14:00:00Z"}}]


class Host(Case):
    """A captured host below self.host."""

    def setUp(self):
        super().setUp()
        self.host = self.root / "host"
        self.put("etc/os-release", "ID=debian\nVERSION_ID=12\n")
        self.put("var/log/syslog", SYSLOG)
        self.put("var/log/audit/audit.log", KILL)

    def put(self, path, text):
        file = self.host / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def file(self, name, text):
        (self.root / name).write_text(text)
        return self.root / name

    def why(self, *words, **more):
        return self.run_it("why", *words, **more)

    def ask(self, *words, **more):
        return self.why("--root", self.host, *words, **more)

    def assert_nothing(self, ended, *words):
        self.assertEqual((ended.status, ended.out), (1, b""), ended)
        for word in words:
            self.assertIn(word, ended.error)

    def verdict(self, ended):
        self.assertEqual(ended.status, 0, ended)
        death = json.loads(ended.text)["deaths"][0]
        return {key: death["verdict"][key] for key in ("cause", "confidence", "killer", "summary")} | {
            "time": death["time"], "pid": death["process"]["pid"], "contradictions": death["contradictions"]}


class Documents(Host):
    def test_html_and_markdown(self):
        self.put("etc/hostname", "db1\n")
        for name, begins in (("html", "<!doctype html>"), ("markdown", "### stapkill: 1 death on `db1`")):
            ended = self.ask("--pid", "2211", "--format", name)
            self.assertEqual((ended.status, ended.error), (0, ""), ended)
            self.assertTrue(ended.text.lower().startswith(begins), ended.text[:200])
            for words in "indexer", "2211", "pkill", "proves that":
                self.assertIn(words, ended.text)

    def test_nothing(self):
        self.assert_nothing(self.ask("--pid", "4000009", "--format", "html"), "no death of '4000009'")


class Evidence(Host):
    def save(self, *words):
        file = self.root / "evidence"
        ended = self.ask(*words, "--save-evidence", file)
        self.assertEqual((ended.status, ended.error), (0, ""), ended)
        return file

    def test_a_colleague_gets_the_same_verdict(self):
        here = self.verdict(self.ask("2211", "--format", "json"))
        self.assertEqual((here["cause"], here["killer"]["pid"]), ("kill", 881))
        file = self.save("2211")
        shutil.rmtree(self.host)
        self.assertEqual(self.verdict(self.why("2211", "--source", file, "--format", "json")), here)

    def test_no_secret_is_in_it(self):
        text = self.save("2211").read_text()
        for secret in SECRETS:
            self.assertNotIn(secret, text)
        self.assertGreaterEqual(text.count("[redacted]"), 3)
        out = self.ask("2211", "--format", "json").text + self.ask("2211", "-v").text
        for secret in SECRETS:
            self.assertNotIn(secret, out)

    def test_only_its_owner_may_read_it(self):
        (self.root / "evidence").write_text("an older one, for all to read")
        self.assertEqual(stat.S_IMODE(self.save("2211").stat().st_mode), 0o600)

    def test_where_it_cannot_be_written(self):
        ended = self.ask("2211", "--save-evidence", self.root / "no" / "such")
        self.assertEqual(ended.status, 1, ended)
        self.assertIn("cannot write", ended.error)

    def test_a_damaged_line(self):
        file = self.save("2211")
        file.write_text(file.read_text() + '{"finding": "oom-k\n')
        ended = self.why("2211", "--source", file)
        self.assertEqual(ended.status, 0, ended)
        self.assertIn("1 lines are damaged", ended.text)


class Source(Host):
    def test_what_is_no_source(self):
        for text in "a shopping list\neggs\n", "\0\1\2\3" * 99, '{"a": 1}':
            ended = self.why("--source", self.file("thing", text))
            self.assert_nothing(ended, "thing is no known kind of source", "known are: ", "a core dump", "crictl inspect",
                                "an audit log", "dmesg")

    def test_a_missing_file(self):
        self.assert_nothing(self.why("--source", self.root / "none"), "cannot read", "none", "No such file")

    def test_a_folder(self):
        self.assert_nothing(self.why("--source", self.host), "cannot read", "directory")

    def test_an_empty_file(self):
        self.assert_nothing(self.why("--source", self.file("empty", "")), "empty")

    def test_two_files_are_one_story(self):
        ended = self.why("2211", "--source", self.file("a", KILL), "--source", self.file("syslog", SYSLOG))
        self.assertEqual(ended.status, 0, ended)
        self.assertIn("indexer(2211) was killed by SIGKILL from pkill(881)", ended.text)

    def test_the_host_is_not_asked(self):
        ended = self.why("web", "--source", self.file("i.json", json.dumps(INSPECT)))
        self.assertEqual(ended.status, 0, ended)
        self.assertIn("container web exited with status 3", ended.text)
        self.assertNotIn("journal", ended.text.split("next time")[0])


class Root(Host):
    def test_no_such_directory(self):
        self.assert_nothing(self.why("--root", self.root / "none"), "none", "No such file")

    def test_an_empty_directory(self):
        shutil.rmtree(self.host)
        self.host.mkdir()
        self.assert_nothing(self.ask("2211"), "no death of '2211' was found")

    @unittest.skipUnless(IS_ROOT and shutil.which("setpriv"), "needs root and setpriv")
    def test_what_may_not_be_read_is_named(self):
        (self.host / "var/log/audit").chmod(0o700)
        os.chmod(self.host / "var/log/syslog", 0o640)
        ended = self.ask("2211", before=AS_NOBODY)
        self.assert_nothing(ended, "/var/log/audit", "not permitted", "/var/log/syslog")
        os.chmod(self.host / "var/log/syslog", 0o644)
        ended = self.ask("cron", before=AS_NOBODY)
        self.assertEqual(ended.status, 0, ended)
        self.assertRegex(ended.text, r"/var/log/audit.*: not permitted")
        self.assertIn("root", ended.text.split("next time")[1])

    def test_a_link_does_not_lead_out(self):
        outside = self.root / "outside"
        outside.write_text(KILL)
        log = self.host / "var/log/audit/audit.log"
        log.unlink()
        log.symlink_to(outside)
        self.assertNotIn("pkill(881)", self.ask("2211").text)


class Formats(Host):
    def test_json_is_one_document(self):
        document = json.loads(self.ask("--limit", "9", "--format", "json").text)
        self.assertEqual(document["schema"], "stapkill.why/1")
        self.assertGreaterEqual(len(document["deaths"]), 2)

    def test_jsonl_is_a_line_for_each(self):
        ended = self.ask("--limit", "9", "--format", "jsonl")
        self.assertEqual({record["type"] for record in ended.records}, {"death"})
        self.assertGreaterEqual(len(ended.records), 2)
        for record in ended.records:
            self.assertTrue(record["source"], record)

    def test_a_reader_that_stops(self):
        lines = "".join(SYSLOG.replace("cron[990]", f"cron[{n}]") for n in range(2000, 4000))
        self.put("var/log/syslog", lines)
        ask = [BINARY, "why", "--root", self.host, "--limit", "2000"]
        pipe = subprocess.run(["bash", "-c", '"$@" | head -1; exit ${PIPESTATUS[0]}', "bash", *map(str, ask)],
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)
        self.assertEqual((pipe.stdout.count(b"\n"), pipe.stderr, pipe.returncode), (1, b"", 0))

    def test_a_table_names_what_has_no_pid(self):
        file = self.file("i.json", json.dumps(INSPECT))
        self.assertRegex(self.why("--all", "--source", file).text, r"(?m)^2026-03-10 \d\d:00:00  web +exit +-$")

    def test_bytes_of_others(self):
        self.put("var/log/syslog", SYSLOG.replace("cron[990]", "cr\033[2Jon[990]"))
        for words in [], ["--format", "json"], ["--all"]:
            with self.subTest(words=words):
                self.assertNotIn("\033", self.ask("--limit", "9", *words).text)


if __name__ == "__main__":
    main()
