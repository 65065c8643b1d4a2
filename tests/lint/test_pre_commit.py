"""scripts/pre-commit in a repository of its own: what it formats, and what prevents a commit."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

REPO = pathlib.Path(__file__).resolve().parents[2]
UGLY = "int   main( ) {return 0 ;}\n"
TABLE = "| folder | what lives there | may use |\n|---|---|---|\n| `src/low/` | below | - |\n| `src/top/` | above | low |\n"


class PreCommit(unittest.TestCase):
    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.root = pathlib.Path(made.name)
        # Without the variables of the git that runs this, and without the user's settings.
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        self.environment.update(HOME=made.name, GIT_CONFIG_NOSYSTEM="1", GIT_AUTHOR_NAME="a", GIT_AUTHOR_EMAIL="a@example.org",
                                GIT_COMMITTER_NAME="a", GIT_COMMITTER_EMAIL="a@example.org")
        self.git("init", "-q")
        shutil.copytree(REPO / "scripts", self.root / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(REPO / ".clang-format", self.root)
        self.write("ARCHITECTURE.md", TABLE)
        rooms = self.root / "scripts/lib/rooms.py"
        head, tail = rooms.read_text().split("KNOWN = [", 1)
        rooms.write_text(head + "KNOWN = [\n]\n" + tail.split("\n]\n", 1)[1])
        self.write("src/low/a.h", "int low();\n")
        self.write("src/top/b.cpp", '#include "low/a.h"\n')
        self.git("add", ".")
        self.git("commit", "-qm", "begun")
        (self.root / ".git/hooks").mkdir(exist_ok=True)
        (self.root / ".git/hooks/pre-commit").symlink_to("../../scripts/pre-commit")

    def git(self, *words, check=True):
        return subprocess.run(["git", *words], cwd=self.root, env=self.environment, capture_output=True, text=True, check=check)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def commit(self, *names):
        self.git("add", *names)
        return self.git("commit", "-qm", "more", check=False)

    def committed(self, name):
        return self.git("show", f"HEAD:{name}").stdout

    def refused(self, done, *words):
        self.assertNotEqual(done.returncode, 0, done)
        for word in words:
            self.assertIn(word, done.stdout + done.stderr)

    def test_formats_what_is_staged(self):
        self.write("src/low/c.cpp", UGLY)
        done = self.commit("src/low/c.cpp")
        self.assertEqual(done.returncode, 0, done)
        self.assertIn("formatted src/low/c.cpp", done.stderr)
        self.assertNotIn("( )", self.committed("src/low/c.cpp"))

    def test_leaves_a_file_alone_that_is_staged_in_part(self):
        self.write("src/low/c.cpp", UGLY)
        self.git("add", "src/low/c.cpp")
        self.write("src/low/c.cpp", UGLY + "// later\n")
        self.refused(self.git("commit", "-qm", "more", check=False), "src/low/c.cpp is not formatted")
        self.assertEqual((self.root / "src/low/c.cpp").read_text(), UGLY + "// later\n")

    def test_shell(self):
        self.write("scripts/new", "#!/usr/bin/env bash\nrm -rf $1/x\n")
        self.refused(self.commit("scripts/new"), "SC2086")

    def test_python(self):
        self.write("tests/new.py", "import os\n")
        self.refused(self.commit("tests/new.py"), "tests/new.py:1:1: F401")

    def test_what_is_not_staged_does_not_count(self):
        self.write("tests/old.py", "import os\n")
        self.git("add", "tests/old.py")
        self.git("commit", "-qnm", "no hook")
        self.write("tests/new.py", "print(1)\n")
        self.assertEqual(self.commit("tests/new.py").returncode, 0)

    def test_rooms(self):
        self.write("src/low/a.h", '#include "top/b.h"\n')
        self.write("src/top/b.h", "int top();\n")
        self.refused(self.commit("src"), "src/low/a.h:1: low may not use top")


if __name__ == "__main__":
    unittest.main(verbosity=2)
