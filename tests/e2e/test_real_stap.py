"""Compiles with this machine's own stap, kbuild and headers, which the tests install: the fakes cannot show this."""

import hashlib
import shutil
from pathlib import Path

from support import Case, main, needs_root

COMPILES = 170  # seconds; alone it takes 15


def newest_headers():
    """The build and source trees of the newest kernel whose headers are installed."""
    places = [place for place in Path("/lib/modules").iterdir() if (place / "build/Module.symvers").exists()]
    newest = max(places, key=lambda place: [int(word) if word.isdigit() else 0 for word in
                                            place.name.replace("-", ".").split(".")])
    return newest.name, (newest / "build").resolve(), (newest / "source").resolve()


def fingerprints(folder):
    """Size, time and checksum of every file below a directory."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            info = path.stat()
            found[str(path)] = (info.st_size, info.st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
    return found


@needs_root
class RealStap(Case):
    def setUp(self):
        super().setUp()
        for name in ("STAPKILL_STAP", "STAPKILL_STAPRUN", "SYSTEMTAP_RUNTIME", "STAPKILL_MODULES"):
            del self.environment[name]
        self.release, self.build, self.source = newest_headers()
        self.environment["STAPKILL_KERNEL"] = self.release

    def make_unsplit(self):
        """One tree for headers and build, as in RHEL's kernel-devel and in a kernel that was built by hand."""
        whole = self.root / "kernel"
        # The package's tree last: its Makefile only refers to the other tree's, which is needed here.
        shutil.copytree(self.build, whole, symlinks=False, ignore=shutil.ignore_patterns("Makefile"))
        for entry in self.source.rglob("*"):
            place = whole / entry.relative_to(self.source)
            if entry.is_dir():
                place.mkdir(exist_ok=True)
            elif not place.exists():
                shutil.copy(entry, place)
        shutil.copy(self.source / "Makefile", whole / "Makefile")
        modules = self.root / "own-modules"
        (modules / self.release).mkdir(parents=True)
        (modules / self.release / "build").symlink_to(whole)
        (modules / self.release / "source").symlink_to("build")
        self.environment["STAPKILL_MODULES"] = str(modules)
        return whole

    def prepare(self, before=()):
        ended = self.run_it("watch", "--prepare", before=before, patience=COMPILES)
        self.assertEqual(ended.status, 0, ended.err)
        self.assertEqual(len(list(self.cache.glob("modules/*/stapkill_watching.ko"))), 1)

    def test_a_tree_that_is_not_split(self):
        whole = self.make_unsplit()
        before = fingerprints(whole)
        self.prepare()
        self.assertEqual(fingerprints(whole), before)

    def test_headers_stay_as_they_are_without_a_namespace(self):
        """Without a mount namespace, only the copies keep a build from writing outside."""
        before = fingerprints(self.build)
        self.prepare(before=["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"])
        self.assertEqual(fingerprints(self.build), before)

    def test_a_compiler_cannot_write_outside_the_cache(self):
        outside = self.root / "outside"
        outside.write_text("as it was")
        stap = self.root / "stap"
        stap.write_text(f"#!/bin/sh\n[ \"$1\" = -V ] || {{ echo x > {outside}; touch $PWD/inside; }} 2>&1\nexit 1\n")
        stap.chmod(0o755)
        self.environment["STAPKILL_STAP"] = str(stap)
        ended = self.run_it("watch", "--prepare", "--keep")
        self.assertEqual(ended.status, 1)
        self.assertEqual(outside.read_text(), "as it was")
        self.assertEqual(len(list(self.cache.glob("build.*/inside"))), 1)


if __name__ == "__main__":
    main()
