"""--retune: if SystemTap gives up at a limit that an option raises, the probes are started again with that option, once."""

import os
import signal
import time
import unittest

from support import KILLER, Case, Play, needs_root, until

MAXACTION = "ERROR: MAXACTION exceeded near operator '{' at watch.stp:1:1\n"
TRANSPORT = "WARNING: There were 3 transport failures. Try stap -s to increase the buffer size from 16.\n"


@needs_root
class Retune(Case):
    def play(self, words, *ending):
        """Arms, prints these words and ends in this way; the second run plays what the caller adds."""
        return Play().step("first", str(self.root / "first"), ["target"], ["order", "?0"], ["stderr", words], *ending)

    def retuned(self, ended):
        return [record for record in ended.of("diagnostic") if record["id"] == "stap.retune"]

    def test_error_that_an_option_mends(self):
        victim = self.target()
        play = self.play(MAXACTION, ["exit", 1]).signal(KILLER, victim).returned(KILLER).ended(victim, 9)
        ended = self.watch("--pid", victim.pid, "--until-death", "--retune", play=play)
        self.assert_stream(ended)
        self.assertEqual(len(ended.of("death")), 1)
        self.assertEqual([record["id"] for record in ended.of("diagnostic")], ["stap.maxaction", "stap.retune"])
        self.assertIn("-DMAXACTION=102400", self.retuned(ended)[0]["message"])
        compilations = [call["argv"] for call in self.calls("stap")]
        self.assertEqual(["-DMAXACTION=102400" in words for words in compilations], [False, True])

    def test_warning_that_an_option_mends(self):
        victim = self.target()
        play = self.play(TRANSPORT, ["wait", str(self.root / "never")]).signal(KILLER, victim).returned(KILLER)
        ended = self.watch("--pid", victim.pid, "--count", 1, "--retune", play=play.ended(victim, 9))
        self.assert_stream(ended)
        self.assertEqual(len(ended.of("signal")), 1)
        runs = [call["argv"] for call in self.calls("staprun") if "-d" not in call["argv"]]
        self.assertEqual(["-b" in words for words in runs], [False, True])
        self.assertEqual(self.signals("staprun")[0], signal.SIGINT)

    def test_not_without_the_option(self):
        victim = self.target()
        ended = self.watch("--pid", victim.pid, play=self.play(MAXACTION, ["exit", 1]))
        self.assert_failed(ended, "MAXACTION exceeded", "--stap-arg=-DMAXACTION")
        self.assertEqual(self.retuned(ended), [])

    def test_only_once(self):
        victim = self.target()
        play = self.play(MAXACTION, ["exit", 1]).step("stderr", MAXACTION).step("exit", 1)
        ended = self.watch("--pid", victim.pid, "--retune", play=play)
        self.assert_failed(ended, "MAXACTION exceeded")
        self.assertEqual(len(self.retuned(ended)), 1)
        self.assert_stream(ended, status=1)

    def test_target_that_ends_meanwhile(self):
        victim = self.target()
        gate = str(self.root / "gate")
        play = self.play(MAXACTION, ["touch", gate], ["gone"], ["exit", 1])
        running = self.start("watch", "--format", "jsonl", "--pid", victim.pid, "--until-death", "--retune", play=play)
        until(lambda: os.path.exists(gate), "the first run")
        os.kill(victim.pid, signal.SIGKILL)
        ended = running.end()
        self.assertEqual(ended.status, 1, ended)
        self.assertEqual(ended.of("death"), [])
        missing = [record for record in ended.of("diagnostic") if record["id"] == "target.missing"]
        self.assertEqual(len(missing), 1)
        self.assertIn("started again", missing[0]["message"])
        self.assertEqual(ended.records[-1]["type"], "summary")

    def test_interrupted_while_it_compiles_again(self):
        victim = self.target()
        self.prepare_cache()
        running = self.start("watch", "--format", "jsonl", "--pid", victim.pid, "--retune",
                             play=self.play(MAXACTION, ["exit", 1]), environment={"FAKE_STAP_SCENARIO": "hang"})
        running.until_out("stap.retune")
        time.sleep(0.3)
        running.signal(signal.SIGINT)
        ended = running.end()
        self.assert_stream(ended)
        self.assertEqual(self.builds_left(), [])


if __name__ == "__main__":
    unittest.main()
