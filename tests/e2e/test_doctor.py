"""doctor on the made-up host: usage, output formats, statuses, and trials with the fake SystemTap."""

import json
import os
import shutil
import signal
import subprocess

from support import BINARY, IS_ROOT, RELEASE, Case, Play, Terminal, has_bpf, main, needs_root, until

QUICK = ["--skip", "smoke.build,smoke.run"]
CONFIG = "".join(f"CONFIG_{name}=y\n" for name in (
    "MODULES", "MODULE_UNLOAD", "KPROBES", "KALLSYMS", "TRACEPOINTS", "RELAY", "DEBUG_FS", "UPROBES", "DEBUG_INFO"))


class Doctor(Case):
    def setUp(self):
        super().setUp()
        (self.headers / "linux/sched.h").write_text("struct task_struct {\n")
        (self.root / "runtime/sym.c").write_text("")

    def doctor(self, *words, **more):
        return self.run_it("doctor", *words, **more)

    def judged(self, *words, **more):
        """The --json output; the exit status must agree with it."""
        ended = self.doctor("--json", *words, **more)
        self.assertIn(ended.status, (0, 1), ended)
        found = json.loads(ended.text)
        if "--backend" not in words:
            self.assertEqual(ended.status, 0 if found["backends"]["stap"] else 1)
        return found

    def check(self, name, *words, **more):
        found = self.judged("--only", name, *words, **more)
        self.assertEqual([one["id"] for one in found["checks"]], [name])
        return found["checks"][0]

    def captured(self, **files):
        """A tree of another host."""
        tree = self.root / "captured"
        for name, text in {"proc/sys/kernel/osrelease": "6.1.0-56-amd64\n",
                           "etc/os-release": "ID=debian\nVERSION_ID=12\nPRETTY_NAME='Debian 12'\n", **files}.items():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_text(text)
        return tree


class Usage(Doctor):
    def assert_refused(self, words, *expected):
        with self.subTest(words=words):
            self.assert_usage(self.doctor(*words), *expected)

    def test_unknown_checks(self):
        for option in ("--only", "--skip"):
            for value in ("nosuch", "", "stap", "stap.present,nosuch", "stap.present,", "STAP.PRESENT"):
                self.assert_refused([option, value], option, value.rpartition(",")[2])
            self.assert_refused([option], option)

    def test_options_that_exclude_each_other(self):
        tree = str(self.captured())
        for one, other in ((["--json"], ["--short"]), (["--json"], ["--fix-script"]), (["--short"], ["--fix-script"]),
                           (["--root", tree], ["--facts", "x"]), (["--root", tree], ["--deep"]),
                           (["--root", tree], ["--wait", "1"]), (["--facts", "x"], ["--deep"]),
                           (["--facts", "x"], ["--save-facts", "y"])):
            self.assert_refused(one + other, one[0], other[0])
        self.assert_refused(["--with-hostname"], "--with-hostname")

    def test_bad_values(self):
        for value in ("abc", "0", "-1", "1.5", "", "99999999999999999999"):
            self.assert_refused(["--wait", value], "--wait", value)
        for value in ("nosuch", "", "STAP"):
            self.assert_refused(["--backend", value], "--backend", value)
        for value in ("a/b", "../x", "/", ".", "..", ""):
            self.assert_refused(["--kernel", value], "--kernel", value)

    def test_help(self):
        ended = self.doctor("--help")
        self.assertEqual((ended.status, ended.err), (0, b""))
        for option in ("--only", "--strict", "--fix-script", "--save-facts", "--deep", "--wait"):
            self.assertIn(option, ended.text)

    def test_files_that_are_not_there(self):
        for words in (["--root", "/no/such"], ["--facts", "/no/such"], ["--root", "/dev/null"]):
            ended = self.doctor(*words)
            self.assertEqual((ended.status, ended.out), (1, b""), words)
            self.assertIn(words[1], ended.error)
        broken = self.root / "broken"
        broken.write_text("{}")
        self.assertEqual(self.doctor("--facts", broken).status, 1)


class Faces(Doctor):
    def test_list_checks(self):
        listed = json.loads(self.doctor("--list-checks", "--json").text)
        ids = [one["id"] for one in listed]
        self.assertIn("kernel.build", ids)
        self.assertEqual(len(ids), len(set(ids)))
        lines = self.doctor("--list-checks").text.splitlines()
        self.assertEqual([line.split()[0] for line in lines], ids)

    def test_json(self):
        found = self.judged(*QUICK)
        self.assertEqual(found["schema"], "stapkill.doctor/1")
        self.assertEqual(found["host"]["kernel"], RELEASE)
        self.assertEqual(found["host"]["systemtap"], "4.8")
        self.assertEqual(sum(found["summary"].values()), len(found["checks"]))
        for check in found["checks"]:
            self.assertEqual(check["category"], check["id"].split(".")[0])
            self.assertIn(check["status"], ("pass", "warn", "fail", "skip", "error"))
            self.assertNotEqual(check["status"], "error", check)
            self.assertEqual(found["summary"][check["status"]] > 0, True)

    def test_text_short_and_script(self):
        shutil.rmtree(self.root / "modules" / RELEASE / "build")
        for words in ([], ["--verbose"], ["--short"]):
            ended = self.doctor(*QUICK, *words)
            self.assertEqual(ended.status, 1)
            self.assertIn("kernel.build", ended.text)
            self.assertNotIn("\x1b", ended.text)
        script = self.doctor(*QUICK, "--fix-script")
        self.assertEqual(script.status, 1)
        checked = subprocess.run(["sh", "-n"], input=script.out, capture_output=True, check=False)
        self.assertEqual((checked.returncode, checked.stderr), (0, b""))
        self.assertIn("# kernel.build: ", script.text)

    def test_short_when_all_is_well(self):
        ended = self.doctor("--only", "stap.present", "--short")
        self.assertEqual((ended.status, ended.text.count("\n")), (0, 1), ended)

    def on_terminal(self, *words, columns=80, environment=None):
        terminal = Terminal(columns)
        ended = self.doctor(*QUICK, *words, stdout=terminal.slave, environment=environment)
        return terminal.close(), ended

    def test_colour(self):
        self.assertIn("\x1b[", self.on_terminal()[0])
        self.assertNotIn("\x1b", self.on_terminal(environment={"NO_COLOR": "1"})[0])
        self.assertIn("\x1b[", self.on_terminal(environment={"NO_COLOR": ""})[0])
        self.assertNotIn("\x1b", self.on_terminal("--color", "never")[0])
        self.assertIn("\x1b[", self.doctor(*QUICK, "--color", "always").text)

    def test_narrow_terminal(self):
        (self.root / "runtime/sym.c").unlink()
        for columns in (1, 10, 60):
            text, _ = self.on_terminal("--color", "never", columns=columns)
            self.assertIn("stap.runtime", text)
        # A word that is longer than a line is not cut.
        words = [line for line in text.splitlines() if line.startswith(" " * 20) and " " in line.strip()]
        self.assertTrue(words and all(len(line) <= 60 for line in words), words)

    def test_locale_without_utf8(self):
        for words in ([], ["--short"], ["--list-checks"]):
            ended = self.doctor(*QUICK, "--verbose", *words, environment={"LC_ALL": "C"})
            self.assertTrue(ended.out.isascii(), ended.out)

    def test_reader_that_ends_early(self):
        for words in ("", "--json", "--list-checks"):
            command = f"'{BINARY}' doctor {' '.join(QUICK)} {words} | head -1; echo ${{PIPESTATUS[0]}}"
            ended = subprocess.run(["bash", "-c", command], capture_output=True, env=self.environment, check=False)
            self.assertEqual(ended.stderr, b"")
            self.assertIn(ended.stdout.splitlines()[-1], (b"0", b"1"))

    def test_full_disk(self):
        with open("/dev/full", "wb") as full:
            ended = self.doctor(*QUICK, stdout=full)
        self.assertEqual(ended.status, 1)
        self.assertIn("standard output", ended.error)


class Choice(Doctor):
    def test_only_and_skip(self):
        found = self.judged("--only", "stap.present,kernel.build", "--only", "fs.space")
        self.assertEqual([one["id"] for one in found["checks"]], ["stap.present", "kernel.build", "fs.space"])
        everything = {one["id"] for one in json.loads(self.doctor("--list-checks", "--json").text)}
        found = self.judged(*QUICK, "--skip", "stap.present")
        self.assertEqual({one["id"] for one in found["checks"]},
                         everything - {"smoke.build", "smoke.run", "stap.present"})

    def test_ground_that_is_missing(self):
        shutil.rmtree(self.root / "modules" / RELEASE / "build")
        check = self.check("smoke.build")
        self.assertEqual((check["status"], check["blocked_by"]), ("skip", "kernel.build"))
        self.assertEqual(self.calls("stap"), [])
        ended = self.doctor("--only", "smoke.build")
        self.assertEqual(ended.status, 1)
        self.assertIn("stap (kernel.build)", ended.text)

    def test_strict(self):
        self.assertEqual(self.check("kernel.symbols")["status"], "warn")
        self.assertEqual(self.doctor("--only", "kernel.symbols").status, 0)
        self.assertEqual(self.doctor("--only", "kernel.symbols", "--strict").status, 1)

    def test_backend(self):
        ended = self.doctor("--only", "stap.present", "--backend", "bpf")
        self.assertEqual(ended.status, 0 if has_bpf() else 1)
        self.assertEqual("bpf (not in this build)" in ended.text, not has_bpf())
        self.assertEqual(self.doctor("--only", "stap.present", "--backend", "auto").status, 0)
        found = self.judged("--only", "bpf.btf,stap.present", "--backend", "bpf")
        self.assertEqual([one["required"] for one in found["checks"]], [False, True])

    def test_another_kernel(self):
        found = self.judged(*QUICK, "--kernel", "5.0.0-other")
        self.assertEqual(found["host"]["kernel"], "5.0.0-other")
        states = {one["id"]: one["status"] for one in found["checks"]}
        self.assertEqual(states["kernel.build"], "fail")
        self.assertEqual(states["kernel.lockdown"], "skip")

    def test_wait(self):
        stap = self.root / "late-stap"
        environment = {"STAPKILL_STAP": str(stap)}
        self.assertEqual(self.doctor("--only", "stap.present", "--wait", "1", environment=environment).status, 1)
        running = self.start("doctor", "--only", "stap.present", "--wait", "30", environment=environment)
        running.until_err("not ready yet")
        stap.symlink_to(self.environment["STAPKILL_STAP"])
        self.assertEqual(running.end().status, 0)
        self.assertEqual(self.doctor("--only", "stap.present", "--wait", "9223372036854775807").status, 0)

    def test_relative_cache(self):
        self.assertNotEqual(self.check("fs.space", environment={"STAPKILL_CACHE": "not/there"})["status"], "error")

    def test_as_another_user(self):
        if not IS_ROOT or not shutil.which("setpriv"):
            self.skipTest("needs root and setpriv")
        binary = self.root / "stapkill"
        shutil.copy(BINARY, binary)
        ended = subprocess.run(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", str(binary),
                                "doctor", "--json", "--only", "user.privilege"], capture_output=True, cwd=self.root,
                               env={**self.environment, "ASAN_OPTIONS": "detect_leaks=0"}, check=False)
        self.assertEqual(ended.returncode, 1, ended)
        self.assertEqual(json.loads(ended.stdout)["checks"][0]["status"], "fail")


class Captured(Doctor):
    def test_tree_and_facts_judge_alike(self):
        tree, saved = self.captured(), self.root / "saved"
        first = self.judged("--root", tree, "--save-facts", saved)
        self.assertEqual(first["host"]["distribution"]["name"], "Debian 12")
        shutil.rmtree(tree)
        second = self.judged("--facts", saved)
        for found in (first, second):
            for check in found["checks"]:
                check.pop("duration_ms")
        self.assertEqual({one["id"]: one["status"] for one in first["checks"]},
                         {one["id"]: one["status"] for one in second["checks"]})

    def test_names_that_are_no_utf8(self):
        tree = self.captured()
        folder = os.fsencode(tree) + b"/lib/modules/\xff\xfe"
        os.makedirs(folder)
        ended = self.doctor("--root", tree, "--save-facts", self.root / "saved", "--json")
        self.assertEqual(ended.status, 1, ended)
        json.loads((self.root / "saved").read_text())

    def test_facts_are_not_written_over_a_device(self):
        link = self.root / "null"
        link.symlink_to("/dev/null")
        ended = self.doctor("--only", "stap.present", "--save-facts", link)
        self.assertEqual(ended.status, 1)
        self.assertTrue(link.is_symlink())

    def test_facts_hold_no_hostname_unless_wanted(self):
        saved, name = self.root / "saved", os.uname().nodename
        self.assertEqual(self.doctor("--only", "stap.present", "--save-facts", saved).status, 0)
        self.assertNotIn("hostname", json.loads(saved.read_text()))
        self.assertEqual(self.doctor("--only", "stap.present", "--save-facts", saved, "--with-hostname").status, 0)
        self.assertEqual(json.loads(saved.read_text())["hostname"], name)

    def test_fifos_and_links_do_not_hold_it(self):
        tree = self.captured()
        (self.root / "secret").write_text("ID=secret\n")
        (tree / "etc/os-release").unlink()
        (tree / "etc/os-release").symlink_to("../../secret")
        os.mkfifo(tree / "proc/modules")
        (tree / "boot").mkdir()
        os.mkfifo(tree / "boot/config-6.1.0-56-amd64")
        found = self.judged("--root", tree)
        self.assertEqual(found["host"]["distribution"]["id"], "linux")


@needs_root
class Trial(Doctor):
    """Only smoke.build and smoke.run: the checks before them depend on this machine, and are left out."""

    BUILD = ["--only", "smoke.build", "--skip", "stap.runtime,kernel.build,toolchain.compiler"]
    RUN = ["--deep", "--only", "smoke.run", "--skip", "smoke.build,user.privilege,stap.staprun"]

    def trial(self, words, **more):
        ended = self.doctor("--json", *words, **more)
        self.assertIn(ended.status, (0, 1), ended)
        check, = json.loads(ended.text)["checks"]
        return check

    def played(self, condition):
        """A stap that fails for some of its calls."""
        path = self.root / "stap"
        real = self.environment["STAPKILL_STAP"]
        path.write_text(f"#!/bin/sh\ncase \"$*\" in {condition}) FAKE_STAP_SCENARIO=pass4;; esac\n"
                        f"export FAKE_STAP_SCENARIO\nexec '{real}' \"$@\"\n")
        path.chmod(0o755)
        return {"STAPKILL_STAP": str(path), "FAKE_STAP_SCENARIO": "success"}

    def test_build(self):
        check = self.trial(self.BUILD)
        self.assertEqual(check["status"], "pass", check)
        self.assertIn("compiled by SystemTap 4.8", check["message"])
        self.assertEqual(len(self.calls("stap")), 2)
        self.assertEqual(self.builds_left(), [])
        check = self.trial(self.BUILD)
        self.assertIn("compiled before", check["message"])
        self.assertEqual(len(self.calls("stap")), 2)

    def test_build_fails(self):
        check = self.trial(self.BUILD, environment={"FAKE_STAP_SCENARIO": "pass4"})
        self.assertEqual(check["status"], "fail")
        self.assertTrue(check["message"].startswith("an empty probe does not compile"), check)
        self.assertEqual((len(self.calls("stap")), self.builds_left()), (1, []))

    def test_build_of_the_watch_module_fails(self):
        check = self.trial(self.BUILD, environment=self.played("*watch.stp*"))
        self.assertEqual(check["status"], "fail")
        self.assertTrue(check["message"].startswith("an empty probe compiles, but"), check)
        self.assertEqual((len(self.calls("stap")), self.builds_left()), (2, []))

    def test_build_interrupted(self):
        running = self.start("doctor", *self.BUILD, environment={"FAKE_STAP_SCENARIO": "hang"})
        until(lambda: self.logged("stap", "at"), "the compilation")
        running.signal(signal.SIGINT)
        ended = running.end()
        self.assertEqual(ended.status, 1, ended)
        self.assertIn("interrupted", ended.error)
        self.assertEqual((len(self.calls("stap")), self.builds_left()), (1, []))

    def test_run(self):
        check = self.trial(self.RUN, play=Play())
        self.assertEqual(check["status"], "pass", check)
        self.assertIn("saw a signal of its own", check["message"])
        self.assertEqual(self.signals("staprun"), [signal.SIGINT])
        self.assertEqual(list(self.proc.iterdir()), [])

    def test_run_fails(self):
        check = self.trial(self.RUN, play=Play(armed=False).step("refuse", "Invalid module format"))
        self.assertEqual(check["status"], "fail", check)
        self.assertIn("do not work", check["message"])

    def test_run_only_when_asked(self):
        words = [word for word in self.RUN if word != "--deep"]
        self.assertEqual(self.trial(words)["status"], "skip")
        self.assertEqual(self.calls("staprun"), [])


if __name__ == "__main__":
    main()
