"""Recordings of events: writing and replaying them."""

import json
import os
import re
import stat
from pathlib import Path

from support import KILLER, Case, Play, killed, main, needs_root

RECORDINGS = Path(__file__).resolve().parent.parent / "recordings"
EXPECTED = json.loads((RECORDINGS / "expected.json").read_text())


class Replays(Case):
    def replay(self, lines, *words):
        path = self.root / "events"
        path.write_bytes("".join(line + "\n" for line in lines).encode())
        ended = self.run_it("replay", path, "--format", "jsonl", *words)
        self.assert_stream(ended)
        return ended

    def lines_of(self, case):
        return (RECORDINGS / f"{case}.events").read_text().splitlines()

    @staticmethod
    def verdicts(ended):
        return [{"pid": death["process"]["pid"], "cause": death["verdict"]["cause"],
                 "killer": death["verdict"]["killer"] and death["verdict"]["killer"]["pid"],
                 "initiator": death["verdict"]["initiator"] and death["verdict"]["initiator"]["pid"],
                 "chain": [step["what"] for step in death["verdict"]["chain"]],
                 **{key: death["verdict"][key] for key in ("confidence", "rule", "signal_seq")}} for death in ended.of("death")]


class Recorded(Replays):
    """tests/unit/session/replay_test.cpp tests changed recordings."""

    def test_a_recording_of_each_cause(self):
        seen = set()
        for case, expected in EXPECTED.items():
            if expected[0]["cause"] in seen:
                continue
            seen.add(expected[0]["cause"])
            with self.subTest(case=case):
                self.assertEqual(self.verdicts(self.replay(self.lines_of(case))), expected)

    def test_nothing_of_this_machine_is_emitted(self):
        here = os.uname()
        text = self.replay(self.lines_of("kill_by_shell_builtin")).text
        for word in (here.nodename, here.release):
            self.assertNotIn(f'"{word}"', text)
        self.assertIn('"hostname":"machine"', text)


class Files(Replays):
    CASE = "kill_by_shell_builtin"

    def test_text(self):
        ended = self.run_it("replay", RECORDINGS / f"{self.CASE}.events")
        self.assertEqual((ended.status, ended.err), (0, b""))
        self.assertIn(f"sleep({EXPECTED[self.CASE][0]['pid']}) was killed by SIGKILL from sh(", ended.text)
        self.assertNotIn("\x1b", ended.text)
        self.assertIn("\x1b", self.run_it("replay", RECORDINGS / f"{self.CASE}.events", "--color", "always").text)

    def test_output(self):
        path = self.root / "out"
        ended = self.run_it("replay", RECORDINGS / f"{self.CASE}.events", "--format", "jsonl", "--output", path)
        self.assertEqual((ended.status, ended.out), (0, b""))
        self.assertEqual(json.loads(path.read_text().splitlines()[-1])["type"], "summary")

    def test_other_targets(self):
        victim, killer = EXPECTED[self.CASE][0]["pid"], EXPECTED[self.CASE][0]["killer"]
        lines = self.lines_of(self.CASE)
        deaths = lambda *words: [one["pid"] for one in self.verdicts(self.replay(lines, *words))]
        self.assertEqual(deaths("--pid", killer), [killer])
        self.assertEqual(deaths("--name", "^sleep$"), [victim])
        self.assertEqual(set(deaths("--all")), {victim, killer})
        self.assertEqual(deaths("--pid", self.missing_pid()), [])

    def test_no_file(self):
        self.assert_usage(self.run_it("replay"), "file")
        ended = self.run_it("replay", "/no/such/file")
        self.assertEqual(ended.status, 1)
        self.assertIn("/no/such/file", ended.error)

    def test_another_version(self):
        path = self.root / "events"
        path.write_text("# stapkill-events 9 bpf 1 6.1\n")
        ended = self.run_it("replay", path)
        self.assertEqual((ended.status, ended.out), (1, b""))
        self.assertIn("version 9", ended.error)
        self.assertIn("versions 2 to 5", ended.error)

    def test_damaged_lines_are_lost_and_named(self):
        lines = self.lines_of(self.CASE)
        ended = self.replay([*lines[:-1], "S nonsense", lines[-1]])
        self.assertEqual([loss["where"] for loss in ended.of("loss")], [f"line {len(lines)} of {self.root}/events is damaged"])

    def test_a_recording_without_its_end(self):
        ended = self.replay(self.lines_of(self.CASE)[:-1])
        self.assertEqual([record["id"] for record in ended.of("diagnostic")], ["replay.cut"])
        self.assertEqual(self.verdicts(ended), EXPECTED[self.CASE])

    def test_names_of_users_are_those_of_then(self):
        lines = [re.sub("^# user 0 .*", "# user 0 toor", line) for line in self.lines_of(self.CASE)]
        self.assertEqual(self.replay(lines).of("death")[0]["process"]["user"], "toor")

    def test_users_are_asked_for_by_their_names_of_then(self):
        lines = [re.sub("^# user 0 .*", "# user 0 toor", line) for line in self.lines_of(self.CASE)]
        self.assertTrue(self.replay(lines, "--uid", "toor").of("death"))
        path = self.root / "events"
        self.assert_usage(self.run_it("replay", path, "--uid", "root"), "root")


@needs_root
class Writing(Replays):
    def test_what_was_watched_is_judged_again(self):
        victim, path = self.target(), self.root / "recording"
        live = self.watch("--pid", victim.pid, "--until-death", "--record-events", path, play=killed(victim))
        self.assert_stream(live)
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        again = self.replay(path.read_text(encoding="latin-1").splitlines())
        for kind in ("signal", "death", "loss"):
            self.assertEqual(again.of(kind), live.of(kind))
        self.assertEqual(again.records[0]["host"], live.records[0]["host"])
        self.assertEqual(again.records[0]["backend"], "stap")

    def test_losses_and_diagnostics_are_part_of_it(self):
        victim, path = self.target(), self.root / "recording"
        play = Play().skip(3).signal(KILLER, victim).returned(KILLER).ended(victim, 9)
        live = self.watch("--pid", victim.pid, "--until-death", "--record-events", path, play=play)
        again = self.replay(path.read_text(encoding="latin-1").splitlines())
        self.assertEqual(live.of("loss")[0]["count"], 3)
        self.assertEqual(again.of("loss"), live.of("loss"))
        self.assertEqual(self.verdicts(again), self.verdicts(live))
        self.assertNotEqual(self.verdicts(live)[0]["confidence"], "certain")

    def test_a_full_disk(self):
        ended = self.run_it("watch", "--pid", os.getpid(), "--record-events", "/dev/full", play=Play())
        self.assert_failed(ended, "/dev/full", os.strerror(28), "--record-events")

    def test_a_place_that_is_not_there(self):
        ended = self.run_it("watch", "--pid", os.getpid(), "--record-events", self.root / "no/such", play=Play())
        self.assert_failed(ended, str(self.root / "no/such"))


if __name__ == "__main__":
    main()
