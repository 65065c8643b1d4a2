"""scripts/lib/rooms.py on small trees: what it accepts, and each fault that it names."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

REPO = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.append(str(REPO / "scripts" / "lib"))
import rooms

TABLE = """# A house

| folder | what lives there | may use |
|---|---|---|
"""
THREE = "| `src/top/` | above | mid, low |\n| `src/mid/` | between | low |\n| `src/low/` | below | - |\n"


class Tree(unittest.TestCase):
    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.root = pathlib.Path(made.name)
        self.table(THREE)
        for name in ("top/a.h", "top/a.cpp", "mid/b.h", "mid/b.cpp", "low/c.h", "low/c.cpp"):
            self.write(name)

    def table(self, rows):
        (self.root / "ARCHITECTURE.md").write_text(TABLE + rows, encoding="utf-8")

    def write(self, name, *includes):
        path = self.root / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f'#include "{include}"\n' for include in includes), encoding="utf-8")

    def faults(self, known=()):
        return rooms.faults(self.root, known)


class Types(Tree):
    def define(self, name, *lines):
        (self.root / "src" / name).write_text("\n".join(lines) + "\n", encoding="utf-8")

    def test_one_name_for_two_types(self):
        self.define("top/a.h", "namespace house {", "struct Thing {", "};", "}  // namespace house")
        self.define("low/c.cpp", "namespace house {", "class Thing final {", "};", "}  // namespace house")
        self.assertEqual(self.faults(), ["house::Thing is defined in low/c.cpp and in top/a.h: one name, one type"])

    def test_names_that_do_not_meet(self):
        """Nameless and other namespaces, declarations, and types inside of types."""
        self.define("top/a.h", "namespace house {", "struct Thing {", "  struct Part {", "  };", "};", "}  // namespace house")
        self.define("mid/b.h", "namespace house::attic {", "struct Thing {", "};", "}  // namespace house::attic",
                    "namespace house {", "struct Thing;", "}  // namespace house")
        self.define("low/c.cpp", "namespace house {", "namespace {", "struct Thing {", "};", "}  // namespace", "",
                    "}  // namespace house")
        self.assertEqual(self.faults(), [])


class Includes(Tree):
    def test_allowed(self):
        self.write("top/a.cpp", "top/a.h", "mid/b.h", "low/c.h")
        self.write("mid/b.h", "low/c.h")
        self.assertEqual(self.faults(), [])

    def test_forbidden(self):
        self.write("low/c.cpp", "low/c.h", "mid/b.h")
        self.assertEqual(self.faults(), ["src/low/c.cpp:2: low may not use mid (mid/b.h)"])

    def test_forbidden_of_a_name_beside_the_file(self):
        """An include without a room is looked for next to the file, as compilers do."""
        self.write("top/a.cpp", "a.h", "../mid/b.h")
        self.table(THREE.replace("mid, low", "low"))
        self.assertEqual(self.faults(), ["src/top/a.cpp:2: top may not use mid (mid/b.h)"])

    def test_room_below_a_room(self):
        """backend may be used, and backend/bpf is another room."""
        self.table(THREE + "| `src/mid/deep/` | deeper | mid |\n")
        self.write("mid/deep/d.h", "mid/b.h")
        self.write("top/a.cpp", "mid/deep/d.h")
        self.assertEqual(self.faults(), ["src/top/a.cpp:1: top may not use mid/deep (mid/deep/d.h)"])

    def test_file_with_a_row(self):
        self.table(THREE + "| `src/main.cpp` | begins | top |\n")
        self.write("main.cpp", "top/a.h", "low/c.h")
        self.assertEqual(self.faults(), ["src/main.cpp:2: main.cpp may not use low (low/c.h)"])

    def test_what_the_build_makes(self):
        self.write("low/c.cpp", "made.skel.h")
        self.assertEqual(self.faults(), [])


class Cycles(Tree):
    def test_of_rooms(self):
        self.table(THREE.replace("| - |", "| top |"))
        self.write("top/a.h", "mid/b.h")
        self.write("mid/b.cpp", "low/c.h")
        self.write("low/c.cpp", "top/a.h")
        self.assertEqual([line for line in self.faults() if line.startswith("rooms")],
                         ["rooms use each other: low > top > mid > low"])

    def test_of_units(self):
        """A header alone makes no cycle; with its .cpp it does."""
        self.write("low/c.cpp", "low/d.h")
        self.write("low/d.h", "low/e.h")
        self.write("low/e.h")
        self.assertEqual(self.faults(), [])
        self.write("low/e.cpp", "low/c.h")
        self.assertEqual(self.faults(), ["units use each other: low/c > low/d > low/e > low/c"])

    def test_known(self):
        self.write("low/c.cpp", "low/d.h")
        self.write("low/d.h", "low/c.h")
        self.assertEqual(self.faults([("low/d", "low/c")]), [])

    def test_known_and_gone(self):
        self.write("low/d.h", "low/c.h")
        [line] = self.faults([("low/d", "low/c")])
        self.assertIn("'low/d' > 'low/c' is part of no cycle any more", line)


class Rows(Tree):
    def test_folder_without_one(self):
        self.write("new/f.cpp")
        self.assertEqual(self.faults(), ["ARCHITECTURE.md: src/new has no row in the table of rooms"])

    def test_without_a_folder(self):
        self.table(THREE + "| `src/gone/` | was | - |\n")
        self.assertEqual(self.faults(), ["ARCHITECTURE.md:8: there is no src/gone"])

    def test_two_of_one_folder(self):
        self.table(THREE + "| `src/low/` | below | - |\n")
        self.assertEqual(self.faults(), ["ARCHITECTURE.md:7: src/low has two rows", "ARCHITECTURE.md:8: src/low has two rows"])

    def test_words_instead_of_rooms(self):
        self.table(THREE.replace("mid, low", "all below"))
        self.assertEqual(self.faults(), ["ARCHITECTURE.md:5: 'all below' is no room: the third column lists rooms, or is -"])

    def test_of_other_folders(self):
        """Rows outside of src/ are only for readers."""
        self.table(THREE + "| `tests/` | tests | |\n")
        self.assertEqual(self.faults(), [])

    def test_no_table(self):
        (self.root / "ARCHITECTURE.md").write_text("# A house\n", encoding="utf-8")
        self.assertIn("ARCHITECTURE.md: there is no table of rooms: folder | what lives there | may use", self.faults())


class Program(Tree):
    def run_it(self, *words):
        done = subprocess.run([sys.executable, "-B", str(REPO / "scripts/lib/rooms.py"), *words], capture_output=True, text=True,
                              check=False)
        return done.returncode, done.stdout

    def test_this_house(self):
        self.assertEqual(self.run_it(), (0, ""))

    def test_faults(self):
        self.write("low/c.cpp", "mid/b.h")
        status, said = self.run_it(str(self.root))
        self.assertEqual(status, 1)
        self.assertIn("src/low/c.cpp:1: low may not use mid (mid/b.h)\n", said)


if __name__ == "__main__":
    unittest.main(verbosity=2)
