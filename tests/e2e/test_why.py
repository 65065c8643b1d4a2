"""`stapkill why` over histories made by hand. tests/lab/cases_record.py asks about real deaths."""

import json
import os
import re
import subprocess
import unittest

import history
from history import NOW, SECOND, death
from support import BINARY, Case, Terminal, main

NOT_ARMED, LOST, COUNTED = 0, 5, 6
NAME = "no-such-comm"  # of no living process


class Why(Case):
    def setUp(self):
        super().setUp()
        self.store = self.root / "store"

    def make(self, *deaths, **more):
        return history.make(self.store, deaths, **more)

    def why(self, *words, **more):
        return self.run_it("why", "--store", self.store, *words, **more)

    def answer(self, *words, **more):
        ended = self.why(*words, **more)
        self.assertEqual((ended.status, ended.error), (0, ""), ended)
        return ended.text

    def assert_nothing(self, ended, *words):
        """Status 1, nothing on standard output, and these words on standard error."""
        self.assertEqual((ended.status, ended.out), (1, b""), ended)
        for word in words:
            self.assertIn(word, ended.error)


class Answer(Why):
    def test_the_sentence_comes_first(self):
        self.make(death(4000007, NAME))
        lines = self.answer(NAME).splitlines()
        self.assertRegex(lines[0], rf"^\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d  {NAME}\(4000007\) was killed by SIGKILL\.$")
        text = "\n".join(lines)
        self.assertRegex(text, r"(?s)started by init\(1\); it lived for 1 min 40 s.*kill\(4000001\) sent SIGKILL through "
                               r"kill\(2\).*ended by SIGKILL")
        self.assertNotIn("what was seen", text)

    def test_evidence_when_verbose(self):
        self.make(death(4000007, NAME))
        self.assertIn("evidence  what was seen", self.answer(NAME, "-v"))

    def test_by_each_selector(self):
        self.make(death(4000007, NAME, cmdline=f"{NAME} --port 80", uid=33, unit="no-such.service", container="a" * 64,
                        name="no-such-container", pod="shop/no-such-0"), death(4000008, "other", NOW - SECOND))
        for words in (["4000007"], ["--pid", "4000007"], ["--name", NAME], ["--exe", f"/usr/bin/{NAME}"],
                      ["--cmdline", "--port 80"], ["--uid", "33"], ["--unit", "no-such"], ["no-such.service"],
                      ["aaaa"], ["no-such-container"], ["no-such-0"], ["--pod", "shop/no-such-0"],
                      [NAME, "--unit", "no-such", "--since", "1h"], []):
            with self.subTest(words=words):
                self.assertIn(f"{NAME}(4000007) was killed", self.answer(*words))

    def test_a_word_that_fits_two_kinds(self):
        self.make(death(1001, NAME, NOW - SECOND, unit=f"{NAME}.service"), death(1002, NAME))
        ended = self.why(NAME)
        self.assertIn(f"{NAME}(1001)", ended.text)
        self.assertEqual(ended.error, f"stapkill why: '{NAME}' is taken as a unit; --name {NAME} finds others\n")

    def test_what_came_since(self):
        self.make(*(death(4000001 + n, NAME, NOW - n * SECOND, unit="no-such.service") for n in range(5)))
        self.assertRegex(self.answer("--pid", "4000005"),
                         rf"since     {NAME} of no-such\.service ended 4 more times; the latest at \d{{4}}-")

    def test_what_else_ended_around_it(self):
        self.make(death(4000007, NAME, unit="u.service"), death(4000008, "worker", NOW - SECOND, unit="u.service"),
                  death(4000009, "other", NOW))
        text = self.answer(NAME)
        self.assertIn("also: worker(4000008) was killed by SIGKILL.", text)
        self.assertNotIn("other", text)

    def test_what_was_not_seen(self):
        blind = [(NOW - 50 * SECOND, NOW - 40 * SECOND, NOT_ARMED, 0), (NOW, NOW, LOST, 12),
                 (NOW - 5000 * SECOND, NOW - 4000 * SECOND, NOT_ARMED, 0)]
        self.make(death(4000007, NAME), blind=blind)
        text = self.answer(NAME)
        self.assertEqual(text.count("the recorder did not watch from"), 1)
        self.assertIn("events lost at", text)

    def test_a_history_that_nobody_writes(self):
        self.make(death(4000008, NAME, NOW - 7200 * SECOND), watched=NOW - 7200 * SECOND)
        self.assertIn("no recorder has watched since", self.answer(NAME))

    def test_an_unknown_cause_explains_nothing(self):
        self.make(death(4000007, NAME, cause="unknown"))
        ended = self.why(NAME)
        self.assertEqual(ended.status, 1)
        self.assertIn("was killed", ended.text)


class Nothing(Why):
    def test_what_the_history_covers_and_what_is_near(self):
        self.make(death(4000007, "nginx-made-up"), blind=[(NOW - 60 * SECOND, NOW, COUNTED, 7)])
        self.assert_nothing(self.why("nginx-mdae-up"), "no death of 'nginx-mdae-up' is in the history, which covers 20",
                            "7 clean ends of short lives were only counted", "\n  near it: nginx-made-up\n")

    def test_when_nobody_watched(self):
        self.make(blind=[(NOW - 60 * SECOND, NOW, NOT_ARMED, 0)])
        self.assert_nothing(self.why(NAME), "the recorder did not watch from")

    def test_after_its_end(self):
        self.make(death(4000007, NAME, NOW - 7200 * SECOND), watched=NOW - 7200 * SECOND)
        self.assert_nothing(self.why(NAME, "--since", "1h"), "it ends before the time that was asked for",
                            "no recorder has watched since")

    def test_a_number_that_is_no_pid(self):
        self.make(death(4000007, NAME, container="9" * 64))
        self.assert_nothing(self.why("999999999"), "as a container: stapkill why --container 999999999")

    def test_a_damaged_shard(self):
        self.make(death(4000007, NAME))
        (self.store / "20261130-000002-deaths.sqlite").write_bytes(b"x" * 5000)
        ended = self.why(NAME)
        self.assertEqual(ended.status, 0)
        self.assertIn("20261130-000002-deaths.sqlite cannot be read", ended.error)


class Table(Why):
    def make_many(self):
        self.make(*(death(4000001 + n, NAME, NOW - n * SECOND, initiator="" if n else "kill(9)") for n in range(20)))

    def test_the_latest_at_its_end(self):
        self.make_many()
        lines = self.answer("--last", "3").splitlines()
        self.assertRegex(lines[0], "^TIME +PROCESS +CAUSE +INITIATOR$")
        self.assertEqual(len(lines), 4)
        self.assertRegex(lines[-1], rf" {NAME}\(4000001\)  kill SIGKILL  kill\(9\)$")
        self.assertRegex(lines[-2], rf" {NAME}\(4000002\)  kill SIGKILL  -$")
        self.assertEqual(len(self.answer("--all", NAME).splitlines()), 21)

    def test_it_fits_the_terminal(self):
        self.make_many()
        for columns in (30, 60, 80):
            terminal = Terminal(columns)
            self.assertEqual(self.why("--all", stdout=terminal.slave).status, 0)
            for line in terminal.close().splitlines():
                self.assertLessEqual(len(line), columns)


class Looks(Why):
    def on_terminal(self, *words, columns=50, **environment):
        terminal = Terminal(columns)
        self.assertEqual(self.why(*words, stdout=terminal.slave, environment=environment).status, 0)
        return terminal.close()

    def test_colour_and_width(self):
        self.make(death(4000007, NAME, cmdline="word " * 40))
        text = self.on_terminal(NAME)
        self.assertIn("\033[1m", text)
        for line in re.sub(r"\033\[\d*m", "", text).splitlines():
            self.assertLessEqual(len(line), 50)
        self.assertNotIn("\033", self.on_terminal(NAME, NO_COLOR="1"))

    def test_bytes_of_other_processes(self):
        self.make(death(4000007, NAME, cmdline="a\033[2Jb ü", summary="it was ü\033 killed"))
        self.assertIn(r"a\x1b[2Jb ü", self.answer(NAME))
        self.assertIn(r"a\x1b[2Jb \xc3\xbc", self.answer(NAME, environment={"LC_ALL": "C"}))
        self.assertTrue(self.why(NAME, environment={"LC_ALL": "C"}).out.isascii())

    def test_a_reader_that_stops(self):
        self.make(*(death(n, NAME, NOW - n) for n in range(1, 200)))
        ask = [BINARY, "why", "--store", self.store, "--limit", "200"]
        pipe = subprocess.run(["bash", "-c", '"$@" | head -1; exit ${PIPESTATUS[0]}', "bash", *ask],
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)
        self.assertEqual((pipe.stdout.count(b"\n"), pipe.stderr, pipe.returncode), (1, b"", 0))


class Machine(Why):
    def test_jsonl_is_the_records(self):
        one, two = death(4000007, NAME), death(4000008, NAME, NOW - SECOND)
        self.make(one, two)
        ended = self.why("--limit", "5", "--format", "jsonl")
        self.assertEqual(ended.records, [one["record"], two["record"]])

    def test_json_is_one_document(self):
        one = death(4000007, NAME)
        self.make(one, blind=[(NOW - SECOND, NOW, LOST, 3)])
        document = json.loads(self.answer(NAME, "--format", "json"))
        self.assertEqual(document["schema"], "stapkill.why/1")
        self.assertEqual(document["deaths"], [one["record"]])
        self.assertEqual([(row["why"], row["count"]) for row in document["blind"]], [("lost", 3)])
        self.assertEqual(set(document["covered"]), {"since", "until"})
        self.assertIsNone(document["living"])

    def test_json_of_nothing(self):
        self.make()
        ended = self.why(NAME, "--format", "json")
        self.assertEqual(ended.status, 1)
        self.assertEqual(json.loads(ended.text)["deaths"], [])
        self.assertIn("no death of", ended.error)

    def test_a_damaged_record_is_left_out(self):
        self.make(death(4000007, NAME, record="{"), death(4000008, NAME, NOW - SECOND))
        ended = self.why("--limit", "2", "--format", "json")
        self.assertEqual(len(json.loads(ended.text)["deaths"]), 1)
        self.assertIn(f"the record of {NAME}(4000007) is damaged", ended.error)


class Living(Why):
    def test_a_pid_that_was_given_out_again(self):
        victim = self.target()
        self.make(death(victim.pid, NAME, NOW - 3600 * SECOND))
        text = self.answer(str(victim.pid))
        self.assertIn(f"{NAME}({victim.pid}) was killed", text)
        self.assertIn(f"now       pid {victim.pid} is now another process, {victim.comm}, since ", text)

    def test_the_predecessor_of_a_living_process(self):
        victim = self.target(name="made-up-prog")
        self.make(death(4000007, victim.comm, NOW - 3600 * SECOND, exe=os.readlink(f"/proc/{victim.pid}/exe")))
        for word in (str(victim.pid), victim.comm):
            with self.subTest(word=word):
                lines = self.answer(word).splitlines()
                self.assertRegex(lines[0], rf"^made-up-prog\({victim.pid}\) is alive since .*; its predecessor \(the same "
                                           r"program, .*\) died:$")
                self.assertIn("made-up-prog(4000007) was killed", lines[1])
        ended = self.why(str(victim.pid), "--format", "jsonl")
        self.assertEqual([record["process"]["pid"] for record in ended.records], [4000007])
        self.assertIn("is alive since", ended.error)

    def test_no_death_of_a_predecessor(self):
        victim = self.target(name="made-up-prog")
        self.make(death(4000007, "made-up-prog", exe="/other"))
        self.assert_nothing(self.why(str(victim.pid)), f"made-up-prog({victim.pid}) is alive since ",
                            "no death of a predecessor is in the history, which covers")

    def test_a_captured_host_has_no_living_processes(self):
        victim = self.target(name="made-up-prog")
        history.make(self.root / "host/var/lib/stapkill", [death(4000007, NAME)])
        self.assert_nothing(self.run_it("why", "--root", self.root / "host", str(victim.pid)), "no death of")


class Captured(Why):
    def test_a_host_below_a_directory(self):
        folder = self.root / "host/var/lib/stapkill"
        history.make(folder, [death(4000007, NAME)], watched=NOW - 7200 * SECOND)
        before = sorted(os.listdir(folder))
        ended = self.run_it("why", "--root", self.root / "host", NAME)
        self.assertEqual((ended.status, ended.error), (0, ""), ended)
        self.assertIn("was killed", ended.text)
        self.assertNotIn("no recorder", ended.text)
        self.assertEqual(sorted(os.listdir(folder)), before)

    def test_links_out_of_it_are_not_followed(self):
        self.make(death(4000007, NAME))
        folder = self.root / "host/var/lib"
        folder.mkdir(parents=True)
        (folder / "stapkill").symlink_to(self.store)
        self.assert_nothing(self.run_it("why", "--root", self.root / "host", NAME), "there is no history")

    def test_no_such_host(self):
        self.assert_nothing(self.run_it("why", "--root", self.root / "none", NAME), "cannot read the host in")


class Usage(Why):
    def test_without_a_history(self):
        self.assert_nothing(self.why("nginx"), "no history", "stapkill record")

    @unittest.skipIf(os.geteuid() != 0, "another user reads root's history")
    def test_without_root(self):
        self.make(death(4000007, NAME))
        ended = self.why(NAME, before=("setpriv", "--reuid", "65534", "--clear-groups"))
        self.assert_nothing(ended, "may not be read by this user", "sudo")

    def test_wrong_words(self):
        for words, named in (
            (["--pid", "x"], "x"),
            (["--pid", "0"], "0"),
            (["0"], "0"),
            (["-9"], "-9"),
            ([""], "''"),
            (["7", "--pid", "8"], "7"),
            (["--since", "soon"], "soon"),
            (["--until", "25:00"], "25:00"),
            (["--since", "1h", "--until", "2h"], "1h"),
            (["--limit", "0"], "0"),
            (["--last", "none"], "none"),
            (["--last", "3", "--all"], "--all"),
            (["--format", "xml"], "xml"),
            (["--uid", "no-such-user"], "no-such-user"),
            (["--root", "/", "--uid", "root"], "root"),
            (["a", "b"], "b"),
        ):
            with self.subTest(words=words):
                self.assert_usage(self.why(*words), named)


if __name__ == "__main__":
    main()
