"""doctor on captured hosts: stapkill-doctor(1). The hosts and the right verdicts are in hosts.py and in tests/hosts."""

import copy
import gzip
import json
import os
import re
import shutil
import stat
import subprocess
import time
import unittest
from pathlib import Path

import hosts
from support import BINARY, IS_ROOT, Case, has_bpf, main

HOSTS = Path(__file__).resolve().parent.parent / "hosts"
needs_strace = unittest.skipUnless(shutil.which("strace"), "there is no strace")
STATUSES = {"pass", "warn", "fail", "skip", "error"}


class DoctorCase(Case):
    def setUp(self):
        super().setUp()
        self.tree = self.root / "tree"
        self.tree.mkdir()

    def doctor(self, *words, **more):
        return self.run_it("doctor", *words, **more)

    def diagnosis(self, *words, **more):
        ended = self.doctor("--json", *words, **more)
        self.assertIn(ended.status, (0, 1), ended)
        self.assertEqual(ended.err, b"", ended)
        return self.sound(ended), ended.status

    def sound(self, ended):
        """Checks the form of doctor --json, with any content."""
        report = json.loads(ended.text)
        self.assertEqual(report["schema"], "stapkill.doctor/1")
        for check in report["checks"]:
            self.assertIn(check["status"], STATUSES)
            self.assertNotEqual(check["status"], "error", check)
            self.assertNotIn("\n", check["message"], check["id"])
            self.assertTrue(check["blocked_by"] is None or check["status"] == "skip", check)
        return report

    def verdicts(self, report):
        return {check["id"]: check for check in report["checks"]}

    def assert_verdicts(self, report, expected):
        """Compares every check for which the host names a verdict; lists all differences at once."""
        checks, wrong = self.verdicts(report), []
        for name, want in expected.items():
            got = checks[name]
            remedy = got["remedy"] or {"commands": [], "text": "", "reboot": False}
            faults = []
            if got["status"] != want.status:
                faults.append(f"is {got['status']}, not {want.status}")
            faults += [f"does not say {word!r}" for word in want.words if word not in got["message"]]
            faults += [f"its remedy does not say {word!r}" for word in want.text if word not in remedy["text"]]
            if want.commands is not None and remedy["commands"] != want.commands:
                faults.append(f"has the commands {remedy['commands']}, not {want.commands}")
            if want.status in ("warn", "fail") and remedy["reboot"] != want.reboot:
                faults.append("asks for a reboot" if remedy["reboot"] else "asks for no reboot")
            if got["blocked_by"] != want.blocked_by:
                faults.append(f"waits for {got['blocked_by']}, not for {want.blocked_by}")
            wrong += [f"{name} {fault} ({got['message']})" for fault in faults]
        self.assertEqual(wrong, [], "\n" + "\n".join(wrong))

    def assert_ready(self, report, status, stap, expected):
        """docs/doctor.md. Whether stap can watch is given; bpf can if this build has it and no check fails."""
        bpf = has_bpf() and not any(want.status == "fail" for name, want in expected.items() if name.startswith("bpf."))
        self.assertEqual((report["backends"], report["ready"]), ({"stap": stap, "bpf": bpf}, stap or bpf))
        self.assertEqual(status, 0 if stap else 1)

    def plant(self, tree):
        hosts.plant(tree, self.tree)

    def facts_of_tree(self, more=None):
        """The tree's facts as --save-facts writes them, plus facts that no tree has."""
        path = self.root / "facts.json"
        self.doctor("--root", self.tree, "--save-facts", path)
        facts = json.loads(path.read_text())
        for kind, answers in (more or {}).items():
            facts["facts"].setdefault(kind, {}).update(answers)
        path.write_text(json.dumps(facts))
        return path

    def judge(self, host, *words):
        self.plant(host.tree)
        where = ("--facts", self.facts_of_tree(host.facts)) if host.facts else ("--root", self.tree)
        return self.diagnosis(*where, *words)


class Hosts(DoctorCase):
    def check(self, host):
        report, status = self.judge(host)
        self.assert_verdicts(report, host.expected)
        self.assert_ready(report, status, host.ready, host.expected)
        self.assertFalse(Path("/stapkill-ran-something").exists(), "a program of the tree was run")

    def check_saved(self, name):
        """A host whose facts were saved on a running machine."""
        folder = HOSTS / name
        expected = json.loads((folder / "expected.json").read_text())
        report, status = self.diagnosis("--facts", folder / "facts.json")
        verdicts = {check: hosts.Expected(**want) for check, want in expected["checks"].items()}
        self.assertEqual(set(verdicts), set(self.verdicts(report)))
        self.assert_verdicts(report, verdicts)
        self.assert_ready(report, status, expected["backends"]["stap"], verdicts)
        self.assertEqual(report["host"]["systemtap"], expected["systemtap"])

    def test_debian_12_saved(self):
        self.check_saved("debian12")

    def test_debian_13_saved(self):
        self.check_saved("debian13")

    def test_debian_11_complete(self):
        self.check(hosts.DEBIAN_11_COMPLETE)

    def test_debian_11_with_debuginfo_of_another_build(self):
        self.check(hosts.DEBIAN_11_OTHER_DEBUGINFO)

    def test_debian_11_updated_but_not_rebooted(self):
        self.check(hosts.DEBIAN_11_UPDATED_NOT_REBOOTED)

    def test_debian_11_with_newer_headers_than_image(self):
        self.check(hosts.DEBIAN_11_NEWER_HEADERS)

    def test_debian_11_with_headers_of_an_older_kernel(self):
        self.check(hosts.DEBIAN_11_OLDER_HEADERS)

    def test_debian_12(self):
        self.check(hosts.DEBIAN_12)

    def test_debian_12_secure_boot(self):
        self.check(hosts.DEBIAN_12_SECURE_BOOT)

    def test_debian_12_needs_a_reboot(self):
        self.check(hosts.DEBIAN_12_NEEDS_REBOOT)

    def test_debian_12_as_a_disk(self):
        self.check(hosts.DEBIAN_12_DISK)

    def test_debian_13_without_compiler(self):
        self.check(hosts.DEBIAN_13_NO_COMPILER)

    def test_ubuntu_16_04_with_nothing_installed(self):
        self.check(hosts.UBUNTU_16_04)

    def test_ubuntu_24_04_secure_boot(self):
        self.check(hosts.UBUNTU_24_04_SECURE_BOOT)

    def test_centos_7_with_three_kernel_devel(self):
        self.check(hosts.CENTOS_7)

    def test_rocky_9_complete(self):
        self.check(hosts.ROCKY_9)

    def test_rhel_9_real_time(self):
        self.check(hosts.RHEL_9_RT)

    def test_fedora_with_a_newer_kernel(self):
        self.check(hosts.FEDORA_NEWER_KERNEL)

    def test_fedora_newer_than_any_known(self):
        self.check(hosts.FEDORA_BEYOND)

    def test_leap_15_6_without_headers(self):
        self.check(hosts.LEAP_15_6)

    def test_kernel_without_modules_and_kprobes(self):
        self.check(hosts.NO_MODULES)

    def test_docker(self):
        self.check(hosts.DOCKER)

    def test_arch_after_an_update(self):
        self.check(hosts.ARCH_UPDATED)

    def test_arch_lts_with_a_stripped_vmlinux(self):
        self.check(hosts.ARCH_LTS)


class Hostile(DoctorCase):
    """Trees and files that were made to do harm, or that were damaged."""

    def debian(self):
        self.plant(hosts.debian_12())

    def replace(self, path, what):
        place = self.tree / path
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)
        hosts.plant({path: what}, self.tree)

    def one(self, check):
        report, _ = self.diagnosis("--root", self.tree)
        return self.verdicts(report)[check]

    def test_empty_tree(self):
        ended = self.doctor("--root", self.tree, "--json")
        self.assertEqual((ended.status, ended.out), (1, b""), ended)
        self.assertIn("--kernel", ended.error)
        report, status = self.diagnosis("--root", self.tree, "--kernel", "6.1.0-56-amd64")
        self.assertEqual(status, 1)
        self.assertEqual([check["id"] for check in report["checks"]
                          if check["status"] == "pass" and check["id"] not in
                          ("kernel.release", "kernel.build.others", "env.container", "kernel.signing")], [])

    def test_release_alone(self):
        """Only the name of the kernel is known: checks that need the machine do not pass."""
        self.plant({"proc/sys/kernel/osrelease": "6.1.0-56-amd64\n"})
        report, status = self.diagnosis("--root", self.tree)
        self.assertEqual(status, 1)
        passed = {check["id"] for check in report["checks"] if check["status"] == "pass"}
        self.assertLessEqual(passed, {"kernel.release", "kernel.build.others", "env.container"})
        for face in ("--short", "--verbose"):
            text = self.doctor("--root", self.tree, "--backend", "auto", face).text
            self.assertNotIn("can watch here with", text)
            if has_bpf():
                self.assertIn("▲ whether stapkill can watch here is not known: bpf (bpf.syscall, bpf.btf); not with stap",
                              " ".join(text.split()))

    def test_machine_of_the_release_that_is_named(self):
        """A disk of which --kernel names the kernel."""
        self.plant({"etc/os-release": 'ID="kylin"\nVERSION_ID="V10"\n'})
        report, _ = self.diagnosis("--root", self.tree, "--kernel", "5.10.0-216.0.0.115.oe2203sp4.aarch64")
        checks = self.verdicts(report)
        for name in ("kernel.release", "bpf.syscall"):
            self.assertEqual(checks[name]["status"], "fail", checks[name])
            self.assertIn("aarch64", checks[name]["message"])

    def test_huge_dpkg_status(self):
        self.debian()
        status = (self.tree / "var/lib/dpkg/status").read_text()
        one = ("Package: libfoo%d\nStatus: install ok installed\nVersion: 1\nDescription: something\n"
               + " A line that goes on and on.\n" * 8 + "\n")
        with open(self.tree / "var/lib/dpkg/status", "w") as file:
            for number in range(150000):
                file.write(one % number)
            file.write("Description: " + "x" * (5 << 20) + "\n\n" + status)
        self.assertGreater((self.tree / "var/lib/dpkg/status").stat().st_size, 50 << 20)
        report, _ = self.diagnosis("--root", self.tree)
        self.assertEqual(report["host"]["systemtap"], "4.8")
        self.assert_verdicts(report, hosts.DEBIAN_12.expected)

    def test_dpkg_status_that_cannot_be_read(self):
        self.debian()
        self.replace("var/lib/dpkg/status", hosts.Fifo())
        shutil.rmtree(self.tree / "usr/src")
        self.assertEqual(self.one("kernel.build.others")["status"], "warn")

    def test_config_cut_short(self):
        self.debian()
        whole = gzip.compress(os.urandom(3000).hex().encode())
        for torn in (whole[:len(whole) // 2], whole[:5], b"", b"no gzip at all", b"\x1f\x8b" + b"\xff" * 200):
            self.replace("proc/config.gz", torn)
            check = self.one("kernel.config")
            self.assertEqual(check["status"], "pass", torn[:20])
            self.assertIn("/boot/config-6.1.0-56-amd64", check["message"])
        (self.tree / "boot/config-6.1.0-56-amd64").unlink()
        (self.tree / "usr/src/linux-headers-6.1.0-56-amd64/.config").unlink()
        check = self.one("kernel.config")
        self.assertEqual(check["status"], "warn")
        self.assertIn("/proc/config.gz", check["message"])

    def test_config_that_unpacks_without_end(self):
        self.debian()
        self.replace("proc/config.gz", gzip.compress(b"CONFIG_MODULES=y\n" * (16 << 20)))
        check = self.one("kernel.config")
        self.assertIn("/boot/config-6.1.0-56-amd64", check["message"])

    def test_os_release_with_odd_quotes(self):
        self.debian()
        for text, name in (
                ("ID='debian'\r\nVERSION_ID=\"1\"'2'\r\nPRETTY_NAME='it'\\''s Debian'\r\n", "it's Debian"),
                ("# ID=arch\n  ID=de\\bian\nVERSION_ID=12\nPRETTY_NAME=\"a \\\"b\\\" \\$c \\`d\\`\"\n", 'a "b" $c `d`'),
                ("ID=\"debian\nVERSION_ID='12\nPRETTY_NAME=x", "x")):
            self.replace("usr/lib/os-release", text)
            report, _ = self.diagnosis("--root", self.tree)
            self.assertEqual(report["host"]["distribution"], {"id": "debian", "version": "12", "name": name})

    def test_nothing_of_a_file_gets_into_a_command(self):
        """Text from the host must not get into the commands, which people paste into a root shell."""
        release = "6.1.0-$(touch evil)`x`;y'z\"-amd64"
        self.plant({"proc/sys/kernel/osrelease": release + "\n",
                    "etc/os-release": "ID=ubuntu\nVERSION_ID='24.04'\nVERSION_CODENAME='$(touch evil);x'\n",
                    "usr/src/linux-headers-5.0; touch evil": hosts.Folder()})
        report, _ = self.diagnosis("--root", self.tree)
        commands = [line for check in report["checks"] for line in (check["remedy"] or {}).get("commands", [])]
        self.assertTrue(commands)
        for line in commands:
            self.assertNotIn("$(touch", line)
            self.assertNotIn("`", line)
            self.assertFalse(re.search(r"(?<!['\w.-]); touch evil(?!')", line), line)
        script = self.doctor("--root", self.tree, "--fix-script").text
        self.run_shell_dry(script)

    def run_shell_dry(self, script):
        """A shell finds no fault in the script, and no line begins with text from a file."""
        read = subprocess.run(["sh", "-n"], input=script.encode(), capture_output=True, check=False)
        self.assertEqual(read.returncode, 0, read.stderr)
        self.assertNotRegex(script, r"(?m)^\s*touch")

    def test_vmlinux_that_is_none(self):
        self.debian()
        whole = hosts.elf(b"\x11" * 20)
        path = "usr/lib/debug/boot/vmlinux-6.1.0-56-amd64"
        for contents in (b"", b"\x7fE", b"not an ELF file at all, but long enough" * 9, whole[:30], whole[:64],
                         whole[:120], whole[:-40], whole[:-64 * 4], b"\x7fELF" + b"\xff" * 4000,
                         whole[:40] + b"\xff" * 24 + whole[64:], hosts.elf(b"\x11" * 20, debug=False)):
            self.replace(path, contents)
            report, _ = self.diagnosis("--root", self.tree)
            checks = self.verdicts(report)
            self.assertEqual(checks["kernel.debuginfo"]["status"], "warn", contents[:80])
            self.assertNotEqual(checks["kernel.debuginfo.match"]["status"], "pass", contents[:80])
        for what in (hosts.Fifo(), hosts.Folder(), hosts.Link("vmlinux-6.1.0-56-amd64")):
            self.replace(path, what)
            self.assertEqual(self.one("kernel.debuginfo")["status"], "warn", what)
        self.replace(path, whole)
        self.assertEqual(self.one("kernel.debuginfo")["status"], "pass")

    def test_torn_notes(self):
        self.debian()
        self.replace("usr/lib/debug/boot/vmlinux-6.1.0-56-amd64", hosts.elf(b"\x11" * 20))
        for contents in (b"", b"\xff" * 40, hosts.notes(b"\x11" * 20)[:-5], b"\4\0\0\0\xff\xff\xff\xff\3\0\0\0GNU\0"):
            self.replace("sys/kernel/notes", contents)
            self.assertEqual(self.one("kernel.debuginfo.match")["status"], "warn", contents)

    def test_links_that_loop(self):
        self.debian()
        for path in ("etc/os-release", "boot/config-6.1.0-56-amd64", "lib/modules/6.1.0-56-amd64/build",
                     "lib/modules/6.1.0-56-amd64/source", "var/lib/dpkg", "usr/bin/stap", "usr/bin/gcc", "proc/config.gz",
                     "usr/lib/debug/boot/vmlinux-6.1.0-56-amd64", "boot/System.map-6.1.0-56-amd64"):
            self.replace(path, hosts.Link("loop"))
            self.replace(str(Path(path).parent / "loop"), hosts.Link(Path(path).name))
        report, status = self.diagnosis("--root", self.tree)
        self.assertEqual(status, 1)
        checks = self.verdicts(report)
        for check in ("stap.present", "kernel.build", "kernel.symbols", "kernel.debuginfo"):
            self.assertNotEqual(checks[check]["status"], "pass")

    def test_links_out_of_the_tree(self):
        """No file outside is read: not by an absolute link, not by .., and not by a link in the middle of a path."""
        secret = "PLANTED-0a7b3c9d"
        outside = self.root / "outside"
        outside.mkdir()
        (outside / "os-release").write_text(f"ID={secret}\nPRETTY_NAME={secret}\n")
        (outside / "config").write_text(f'CONFIG_CC_VERSION_TEXT="{secret}"\nCONFIG_MODULES=y\n')
        (outside / "status").write_text(
            f"Package: linux-headers-9.9-{secret}\nStatus: install ok installed\nVersion: {secret}\n\n")
        (outside / "map").write_bytes(b"\0" * 99999)
        (outside / f"linux-headers-8.8-{secret}").mkdir()
        (outside / "rpmdb.sqlite").write_bytes(b"")
        up = "../" * 20 + str(outside).lstrip("/")
        for target in (str(outside), up):
            shutil.rmtree(self.tree)
            self.tree.mkdir()
            self.debian()
            for path, name in (("etc/os-release", "os-release"), ("usr/lib/os-release", "os-release"),
                               ("boot/config-6.1.0-56-amd64", "config"), ("proc/config.gz", "config"),
                               ("usr/src/linux-headers-6.1.0-56-amd64/.config", "config"),
                               ("lib/modules/6.1.0-56-amd64/config", "config"), ("proc/version", "config"),
                               ("boot/System.map-6.1.0-56-amd64", "map"), ("var/lib/dpkg/status", "status"),
                               ("sys/kernel/security/lockdown", "config"), ("usr/bin/make", "config")):
                self.replace(path, hosts.Link(f"{target}/{name}"))
            self.replace("usr/src", hosts.Link(target))
            self.replace("var/lib/rpm", hosts.Link(target))
            self.replace("var/lib/pacman/local", hosts.Link(target))
            facts = self.root / "facts.json"
            for face in (["--json"], ["-v"], ["--short"], ["--fix-script"]):
                ended = self.doctor("--root", self.tree, "--save-facts", facts, *face)
                self.assertIn(ended.status, (0, 1))
                self.assertNotIn(secret, ended.text + ended.error)
                self.assertNotIn(secret, facts.read_text())
            self.assertEqual(self.one("kernel.symbols")["evidence"][1]["value"], "no such file or directory")

    def test_pipes_and_devices(self):
        """Such files are never opened: a pipe would hang, a device may have side effects."""
        paths = ("etc/os-release", "boot/config-6.1.0-56-amd64", "proc/config.gz", "proc/version", "proc/self/mounts",
                 "boot/System.map-6.1.0-56-amd64", "usr/bin/stap", "usr/bin/staprun", "sys/kernel/notes",
                 "usr/lib/debug/boot/vmlinux-6.1.0-56-amd64", "sys/module/module/parameters/sig_enforce",
                 "sys/kernel/security/lockdown", "usr/share/systemtap/runtime/sym.c",
                 "usr/share/systemtap/runtime/stp_task_work.c", "var/lib/rpm", "run/systemd/container")

        def make_device(place):
            os.mknod(place, stat.S_IFCHR | 0o600, os.makedev(1, 5))  # /dev/zero: never ends

        kinds = [os.mkfifo]
        if IS_ROOT:
            kinds.append(make_device)
        for make in kinds:
            shutil.rmtree(self.tree)
            self.tree.mkdir()
            self.debian()
            for path in paths:
                place = self.tree / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.unlink(missing_ok=True)
                try:
                    make(place)
                except PermissionError:
                    self.skipTest("devices cannot be made here")
            began = time.monotonic()
            report, status = self.diagnosis("--root", self.tree)
            self.assertLess(time.monotonic() - began, 15)
            self.assertEqual(status, 1)
            checks = self.verdicts(report)
            for check in ("stap.present", "stap.staprun", "kernel.lockdown", "kernel.signing", "kernel.symbols",
                          "kernel.debuginfo", "fs.tracefs"):
                self.assertNotEqual(checks[check]["status"], "pass", check)

    def test_runtime_that_cannot_be_read(self):
        self.debian()
        self.replace("usr/share/systemtap/runtime/stp_task_work.c", hosts.Fifo())
        check = self.one("stap.runtime")
        self.assertEqual(check["status"], "warn")
        self.assertIn("stp_task_work.c", check["message"])

    def test_a_file_that_is_too_large(self):
        self.debian()
        self.replace("etc/os-release", hosts.Empty(2 << 20))
        self.replace("sys/kernel/security/lockdown", hosts.Empty(2 << 20))
        report, _ = self.diagnosis("--root", self.tree)
        self.assertEqual(self.verdicts(report)["kernel.lockdown"]["status"], "warn")
        self.assertEqual(report["host"]["distribution"]["id"], "debian")

    def test_bytes_that_are_no_text(self):
        self.debian()
        self.replace("usr/lib/os-release", b"ID=debian\nPRETTY_NAME=\"\xff\xfe\x1b[31m\0\"\n")
        self.replace("sys/kernel/security/lockdown", b"[\xff\x1b[2J]\n")
        report, _ = self.diagnosis("--root", self.tree)
        self.assertEqual(self.verdicts(report)["kernel.lockdown"]["status"], "fail")
        for face in ([], ["-v"], ["--short"], ["--fix-script"]):
            ended = self.doctor("--root", self.tree, "--color", "never", *face)
            self.assertNotRegex(ended.text, r"[\x00-\x08\x0b-\x1f\x7f]")

    @needs_strace
    def test_nothing_is_written_or_run_in_a_tree(self):
        self.plant(hosts.CENTOS_7.tree)
        before = sorted(str(path) for path in self.tree.rglob("*"))
        marks = {path: (path.lstat().st_mtime_ns, path.lstat().st_size) for path in self.tree.rglob("*")}
        trace = self.root / "trace"
        trace_of(self, trace, "doctor", "--root", self.tree, "--json")
        self.assertEqual(sorted(str(path) for path in self.tree.rglob("*")), before)
        self.assertEqual({path: (path.lstat().st_mtime_ns, path.lstat().st_size) for path in marks}, marks)
        # This machine's own rpm may read a copy of the database; no program of the tree runs.
        run = [re.search(r'execve\("([^"]+)"', line).group(1) for line in executed(trace)]
        self.assertEqual(run[0], BINARY)
        self.assertLessEqual(set(run[1:]), {shutil.which("rpm")})

    @unittest.skipUnless(shutil.which("rpmbuild"), "there is no rpm")
    def test_packages_of_an_rpm_database(self):
        """A real database, which rpm reads from a copy: the notes' three kernel-devel and the versions of SystemTap."""
        self.plant(hosts.CENTOS_7.tree)
        shutil.rmtree(self.tree / "usr/share/doc")
        database = self.tree / "var/lib/rpm"
        shutil.rmtree(database)
        database.mkdir()
        wanted = [("systemtap-client", "4.0", "13.el7"), ("systemtap-runtime", "4.0", "13.el7"), ("bash", "4.2", "1"),
                  *(("kernel-devel", "3.10.0", build) for build in ("327.el7", "514.26.2.el7", "862.9.1.el7"))]
        for name, version, release in wanted:
            spec = self.root / f"{name}-{release}.spec"
            spec.write_text(f"Name: {name}\nVersion: {version}\nRelease: {release}\nSummary: s\nLicense: none\n"
                            "%description\n\n%files\n")
            subprocess.run(["rpmbuild", "-bb", "--quiet", "--target", "x86_64", "--define", f"_topdir {self.root}/build",
                            str(spec)], check=True, capture_output=True, stdin=subprocess.DEVNULL)
        packages = sorted(str(path) for path in (self.root / "build").rglob("*.rpm"))
        self.assertEqual(len(packages), len(wanted))
        subprocess.run(["rpm", "--dbpath", str(database), "--justdb", "--nodeps", "--ignorearch", "--ignoreos", "-i", *packages],
                       check=True, capture_output=True, stdin=subprocess.DEVNULL)
        before = {path: path.stat().st_mtime_ns for path in database.iterdir()}
        report, _ = self.diagnosis("--root", self.tree)
        checks = self.verdicts(report)
        self.assertEqual(report["host"]["systemtap"], "4.0")
        self.assertEqual(checks["kernel.build.others"]["remedy"]["commands"], [
            "rpm -e kernel-devel-3.10.0-327.el7.x86_64 kernel-devel-3.10.0-514.26.2.el7.x86_64"])
        self.assertEqual({path: path.stat().st_mtime_ns for path in database.iterdir()}, before)

    def test_facts_of_another_version(self):
        facts = self.root / "facts.json"
        for text, words in (
                ('{"schema":"stapkill.facts/2","facts":{}}', ["stapkill.facts/2", "stapkill.facts/1"]),
                ('{"schema":1,"facts":{}}', ["not a file of facts"]), ('{"facts":{}}', ["not a file of facts"]),
                ('{"schema":"stapkill.facts/1","facts":[]}', ["not a file of facts"]),
                ("", ["not a file of facts"]), ("[" * 100000, ["not a file of facts"]),
                ('{"a":' * 100000, ["not a file of facts"]), ("\0\xff", ["not a file of facts"])):
            facts.write_text(text)
            ended = self.doctor("--facts", facts, "--json")
            self.assertEqual((ended.status, ended.out), (1, b""), ended)
            for word in words:
                self.assertIn(word, ended.error)
        ended = self.doctor("--facts", self.root / "missing")
        self.assertEqual(ended.status, 1)
        ended = self.doctor("--facts", self.root)
        self.assertEqual(ended.status, 1)

    def test_facts_of_nothing(self):
        facts = self.root / "facts.json"
        facts.write_text('{"schema":"stapkill.facts/1","facts":{}}')
        self.assertEqual(self.doctor("--facts", facts).status, 1)
        report, _ = self.diagnosis("--facts", facts, "--kernel", "6.1.0-56-amd64")
        # Only the release that --kernel names is known.
        self.assertEqual([check["id"] for check in report["checks"] if check["status"] == "pass"], ["kernel.release"])


def trace_of(case, to, *words):
    """Runs it under strace, without leak detection, which needs ptrace itself."""
    options = {"ASAN_OPTIONS": ":".join(filter(None, [case.environment.get("ASAN_OPTIONS"), "detect_leaks=0"]))}
    return case.run_it(*words, before=["strace", "-f", "-qq", "-s", "200", "-e", "trace=execve,execveat", "-o", str(to)],
                       environment=options)


def executed(path):
    """The programs that were run, by strace, without failed attempts (the lookup along PATH)."""
    return [line for line in path.read_text().splitlines() if "execve" in line and line.rstrip().endswith("= 0")]


class Damaged(DoctorCase):
    """A valid file of facts, in which one value at a time is wrong."""

    WRONG = [None, True, -1, 0.5, 1e300, 2 ** 63, "", "x", "no such file", [], [[]], {}, {"is": None}, {"hex": "abc"},
             {"hex": "zz"}]
    # The facts that each check needs to pass; with one of them damaged it must not pass. Other facts only add detail.
    NEEDED = {
        "stap.present": [("program", "stap")],
        "stap.runtime": [("holds", None), ("inode", "/usr/share/systemtap/runtime/sym.c")],
        "stap.staprun": [("program", "staprun"), ("inode", "/usr/bin/staprun")],
        "user.privilege": [("identity", "")],
        "kernel.modules": [("inode", "/proc/modules"), ("file", "/proc/sys/kernel/modules_disabled")],
        "kernel.build": [("resolved", "/lib/modules/{R}/build")],
        "kernel.build.others": [("packages", "")],
        "kernel.debuginfo.match": [("build_id", "/sys/kernel/notes")],
        "kernel.lockdown": [("file", "/sys/kernel/security/lockdown")],
        "kernel.signing": [("file", "/sys/module/module/parameters/sig_enforce")],
        "env.container": [("container", "")],
        "bpf.pids": [("pid_namespace", "")],
        "fs.space": [("free_space", "/var/cache/stapkill")],
        "smoke.build": [("outcome", "build watch {R}")],
        "smoke.run": [("outcome", "run watch {R}")],
    }

    def setUp(self):
        super().setUp()
        self.plant(hosts.ROCKY_9.tree)
        self.path = self.facts_of_tree(hosts.ROCKY_9.facts)
        self.whole = json.loads(self.path.read_text())
        report, status = self.diagnosis("--facts", self.path)
        self.assertEqual((status, report["summary"]["pass"]), (0, 24), report)

    def judge_with(self, facts):
        self.path.write_text(json.dumps(facts))
        ended = self.doctor("--facts", self.path, "--json")
        self.assertIn(ended.status, (0, 1), ended)
        return ended

    def must_not_pass(self, kind, about):
        return [check for check, needed in self.NEEDED.items() for one, name in needed
                if one == kind and (name is None or name.format(R=hosts.ROCKY_RELEASE) == about)]

    def assert_damage_is_seen(self, part):
        """One file for each value of the whole, with that value damaged; the kinds of damage take turns."""
        turn = 0
        for kind, answers in sorted(self.whole["facts"].items()):
            for about in sorted(answers):
                turn += 1
                if turn % 4 != part:
                    continue
                for wrong in (self.WRONG[turn % len(self.WRONG)], {"is": self.WRONG[(turn * 7) % len(self.WRONG)]}):
                    if isinstance(wrong, dict) and isinstance(wrong.get("is"), str) and kind in (
                            "file", "unpacked", "resolved", "program", "place", "mounted", "bpf_syscall", "pid_namespace",
                            "container", "build_id"):
                        continue  # a text where a text is right
                    facts = copy.deepcopy(self.whole)
                    facts["facts"][kind][about] = wrong
                    ended = self.judge_with(facts)
                    if kind == "uname":
                        self.assertEqual(ended.status, 1)
                        continue
                    if wrong == {"is": []} and kind == "list" or wrong == {"is": True} and kind in ("holds", "debug_info"):
                        continue
                    checks = self.verdicts(self.sound(ended))
                    for check in self.must_not_pass(kind, about):
                        self.assertNotEqual(checks[check]["status"], "pass", (kind, about, wrong))

    def test_each_answer_first_part(self):
        self.assert_damage_is_seen(0)

    def test_each_answer_second_part(self):
        self.assert_damage_is_seen(1)

    def test_each_answer_third_part(self):
        self.assert_damage_is_seen(2)

    def test_each_answer_fourth_part(self):
        self.assert_damage_is_seen(3)

    def test_numbers_that_are_none(self):
        for kind, about, key in (("inode", "/usr/bin/staprun", "mode"), ("inode", "/usr/bin/staprun", "uid"),
                                 ("identity", "", "uid"), ("identity", "", "capabilities"),
                                 ("outcome", f"run watch {hosts.ROCKY_RELEASE}", "status")):
            checks = self.must_not_pass(kind, about)
            self.assertTrue(checks)
            for wrong in (True, False, None, "0", -2 ** 63, 2 ** 64 - 1, 2 ** 32, 0.0, 1e300, [0]):
                if wrong in (2 ** 64 - 1, 2 ** 32) and not isinstance(wrong, float) and key in ("capabilities", "uid"):
                    continue  # a possible number
                if wrong == -2 ** 63 and key == "uid":
                    continue
                facts = copy.deepcopy(self.whole)
                facts["facts"][kind][about]["is"][key] = wrong
                report = self.verdicts(self.sound(self.judge_with(facts)))
                for check in checks:
                    self.assertNotEqual(report[check]["status"], "pass", (kind, key, wrong))

    def test_each_kind_missing_or_of_another_type(self):
        for kind in self.whole["facts"]:
            for wrong in (None, [], "x", 5):
                facts = copy.deepcopy(self.whole)
                facts["facts"][kind] = wrong
                ended = self.judge_with(facts)
                if kind == "uname":
                    self.assertEqual(ended.status, 1)
                    continue
                checks = self.verdicts(self.sound(ended))
                for check, needed in self.NEEDED.items():
                    if kind in [one for one, _ in needed]:
                        self.assertNotEqual(checks[check]["status"], "pass", (kind, wrong))


class Live(DoctorCase):
    """This machine, of any kind; without the trials, which need SystemTap."""

    def setUp(self):
        super().setUp()
        for name in ("STAPKILL_STAP", "STAPKILL_STAPRUN", "STAPKILL_MODULES", "SYSTEMTAP_RUNTIME", "STAPKILL_PROC_SYSTEMTAP"):
            del self.environment[name]
        self.skip = ["--skip", "smoke.build,smoke.run"]

    @staticmethod
    def essence(report):
        return [(check["id"], check["status"], check["message"], check["remedy"], check["blocked_by"])
                for check in report["checks"]]

    def test_saved_facts_give_the_same_verdicts(self):
        facts = self.root / "facts.json"
        live, status = self.diagnosis("--save-facts", facts, *self.skip)
        saved, again = self.diagnosis("--facts", facts, *self.skip)
        self.assertEqual(self.essence(saved), self.essence(live))
        self.assertEqual((again, saved["ready"], saved["host"]), (status, live["ready"], live["host"]))

    def test_a_tree_and_its_facts_give_the_same_verdicts(self):
        self.plant(hosts.CENTOS_7.tree)
        facts = self.root / "facts.json"
        tree, _ = self.diagnosis("--root", self.tree, "--save-facts", facts)
        saved, _ = self.diagnosis("--facts", facts)
        changed = {"fs.space", "user.privilege"}  # these differ on a saved host
        self.assertEqual([one for one in self.essence(saved) if one[0] not in changed],
                         [one for one in self.essence(tree) if one[0] not in changed])

    def test_saved_facts_hold_no_secrets(self):
        planted = "PLANTED5e1f"
        facts = self.root / "facts.json"
        secrets = {"AWS_SECRET_ACCESS_KEY": planted, "DEBUGINFOD_URLS": f"https://user:{planted}@debug.example/",
                   "LOGNAME": planted, "HOSTNAME": planted, "SUDO_COMMAND": planted, "EDITOR": planted}
        process = subprocess.Popen(["sleep", "300"], env={"NAME": planted}, executable=shutil.which("sleep"))
        self.addCleanup(self.put_down, process)
        self.doctor("--save-facts", facts, *self.skip, "--quiet", environment=secrets)
        text = facts.read_text()
        self.assertNotIn(planted, text)
        self.assertNotIn("hostname", text)
        name = os.uname().nodename
        if len(name) > 3 and name != "localhost":
            self.assertNotIn(name, text)
        self.assertNotIn("test_doctor_hosts", text)  # a word of this process's command line
        if "/proc/version" in json.loads(text)["facts"].get("file", {}):
            self.assertNotIn("@", json.loads(text)["facts"]["file"]["/proc/version"]["is"].partition(") (")[0])

    def test_saved_facts_hold_the_hosts_name_on_demand(self):
        facts = self.root / "facts.json"
        self.doctor("--save-facts", facts, "--with-hostname", *self.skip)
        self.assertEqual(json.loads(facts.read_text())["hostname"], os.uname().nodename)

    def test_the_builder_of_the_kernel_is_not_saved(self):
        planted = "builder@PLANTED77aa.example"
        self.plant(hosts.CENTOS_7.tree)
        version = self.tree / "proc/version"
        version.write_text(version.read_text().replace("builder@builder.example", planted))
        facts = self.root / "facts.json"
        report, _ = self.diagnosis("--root", self.tree, "--save-facts", facts)
        self.assertEqual(self.verdicts(report)["toolchain.compiler"]["status"], "pass")
        self.assertIn("(builder)", facts.read_text())
        self.assertNotIn("PLANTED77aa", facts.read_text() + json.dumps(report))

    @needs_strace
    def test_no_process_but_stap_for_its_version(self):
        path = self.root / "trace"
        began = time.monotonic()
        ended = trace_of(self, path, "doctor", *self.skip, "--json")
        self.assertIn(ended.status, (0, 1), ended)
        self.assertLess(time.monotonic() - began, 20)
        started = executed(path)[1:]  # without itself
        for line in started:
            self.assertRegex(line, r'execve\("[^"]*/stap(run)?", \["[^"]*", "-V"\]')


if __name__ == "__main__":
    main()
