"""Wrong usage, help and version: stapkill(1)."""

import json
import re

from support import Case, main


class Usage(Case):
    def setUp(self):
        super().setUp()
        # Wrong usage that is accepted also ends at once.
        self.environment["STAPKILL_STAP"] = str(self.root / "no-stap")

    def commands(self):
        listed = self.run_it("--help").text.partition("commands:\n")[2].partition("\n\n")[0]
        names = re.findall(r"^  ([a-z]+) ", listed, re.M)
        self.assertIn("watch", names)
        return names

    def template_with(self, parameter):
        """A template that takes such a parameter."""
        templates = json.loads(self.run_it("templates", "--json").text)
        return next(one["name"] for one in templates if parameter in [each["name"] for each in one["parameters"]])

    def assert_refused(self, words, *expected):
        with self.subTest(words=words):
            self.assert_usage(self.run_it(*words), *expected)

    def test_no_arguments(self):
        ended = self.run_it()
        self.assertEqual(ended.status, 2)
        self.assertEqual(ended.out, b"")
        self.assertIn("--help", ended.error)

    def test_help(self):
        for words in (["--help"], ["-h"]):
            ended = self.run_it(*words)
            self.assertEqual((ended.status, ended.err), (0, b""), words)
            self.assertIn("usage: stapkill", ended.text)

    def test_help_of_each_command(self):
        for name in self.commands():
            for words in ([name, "--help"], [name, "-h"], ["--help", name]):
                ended = self.run_it(*words)
                self.assertEqual((ended.status, ended.err), (0, b""), words)
                self.assertIn(f"usage: stapkill {name}", ended.text)
                for option in ("--help", "--version", "--color", "--verbose", "--quiet"):
                    self.assertIn(option, ended.text)

    def test_version(self):
        for words in (["--version"], ["watch", "--version"]):
            ended = self.run_it(*words)
            self.assertEqual((ended.status, ended.err), (0, b""), words)
            self.assertRegex(ended.text, r"^stapkill \d+\.\d+")
            self.assertRegex(ended.text, r"(?m)^backends: stap( bpf| \(built without bpf, .*\))$")
            self.assertRegex(ended.text, r"(?m)^stacks: (yes|no \(built without libdw\))$")

    def test_unknown_option(self):
        self.assert_refused(["--frobnicate"], "frobnicate")
        for name in self.commands():
            self.assert_refused([name, "--frobnicate"], "frobnicate")
        self.assert_refused(["watch", "-Z"], "-Z")

    def test_unknown_option_among_known(self):
        self.assert_refused(["watch", "--pid", "1", "--frobnicate", "--signal", "TERM"], "frobnicate")

    def test_unknown_option_with_a_value(self):
        self.assert_refused(["watch", "--all", "--frobnicate", "3"], "--frobnicate")

    def test_abbreviated_option(self):
        self.assert_refused(["watch", "--all", "--dur=3"], "--dur")

    def test_unknown_command(self):
        self.assert_refused(["frobnicate"], "frobnicate")
        self.assert_refused(["--color", "never", "frobnicate"], "frobnicate")

    def test_unexpected_word(self):
        self.assert_refused(["watch", "--all", "surplus"], "surplus")
        self.assert_refused(["templates", "surplus"], "surplus")
        self.assert_refused(["emit", self.template_with("pid"), "surplus"], "surplus")

    def test_value_missing(self):
        for option in ("--pid", "--signal", "--count", "--format", "--output"):
            self.assert_refused(["watch", option], option)

    def test_value_given_to_a_switch(self):
        self.assert_refused(["watch", "--all=yes"], "--all")

    def test_option_twice(self):
        self.assert_refused(["watch", "--all", "--format", "text", "--format", "jsonl"], "--format")

    def test_unknown_signal(self):
        for word in ("NOPE", "SIGNOPE", "0", "65", "-1", "9x", "TERM,NOPE"):
            self.assert_refused(["watch", "--all", "--signal", word], "--signal", word.rpartition(",")[2])
        self.assert_refused(["watch", "--all", "--signal", ""], "--signal")

    def test_unknown_format(self):
        self.assert_refused(["watch", "--all", "--format", "nosuch"], "--format", "nosuch")

    def test_unknown_color(self):
        self.assert_refused(["watch", "--all", "--color", "maybe"], "--color", "maybe")

    def test_unknown_backend(self):
        self.assert_refused(["watch", "--all", "--backend", "nosuch"], "--backend", "nosuch")

    def test_bad_numbers(self):
        wrong = {
            "--pid": ["abc", "0", "-1", "1.5", "12x", "", "4194305", "99999999999999999999"],
            "--count": ["abc", "0", "-1", "1.5", ""],
            "--duration": ["abc", "0", "-1", "1s", "", "nan", "inf", "1e99"],
            "--sender-pid": ["abc", "0", "-1"],
        }
        for option, values in wrong.items():
            for value in values:
                self.assert_refused(["watch", "--all", option, value], option, value)

    def test_sender_pid_beyond_any(self):
        """Must not be cut to the width of a pid: 2^32 + 1 is not 1."""
        self.assert_refused(["watch", "--all", "--sender-pid", "4294967297"], "--sender-pid", "4294967297")

    def test_unknown_sender_uid(self):
        self.assert_refused(["watch", "--all", "--sender-uid", "no-such-user"], "--sender-uid", "no-such-user")

    def test_target_missing(self):
        self.assert_refused(["watch"], "--pid")
        self.assert_refused(["watch", "--signal", "TERM"], "--pid")
        self.assert_refused(["watch", "--"], "--")
        self.assert_refused(["watch", "--wait", "--all"], "--wait")

    def test_bad_regular_expression(self):
        self.assert_refused(["watch", "--name", "a(b"], "--name", "a(b")

    def test_unknown_template(self):
        self.assert_refused(["emit", "nosuch"], "nosuch")
        self.assert_refused(["emit"], "template")

    def test_unknown_parameter(self):
        self.assert_refused(["emit", self.template_with("pid"), "--set", "nosuch=1"], "nosuch")
        self.assert_refused(["emit", self.template_with("pid"), "--set", "nosuch"], "nosuch")
        self.assert_refused(["emit", self.template_with("pid"), "--set", "=1"], "=1")

    def test_bad_parameter_values(self):
        self.assert_refused(["emit", self.template_with("pid"), "--pid", "abc"], "pid", "abc")
        self.assert_refused(["emit", self.template_with("signal"), "--signal", "SIGNOPE"], "signal", "SIGNOPE")

    def test_kernel_without_prepare(self):
        self.assert_refused(["watch", "--all", "--kernel", "6.1.0"], "--kernel")

    def test_hostile_word_stays_on_one_line(self):
        for word in ("a\nstapkill: all is well", "\x1b[2J\x1b[31m", "a\rb", "--a\nb"):
            for words in ([word], ["watch", "--all", word], ["watch", "--all", "--format", word], ["emit", word]):
                with self.subTest(words=words):
                    ended = self.run_it(*words)
                    self.assert_usage(ended)
                    self.assertNotRegex(ended.error, r"[\x00-\x09\x0b-\x1f\x7f]")


if __name__ == "__main__":
    main()
