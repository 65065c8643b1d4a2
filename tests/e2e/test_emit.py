"""`emit` and `templates`: every template, with its defaults, good values and hostile values."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
from pathlib import Path

from support import PATIENCE, Case, main

HOSTILE = [
    '"', "\\", "\n", '"; system("touch owned"); ("', '\\"; system("touch owned"); ("', "1; system()", "$pid", "@1", "%{ x %}",
    "%( 1 == 1 %? x %)", "/*", "# x", "{{pid}}", "{{> capture}}", "0;1", "1)", "1 || 1", "0x10", "1e3", " 1", "1 ", "+1", "１",
    "99999999999999999999",
]
HOSTILE_TEXT = HOSTILE + [
    "'", "`id`", "$(id)", "$1", "%s%n", "*/", "//", "}}", "{{{x}}}", "".join(map(chr, range(1, 32))) + "\x7f", "é",
    "\udcff\udcc3", "x" * 4000, "\r\n%}", "\\101", "??/", "\u202e",
]

# A value of each kind, for parameters that have no default.
EXAMPLES = {"code": "/usr/bin/true", "module": "overlay", "function": "main", "place": "main@*:1"}
# Hostile as numbers, but valid as names of a module or an interface.
NAMES = {"code": r"[A-Za-z0-9_][A-Za-z0-9_-]*", "module": r"[A-Za-z0-9_][A-Za-z0-9_-]*", "interface": r"[A-Za-z0-9_.@-]{,15}"}

TOKEN = re.compile(r"""
    (?P<embedded> %\{ .*? %\} )
  | (?P<comment> /\* .*? \*/ | //[^\n]* | \#[^\n]* )
  | (?P<string> "(?: [^"\\] | \\. )*" )
  | (?P<other> . )""", re.X | re.S)


def parts(script):
    """The script without its string literals, and those literals."""
    literals, rest = [], []
    for token in TOKEN.finditer(script):
        if token.lastgroup == "string":
            literals.append(token.group())
            rest.append('""')
        elif token.lastgroup != "comment":
            rest.append(token.group())
    return "".join(rest), literals


def meaning(literal):
    """The bytes of a literal in a stap script."""
    decoded = re.sub(rb"\\([0-7]{1,3}|.)", lambda found: (
        bytes([int(found.group(1), 8)]) if found.group(1).isdigit() else found.group(1)), os.fsencode(literal[1:-1]), flags=re.S)
    return decoded


class Emit(Case):
    def setUp(self):
        super().setUp()
        self.templates = json.loads(self.run_it("templates", "--json").text)

    def emit(self, name, /, **values):
        """Adds examples for required parameters that are not given."""
        for one in self.templates:
            for parameter in one["parameters"]:
                if one["name"] == name and parameter["required"]:
                    values.setdefault(parameter["name"], EXAMPLES[parameter["kind"]])
        return self.run_it("emit", name, *(word for key, value in values.items() for word in ("--set", f"{key}={value}")))

    def required(self, name):
        return {each["name"]: EXAMPLES[each["kind"]] for one in self.templates if one["name"] == name
                for each in one["parameters"] if each["required"]}

    def each_parameter(self):
        return [(one["name"], parameter["name"]) for one in self.templates for parameter in one["parameters"]]

    def is_text(self, name, parameter):
        return self.emit(name, **{parameter: '"'}).status == 0

    def command_line(self, script):
        """The words of the command in the script's header."""
        line = next(line for line in script.splitlines() if line.startswith("# run: "))
        return shlex.split(line.removeprefix("# run: "))


class Templates(Emit):
    def test_json(self):
        self.assertTrue(self.templates)
        for one in self.templates:
            self.assertLessEqual({"name", "summary", "needs", "parameters", "shows", "file"}, set(one))
            self.assertIsNone(one["file"])
            self.assertTrue(one["summary"] and one["needs"], one)
            for parameter in one["parameters"]:
                self.assertLessEqual({"name", "default", "help", "kind", "required"}, set(parameter))
                self.assertTrue(parameter["name"] and parameter["help"], parameter)

    def test_text(self):
        text = self.run_it("templates").text
        for one in self.templates:
            self.assertIn(one["name"], text)
            for parameter in one["parameters"]:
                self.assertIn(parameter["name"], text)


class Script(Emit):
    def test_defaults(self):
        for one in self.templates:
            with self.subTest(template=one["name"]):
                ended = self.emit(one["name"])
                self.assertEqual((ended.status, ended.err), (0, b""))
                self.assertRegex(ended.text, r"(?m)^probe ")
                self.assertNotIn("{{", ended.text)
                self.assertNotIn("%!", ended.text)

    def test_header_names_the_command(self):
        for one in self.templates:
            with self.subTest(template=one["name"]):
                text = self.emit(one["name"]).text
                words = self.command_line(text)
                self.assertEqual(words[:2], ["sudo", "stap"])
                self.assertEqual(words[-1], f"{one['name']}.stp")
                self.assertIn(one["summary"], text)
                self.assertTrue(text.startswith("#!"), text[:80])
                head = text.partition("\n\n")[0]
                self.assertTrue(all(line.startswith("#") for line in head.splitlines()), head)

    def test_defaults_are_those_that_are_listed(self):
        """Giving a parameter its default changes nothing."""
        for one in self.templates:
            for parameter in one["parameters"]:
                # A kernel function has the name that it has in this host's kernel.
                if parameter["required"] or parameter["default"].startswith("__x64_sys_"):
                    continue
                with self.subTest(template=one["name"], parameter=parameter["name"]):
                    self.assertEqual(self.emit(one["name"], **{parameter["name"]: parameter["default"]}).out,
                                     self.emit(one["name"]).out)

    def test_functions_have_this_kernels_names(self):
        """The host's headers decide the names: these have no wrapped system calls, as before Linux 4.17."""
        self.assertIn(b'kprobe.function("sys_kill")', self.emit("watch").out)
        self.assertIn(b'kprobe.function("mine")', self.emit("watch", sys_kill="mine").out)

    def test_pid(self):
        for name in [name for name, parameter in self.each_parameter() if parameter == "pid"]:
            with self.subTest(template=name):
                self.assertIn("31337", parts(self.emit(name, pid=31337).text)[0])
                for option in ("--pid", "-p"):
                    given = [word for key, value in self.required(name).items() for word in ("--set", f"{key}={value}")]
                    self.assertEqual(self.run_it("emit", name, *given, option, "31337").out, self.emit(name, pid=31337).out)

    def test_signal(self):
        """A name or a number gives the same script."""
        for name in [name for name, parameter in self.each_parameter() if parameter == "signal"]:
            with self.subTest(template=name):
                expected = self.emit(name, signal=int(signal.SIGUSR1))
                self.assertEqual(expected.status, 0)
                for word in ("USR1", "SIGUSR1", "usr1"):
                    self.assertEqual(self.emit(name, signal=word).out, expected.out)
                self.assertEqual(self.run_it("emit", name, "--signal", "USR1").out, expected.out)

    def test_signal_out_of_range(self):
        for name in [name for name, parameter in self.each_parameter() if parameter == "signal"]:
            for word in ("65", "-1", "1.5", "NOPE"):
                self.assert_usage(self.emit(name, signal=word), "signal", word)

    def test_pid_out_of_range(self):
        for name in [name for name, parameter in self.each_parameter() if parameter == "pid"]:
            for word in ("-1", "1.5", "abc", "4194305", "99999999999", "99999999999999999999"):
                self.assert_usage(self.emit(name, pid=word), "pid", word)

    def test_option_of_a_parameter_that_it_has_not(self):
        for one in self.templates:
            for option, value in (("pid", "1"), ("signal", "TERM")):
                if option not in [parameter["name"] for parameter in one["parameters"]]:
                    self.assert_usage(self.run_it("emit", one["name"], f"--{option}", value), option)

    def split_parameters(self, template):
        """The names of its parameters that take text, and of the others."""
        names = [parameter["name"] for parameter in template["parameters"]]
        texts = [name for name in names if self.is_text(template["name"], name)]
        return texts, [name for name in names if name not in texts]

    def test_hostile_values_of_numbers(self):
        """They are refused: all by the first parameter of each kind, one by every other parameter."""
        seen = set()
        for template in self.templates:
            kinds = {each["name"]: each["kind"] for each in template["parameters"]}
            for parameter in self.split_parameters(template)[1]:
                kind = kinds[parameter]
                values = HOSTILE[3:4] if kind in seen else HOSTILE
                seen.add(kind)
                for value in values:
                    if re.fullmatch(NAMES.get(kind, "(?!)"), value, re.A):
                        continue
                    with self.subTest(template=template["name"], parameter=parameter, value=value):
                        self.assert_usage(self.emit(template["name"], **{parameter: value}), parameter)

    def test_hostile_values_of_texts(self):
        """They stay inside one string literal and keep their meaning. No word leaves it."""
        for template in self.templates:
            texts = self.split_parameters(template)[0]
            if not texts:
                continue
            plain, literals = parts(self.emit(template["name"], **{name: "benign" for name in texts}).text)
            for value in HOSTILE_TEXT:
                with self.subTest(template=template["name"], value=value[:60]):
                    ended = self.emit(template["name"], **{name: value for name in texts})
                    self.assertEqual(ended.status, 0, ended.err)
                    script, hostile = parts(os.fsdecode(ended.out))
                    self.assertEqual(script, plain)
                    changed = [now for before, now in zip(literals, hostile, strict=True) if before != now]
                    self.assertGreaterEqual(len(changed), len(texts))
                    for literal in changed:
                        self.assertEqual(meaning(literal), os.fsencode(value))
                        self.assertTrue(literal.isascii() and literal.isprintable(), literal)

    def test_text_is_not_in_the_header(self):
        for name, parameter in self.each_parameter():
            if self.is_text(name, parameter):
                text = self.emit(name, **{parameter: "x\nprobe begin { exit() }"}).text
                self.assertNotRegex(text, r"(?m)^probe begin \{ exit\(\) \}")

    def test_last_of_two_values_counts(self):
        name, parameter = "signal-send", "pid"
        ended = self.run_it("emit", name, "--set", f"{parameter}=1", "--set", f"{parameter}=31337")
        self.assertEqual(ended.out, self.emit(name, pid=31337).out)


class Header(Emit):
    """The first lines of a script are true on any host."""

    def test_command_names_the_file(self):
        for name in ("sg.stp", "a script", "-x.stp"):
            file = self.root / name
            with open(file, "wb") as out:
                self.assertEqual(self.start("emit", "signal-send", stdout=out).end(PATIENCE).status, 0)
            word = self.command_line(file.read_text())[-1]
            self.assertEqual(os.path.normpath(self.root / word), str(file))
            self.assertFalse(word.startswith("-"))

    def test_what_another_host_needs(self):
        self.assertRegex(self.emit("signal-send").text,
                         r"(?m)^#   \(for kernel \S+ on this host; another host needs .*`sudo stapkill run signal-send\.stp`")
        self.assertIn("`sudo stapkill run --stap-arg=-g --stap-arg=-DMAXSKIPPED=1000000000 --stap-arg=-DSTP_NO_OVERLOAD "
                      "--stap-arg=-DINTERRUPTIBLE=0 watch.stp`", self.emit("watch").text)

    def test_what_plain_stap_lacks(self):
        self.assertRegex(self.emit("call-trace").text, r"(?m)^#   \(plain stap needs a System\.map ")
        self.assertRegex(self.emit("kill-syscalls").text, r"(?m)^#   \(without a System\.map ")
        self.assertNotIn("System.map", self.emit("signal-send").text)

    def test_no_function_that_nobody_calls(self):
        """stap warns about such functions."""
        for one in self.templates:
            if one["name"] == "watch":
                continue
            for more in ({}, {"children": "yes"}):
                if more and "children" not in [each["name"] for each in one["parameters"]]:
                    continue
                text = parts(self.emit(one["name"], **more).text)[0]
                for name in re.findall(r"^function (\w+)", text, re.M):
                    self.assertGreater(len(re.findall(rf"\b{name}\b", text)), 1, (one["name"], name))

    def test_no_environment_and_no_ambiguous_time(self):
        text = self.emit("process-tree").text
        self.assertNotIn("argstr", text)
        for one in self.templates:
            self.assertNotIn("ctime", parts(self.emit(one["name"]).text)[0], one["name"])

    def test_words_that_no_command_takes(self):
        self.assert_usage(self.run_it("emit", "signal-send", "--", "surplus"), "surplus")
        self.assert_usage(self.run_it("templates", "--", "surplus"), "surplus")


class Required(Emit):
    def test_missing(self):
        self.assert_usage(self.run_it("emit", "call-trace"), "where")

    def test_every_example_is_a_probe_point(self):
        for where, point in (("kernel", "kernel"), ("nf_tables", 'module("nf_tables")'), ("/bin/ls", 'process("/bin/ls")')):
            text = self.emit("call-trace", where=where, function="m?in*", arguments="yes").text
            self.assertIn(f'probe {point}.function("m?in*").call {{', text)
            self.assertIn("$$parms$", text)


class Golden(Emit):
    """goldens/CASE.stp, compared after the header, which depends on the host: its first line has the words of the command."""

    def test_goldens(self):
        goldens = sorted((Path(__file__).parent / "goldens").glob("*.stp"))
        seen = set()
        for golden in goldens:
            with self.subTest(golden=golden.name):
                first, _, expected = golden.read_text().partition("\n")
                words = shlex.split(first.removeprefix("# "))
                seen.add(words[1])
                ended = self.run_it(*words)
                self.assertEqual((ended.status, ended.err), (0, b""))
                self.assertEqual(ended.text.partition("\n\n")[2], expected)
        # The watch module's text comes from a tapset, which describes itself.
        self.assertEqual(seen, {one["name"] for one in self.templates} - {"watch"})


class OwnTemplates(Emit):
    """A user's own templates come first, and are checked before use."""

    SOURCE = "%! summary: mine\n%! needs: nothing\n%! parameter: who text nobody a name\nprobe begin { println({{who}}) }\n"

    def setUp(self):
        super().setUp()
        self.folder = self.root / "templates"
        self.folder.mkdir()
        self.folder.chmod(0o755)
        (self.folder / "mine.stp").write_text(self.SOURCE)

    def run_with(self, *words):
        return self.run_it(*words, "--template-dir", str(self.folder))

    def test_emitted(self):
        self.assertIn('println("you")', self.run_with("emit", "mine", "--set", "who=you").text)

    def test_name_of_any_file(self):
        for name in ("Own_Script.v2", "two words", "é", "UPPER", "x" * 200):
            (self.folder / f"{name}.stp").write_text(self.SOURCE)
            ended = self.run_with("emit", name)
            self.assertEqual(ended.status, 0, ended.err)
            self.assertEqual(self.command_line(ended.text)[-1], f"{name}.stp")
        listed = [one["name"] for one in json.loads(self.run_with("templates", "--json").text)]
        self.assertLessEqual({"Own_Script.v2", "two words", "é"}, set(listed))
        for name in ("../mine", ".mine", "a\nb", ""):
            self.assert_usage(self.run_with("emit", name), "there is no template")

    def test_listed(self):
        listed = {one["name"]: one["file"] for one in json.loads(self.run_with("templates", "--json").text)}
        self.assertEqual(listed["mine"], str(self.folder / "mine.stp"))
        self.assertIsNone(listed["watch"])
        self.assertIn(str(self.folder), self.run_with("templates").text)

    def test_of_xdg_data_home(self):
        place = self.root / "data/stapkill/templates"
        place.mkdir(parents=True)
        (place / "mine.stp").write_text(self.SOURCE)
        ended = self.run_it("emit", "mine", environment={"XDG_DATA_HOME": str(self.root / "data")})
        self.assertIn('println("nobody")', ended.text)

    def test_error_names_file_and_line(self):
        (self.folder / "bad.stp").write_text("%! summary: bad\n\nprobe begin { println({{whom}}) }\n")
        ended = self.run_with("emit", "bad")
        self.assertEqual(ended.status, 1)
        self.assertIn(f"{self.folder}/bad.stp:3: ", os.fsdecode(ended.err))
        ended = self.run_with("templates")
        self.assertEqual(ended.status, 1)
        self.assertIn("mine\n", ended.text)
        self.assertIn("bad.stp:3: ", os.fsdecode(ended.err))

    def test_writable_by_others(self):
        for place in (self.folder, self.folder / "mine.stp"):
            mode = place.stat().st_mode
            place.chmod(mode | 0o002)
            ended = self.run_with("emit", "mine")
            self.assertEqual((ended.status, ended.out), (1, b""))
            self.assertIn("others can write", os.fsdecode(ended.err))
            place.chmod(mode)

    def test_link(self):
        (self.folder / "other.stp").symlink_to(self.folder / "mine.stp")
        self.assertIn("symbolic link", os.fsdecode(self.run_with("emit", "other").err))


class Host(Emit):
    """The command in the header is one for this host."""

    def any_name(self):
        return next(one["name"] for one in self.templates if not self.required(one["name"]))

    def test_no_shim_where_none_is_needed(self):
        for one in self.templates:
            self.assertNotIn("-B", self.command_line(self.emit(one["name"]).text))
        self.assertFalse((self.cache / "compat").exists())

    def test_shims_are_written(self):
        self.need_task_work_shim()
        for one in self.templates:
            words = self.command_line(self.emit(one["name"]).text)
            flags = words[words.index("-B") + 1]
            header = Path(re.fullmatch(r"KCFLAGS=-include (\S+)", flags).group(1))
            self.assertEqual(header, self.cache / "compat/task_work_cancel.h")
            self.assertIn("task_work_cancel", header.read_text())

    def test_every_shim(self):
        self.need_task_work_shim()
        (self.headers / "linux/uprobes.h").write_text("void uprobe_unregister_nosync(struct uprobe *);\n")
        (self.root / "runtime/transport/transport.c").write_text('kallsyms_lookup_name("uprobe_unregister");\n')
        (self.headers / "linux/args.h").write_text("#define COUNT_ARGS(X...) 0\n")
        (self.root / "stap-binary").write_bytes(b"\x7fELF #define COUNT_ARGS(X...)\0")
        self.environment["STAPKILL_STAP"] = str(self.root / "stap-binary")
        words = self.command_line(self.emit(self.any_name()).text)
        headers = words[words.index("-B") + 1].removeprefix("KCFLAGS=").replace("-include ", "").split()
        self.assertEqual(sorted(Path(header).name for header in headers),
                         ["count_args.h", "task_work_cancel.h", "uprobe_unregister.h"])
        for header in headers:
            self.assertTrue(Path(header).is_file(), header)

    def test_unchanged_shim_keeps_its_time(self):
        """SystemTap's own cache checks it."""
        self.need_task_work_shim()
        self.emit(self.any_name())
        header = self.cache / "compat/task_work_cancel.h"
        os.utime(header, (1_000_000_000, 1_000_000_000))
        self.emit(self.any_name())
        self.assertEqual(header.stat().st_mtime, 1_000_000_000)
        header.write_text("#error changed by somebody\n")
        self.emit(self.any_name())
        self.assertNotIn("#error", header.read_text())

    def test_cache_with_a_space(self):
        """The command can be pasted: stap splits KCFLAGS at spaces, so a path with a space cannot be used there."""
        self.need_task_work_shim()
        ended = self.run_it("emit", self.any_name(), environment={"STAPKILL_CACHE": str(self.root / "a cache")})
        self.assertEqual(ended.status, 0)
        words = self.command_line(ended.text)
        if "-B" in words:
            self.assertNotIn(str(self.root / "a cache"), words[words.index("-B") + 1])

    def test_cache_of_others_is_not_trusted(self):
        """The included file runs in the kernel: it must not be where others can write."""
        self.need_task_work_shim()
        self.cache.mkdir()
        self.cache.chmod(0o777)
        ended = self.run_it("emit", self.any_name())
        self.assertNotIn(str(self.cache / "compat"), " ".join(self.command_line(ended.text)))

    def test_without_systemtap(self):
        """The script is still printed; its header says what is missing."""
        for environment in ({"STAPKILL_STAP": "/no/such/stap"}, {"STAPKILL_KERNEL": "5.0.0-other"}):
            ended = self.run_it("emit", self.any_name(), environment=environment)
            self.assertEqual((ended.status, ended.err), (0, b""))
            self.assertRegex(ended.text, r"(?m)^#   \(.*install")
            self.assertRegex(ended.text, r"(?m)^probe ")

    def test_nothing_is_run(self):
        self.emit(self.any_name())
        self.assertEqual((self.calls("stap"), self.calls("staprun")), ([], []))


class Real(Emit):
    """The real stap accepts the emitted scripts (its first pass: it parses them)."""

    def setUp(self):
        super().setUp()
        self.stap = shutil.which("stap")
        builds = sorted(Path("/lib/modules").glob("*/build/.config"))
        if not self.stap or not builds:
            self.skipTest("needs stap and some kernel's headers")
        self.release = builds[0].parts[3]

    def assert_parses(self, ended):
        self.assertEqual(ended.status, 0, ended)
        file = self.root / "script.stp"
        file.write_bytes(ended.out)
        options = self.command_line(os.fsdecode(ended.out))[2:-1]
        done = subprocess.run([self.stap, "-r", self.release, *options, "-p1", str(file)], capture_output=True, check=False,
                              env={"PATH": os.environ["PATH"], "HOME": str(self.root), "LC_ALL": "C"}, timeout=50)
        self.assertEqual(done.returncode, 0, done.stderr.decode(errors="replace"))

    def test_real_stap_takes_defaults(self):
        for one in self.templates:
            with self.subTest(template=one["name"]):
                self.assert_parses(self.emit(one["name"]))

    def test_real_stap_takes_values(self):
        good = {"pid": "31337", "signal": "KILL"}
        for one in self.templates:
            with self.subTest(template=one["name"]):
                values = {each["name"]: good[each["name"]] for each in one["parameters"] if each["name"] in good}
                self.assert_parses(self.emit(one["name"], **values))

    def test_real_stap_takes_hostile_text(self):
        """All hostile values in one literal, in all text parameters of a template at once."""
        value = "".join(word for word in HOSTILE_TEXT if len(word) < 100)
        for one in self.templates:
            texts = [each["name"] for each in one["parameters"] if self.is_text(one["name"], each["name"])]
            if texts:
                with self.subTest(template=one["name"]):
                    self.assert_parses(self.emit(one["name"], **{name: value for name in texts}))


if __name__ == "__main__":
    main()
