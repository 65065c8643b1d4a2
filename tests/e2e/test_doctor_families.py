"""doctor on one host of each family of distributions: the commands that it prints, and that the host has the programs that
they call; and doctor on captured trees that lack files of installed packages."""

import shutil

import families
import hosts
from support import has_bpf, main
from test_doctor_hosts import DoctorCase


class Families(DoctorCase):
    def judge_family(self, name):
        one = families.FAMILIES[name]
        shutil.rmtree(self.tree)
        self.tree.mkdir()
        self.plant(families.tree_of(one))
        report, status = self.diagnosis("--root", self.tree)
        return one, report, status

    def check_commands(self, one, checks):
        """The expected commands, and none that calls a program that the host lacks."""
        for check, wanted in one.commands.items():
            self.assertIn(checks[check]["status"], ("fail", "warn"), check)
            self.assertEqual(checks[check]["remedy"]["commands"], wanted, check)
        if one.text:
            check, *words = one.text
            for word in words:
                self.assertIn(word, checks[check]["remedy"]["text"])
        for check in checks.values():
            for command in (check["remedy"] or {}).get("commands", []):
                called = {word for word in command.split() if word in families.TOOLS}
                self.assertLessEqual(called, set(one.tools), (check["id"], command))

    def check_verdicts(self, one, report, status):
        checks = self.verdicts(report)
        self.assertEqual(report["host"]["distribution"]["id"], one.id)
        self.assertEqual(checks["kernel.release"]["status"], one.release_status, checks["kernel.release"])
        btf = checks["bpf.btf"]
        self.assertEqual(btf["status"], "pass" if one.btf else "fail", btf)
        self.assertIn("CONFIG_DEBUG_INFO_BTF", btf["message"])
        if not one.btf:
            self.assertNotIn("they have it", btf["remedy"]["text"])
            self.assertIn("stap backend", btf["remedy"]["text"])
        if one.machine != "x86_64":
            for check in ("kernel.release", "bpf.syscall"):
                self.assertEqual(checks[check]["status"], "fail", checks[check])
                self.assertIn(one.machine, checks[check]["message"])
                self.assertIn("x86_64", checks[check]["message"])
        fails = any(check["status"] == "fail" for check in checks.values() if check["id"].startswith("bpf."))
        self.assertEqual(report["backends"], {"stap": False, "bpf": has_bpf() and not fails})
        self.assertEqual(status, 1)

    def check_part(self, part):
        names = sorted(families.FAMILIES)[part::4]
        self.assertGreater(len(names), 10)
        for name in names:
            with self.subTest(name):
                one, report, status = self.judge_family(name)
                self.check_verdicts(one, report, status)
                self.check_commands(one, self.verdicts(report))

    def test_first_quarter(self):
        self.check_part(0)

    def test_second_quarter(self):
        self.check_part(1)

    def test_third_quarter(self):
        self.check_part(2)

    def test_fourth_quarter(self):
        self.check_part(3)

    def test_arm_with_all_installed(self):
        """SystemTap, headers and compiler exist, and the kernel was tried: only the kind of machine prevents
        watching."""
        tree = hosts.debian_12() | {"proc/sys/kernel/arch": "aarch64\n"}
        self.plant(tree)
        report, status = self.diagnosis("--root", self.tree)
        failed = [check["id"] for check in report["checks"] if check["status"] == "fail"]
        self.assertEqual(failed, ["kernel.release", "bpf.syscall"])
        self.assertEqual((status, report["ready"]), (1, False))
        self.assertIn("nothing can watch here", self.doctor("--root", self.tree).text)


class NotCaptured(DoctorCase):
    """The tree has the package database, but not the files of its packages."""

    def judge_without(self, tree, *left_out):
        kept = {path: what for path, what in tree.items() if not path.startswith(left_out)}
        self.assertLess(len(kept), len(tree))
        self.plant(kept)
        report, _ = self.diagnosis("--root", self.tree)
        return report, self.verdicts(report)

    def assert_said(self, check, package, *words):
        self.assertEqual(check["status"], "warn", check)
        for word in (package, "is installed", "not in this tree", *words):
            self.assertIn(word, check["message"])
        self.assertIsNone(check["remedy"])

    def test_systemtap(self):
        report, checks = self.judge_without(hosts.debian_12(), "usr/bin/stap", "usr/share/systemtap")
        self.assert_said(checks["stap.present"], "systemtap 4.8-2")
        self.assert_said(checks["stap.staprun"], "systemtap-runtime 4.8-2")
        self.assertEqual((checks["stap.version"]["status"], report["host"]["systemtap"]), ("pass", "4.8"))
        self.assertEqual(checks["stap.runtime"]["status"], "skip")
        self.assertIn("not in this tree", checks["stap.runtime"]["message"])

    def test_runtime_alone(self):
        _, checks = self.judge_without(hosts.debian_12(), "usr/share/systemtap")
        self.assertEqual(checks["stap.present"]["status"], "pass")
        self.assert_said(checks["stap.runtime"], "systemtap 4.8-2", "/usr/share/systemtap/runtime")

    def test_headers(self):
        _, checks = self.judge_without(hosts.debian_12(), "usr/src", "lib/modules/6.1.0-56-amd64/build")
        self.assert_said(checks["kernel.build"], "linux-headers-6.1.0-56-amd64 6.1.192-2")
        self.assertEqual(checks["stap.runtime"]["status"], "skip")

    def test_headers_through_a_link(self):
        _, checks = self.judge_without(hosts.debian_12(), "usr/src")
        self.assert_said(checks["kernel.build"], "linux-headers-6.1.0-56-amd64", "/lib/modules/6.1.0-56-amd64/build")

    def test_modules(self):
        _, checks = self.judge_without(hosts.debian_12(), "lib/modules", "usr/src")
        self.assert_said(checks["kernel.modules"], "linux-image-6.1.0-56-amd64 6.1.192-2")

    def test_debuginfo(self):
        _, checks = self.judge_without(hosts.DEBIAN_11_COMPLETE.tree, "usr/lib/debug")
        self.assert_said(checks["kernel.debuginfo"], "linux-image-5.10.0-16-amd64-dbg 5.10.127-1")

    def test_compiler(self):
        tree = hosts.debian_12()
        status = tree["var/lib/dpkg/status"]
        for name in ("gcc", "gcc-12", "make"):
            status += f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 4:12.2.0-3\n\n"
        _, checks = self.judge_without(tree | {"var/lib/dpkg/status": status}, "usr/bin/make", "usr/bin/gcc",
                                       "usr/bin/x86_64")
        self.assert_said(checks["toolchain.compiler"], "make 4:12.2.0-3")
        shutil.rmtree(self.tree)
        self.tree.mkdir()
        _, checks = self.judge_without(tree | {"var/lib/dpkg/status": status}, "usr/bin/gcc", "usr/bin/x86_64")
        self.assert_said(checks["toolchain.compiler"], "gcc-12 4:12.2.0-3")

    def test_what_is_not_installed_is_still_missing(self):
        _, checks = self.judge_without(hosts.debian_12() | hosts.dpkg(bash="5.2"), "usr/bin/stap", "usr/src", "usr/bin/make",
                                       "lib/modules/6.1.0-56-amd64/build")
        for name in ("stap.present", "kernel.build", "toolchain.compiler"):
            self.assertEqual(checks[name]["status"], "fail", checks[name])
            self.assertTrue(checks[name]["remedy"]["commands"])

    def test_saved_live_host_is_no_tree(self):
        """On the host itself, files that are not there are missing."""
        kept = {path: what for path, what in hosts.debian_12().items() if not path.startswith(("usr/bin/stap", "usr/src"))}
        self.plant(kept)
        report, _ = self.diagnosis("--facts", self.facts_of_tree(hosts.ROOT))
        checks = self.verdicts(report)
        self.assertEqual(checks["stap.present"]["status"], "fail")
        self.assertEqual(checks["kernel.build"]["status"], "fail")

    def test_types_by_options_where_a_part_of_sys_is_there(self):
        tree = hosts.debian_12()
        self.assertIn("sys/kernel/notes", tree)
        _, checks = self.judge_without(tree, "sys/kernel/btf")
        self.assertEqual(checks["bpf.btf"]["status"], "pass")
        self.assertIn("CONFIG_DEBUG_INFO_BTF", checks["bpf.btf"]["message"])


if __name__ == "__main__":
    main()
