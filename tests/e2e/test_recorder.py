"""The recorder's command line. tests/lab/cases_record.py has the recorder itself, test_why.py what reads its history."""

import os
import subprocess
import unittest

from support import BINARY, Case, main


class Recorder(Case):
    def setUp(self):
        super().setUp()
        self.store = str(self.root / "store")

    def assert_said(self, ended, *words):
        self.assertEqual((ended.status, ended.out), (1, b""), ended)
        for word in words:
            self.assertIn(word, ended.error)

    def test_wrong_words(self):
        for words, named in (
            (["--max-size", "1K"], "1K"),
            (["--max-size", "much"], "much"),
            (["--max-age", "0"], "0"),
            (["--redact", "("], "("),
            (["--backend", "none"], "none"),
            (["--exec", "./hook"], "./hook"),
            (["--exec", "/no/such/hook"], "/no/such/hook"),
            (["--exec", "no-such-hook"], "no-such-hook"),
            (["word"], "word"),
        ):
            with self.subTest(words=words):
                self.assert_usage(self.run_it("record", "--store", self.store, *words), named)

    @unittest.skipIf(os.getuid() != 0, "needs root to become nobody")
    def test_without_root(self):
        os.chmod(self.root, 0o755)
        ended = subprocess.run(["setpriv", "--reuid", "65534", "--clear-groups", BINARY, "record", "--backend", "bpf", "--store",
                                self.store], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        self.assertEqual(ended.returncode, 1, ended)
        self.assertIn("Permission denied", ended.stderr)
        self.assertIn("sudo", ended.stderr)

    def test_a_store_that_is_no_directory(self):
        with open(self.store, "w", encoding="utf-8") as file:
            file.write("x")
        self.assert_said(self.run_it("record", "--backend", "bpf", "--store", self.store), "not a directory")


if __name__ == "__main__":
    main()
