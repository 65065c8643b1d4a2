"""The cache: a user who can write there can load code into the kernel."""

import os
import signal
from pathlib import Path

from support import Case, Play, main, needs_root, until


@needs_root
class Cache(Case):
    def watch_briefly(self, **more):
        return self.watch("--pid", os.getpid(), "--duration", "0.1", play=Play(), **more)

    def assert_watched(self, ended, compilations):
        self.assert_stream(ended)
        self.assertEqual(len(self.calls("stap")), compilations)

    def assert_refused(self, *expected, **more):
        ended = self.watch_briefly(**more)
        self.assert_failed(ended, *expected)
        self.assertEqual((self.calls("stap"), self.calls("staprun")), ([], []))

    def module_folder(self):
        return next((self.cache / "modules").iterdir())

    def module(self):
        return next(self.module_folder().glob("*.ko"))


class Trust(Cache):
    def test_modes(self):
        self.assert_watched(self.watch_briefly(), 1)
        for path in (self.cache, self.cache / "modules", self.module_folder()):
            self.assertEqual(path.stat().st_mode & 0o7777, 0o700, path)

    def test_umask_makes_no_difference(self):
        old = os.umask(0)
        try:
            self.assert_watched(self.watch_briefly(), 1)
        finally:
            os.umask(old)
        for path in [self.cache, *(path for path in self.cache.rglob("*") if path.is_dir())]:
            self.assertEqual(path.stat().st_mode & 0o077, 0, path)
        self.assert_watched(self.watch_briefly(), 1)

    def test_link_in_place_of_the_cache(self):
        (self.root / "elsewhere").mkdir(mode=0o700)
        self.cache.symlink_to(self.root / "elsewhere")
        self.assert_refused(str(self.cache), "STAPKILL_CACHE")
        self.assertEqual(list((self.root / "elsewhere").iterdir()), [])

    def test_dangling_link_in_place_of_the_cache(self):
        self.cache.symlink_to(self.root / "nowhere")
        self.assert_refused(str(self.cache))
        self.assertFalse((self.root / "nowhere").exists())

    def test_file_in_place_of_the_cache(self):
        self.cache.write_text("")
        self.assert_refused(str(self.cache))

    def test_cache_that_others_can_write(self):
        for mode in (0o777, 0o770, 0o1777, 0o702):
            with self.subTest(mode=oct(mode)):
                self.cache.mkdir(exist_ok=True)
                self.cache.chmod(mode)
                self.assert_refused(str(self.cache), "STAPKILL_CACHE")

    def test_cache_of_another_user(self):
        self.cache.mkdir()
        os.chown(self.cache, 65534, 65534)
        self.assert_refused(str(self.cache), "STAPKILL_CACHE")

    def test_link_in_place_of_the_modules(self):
        (self.root / "elsewhere").mkdir(mode=0o700)
        self.cache.mkdir(mode=0o700)
        (self.cache / "modules").symlink_to(self.root / "elsewhere")
        self.assert_refused(str(self.cache / "modules"))

    def test_link_in_place_of_the_headers(self):
        """The shims are compiled into the module."""
        self.need_task_work_shim()
        (self.root / "elsewhere").mkdir(mode=0o700)
        self.cache.mkdir(mode=0o700)
        (self.cache / "compat").symlink_to(self.root / "elsewhere")
        ended = self.watch_briefly()
        self.assertEqual(ended.status, 1, ended)
        self.assertEqual((self.calls("stap"), list((self.root / "elsewhere").iterdir())), ([], []))

    def test_what_others_can_write_is_made_again(self):
        self.assert_watched(self.watch_briefly(), 1)
        self.module_folder().chmod(0o777)
        self.assert_watched(self.watch_briefly(), 2)
        self.assert_watched(self.watch_briefly(), 2)

    def test_module_of_another_user(self):
        self.assert_watched(self.watch_briefly(), 1)
        os.chown(self.module_folder(), 65534, 65534)
        self.assert_watched(self.watch_briefly(), 2)

    def test_module_folder_that_is_a_link(self):
        self.assert_watched(self.watch_briefly(), 1)
        folder = self.module_folder()
        folder.rename(self.root / "elsewhere")
        folder.symlink_to(self.root / "elsewhere")
        self.assert_watched(self.watch_briefly(), 2)
        self.assertTrue(list((self.root / "elsewhere").glob("*.ko")), "what a link points at is not removed")

    def test_module_that_is_a_link(self):
        self.assert_watched(self.watch_briefly(), 1)
        module = self.module()
        module.rename(self.root / "other.ko")
        module.symlink_to(self.root / "other.ko")
        self.assert_watched(self.watch_briefly(), 2)

    def test_module_that_is_gone(self):
        self.assert_watched(self.watch_briefly(), 1)
        self.module().unlink()
        self.assert_watched(self.watch_briefly(), 2)

    def test_loaded_module_is_that_of_the_cache(self):
        self.watch_briefly()
        self.assertEqual(Path(self.calls("staprun")[0]["argv"][-1]), self.module())

    def test_cache_that_cannot_be_made(self):
        self.assert_refused("/proc/no-such-place", environment={"STAPKILL_CACHE": "/proc/no-such-place/cache"})


class Leftovers(Cache):
    """A compilation leaves no files."""

    def assert_nothing_left(self):
        self.assertEqual(self.builds_left(), [])
        self.assertLessEqual({path.name for path in self.cache.iterdir()}, {"modules", "compat"})
        self.assertEqual([path for path in self.root.iterdir() if path.name.startswith("stap")], [])

    def test_success(self):
        self.assert_watched(self.watch_briefly(), 1)
        self.assert_nothing_left()
        self.assertEqual({path.name for path in self.module_folder().iterdir()}, {self.module().name, "toolchain"})

    def test_failure(self):
        for scenario in ("pass2", "pass4", "killed", "no-module"):
            with self.subTest(scenario=scenario):
                self.assertEqual(self.watch_briefly(environment={"FAKE_STAP_SCENARIO": scenario}).status, 1)
                self.assert_nothing_left()
                self.assertEqual(list((self.cache / "modules").iterdir()), [])

    def interrupted(self, *words):
        running = self.start(*words, environment={"FAKE_STAP_SCENARIO": "hang"})
        until(lambda: self.logged("stap", "at"), "the compilation")
        self.assertEqual(len(self.builds_left()), 1)
        running.signal(signal.SIGINT)
        return running.end()

    def test_interrupted(self):
        self.assertEqual(self.interrupted("watch", "--pid", os.getpid()).status, 0)
        self.assert_nothing_left()

    def test_interrupted_prepare(self):
        """It could not do its job, or the signal killed it; it leaves no files."""
        self.assertIn(self.interrupted("watch", "--prepare").status, (1, -signal.SIGINT))
        self.assert_nothing_left()

    def test_old_builds_of_a_killed_run_are_removed(self):
        self.assert_watched(self.watch_briefly(), 1)
        old, kept, new = (self.cache / name for name in ("build.old", "build.kept", "build.new"))
        for folder in (old, kept, new):
            folder.mkdir()
        (kept / "command").write_text("stap\n")
        for folder in (old, kept):
            os.utime(folder, (1_000_000_000, 1_000_000_000))
        self.assert_watched(self.watch_briefly(), 1)
        self.assertEqual(self.builds_left(), ["build.kept", "build.new"])

    def test_links_are_not_followed_when_old_builds_are_removed(self):
        self.assert_watched(self.watch_briefly(), 1)
        victim = self.root / "precious"
        victim.mkdir()
        (victim / "file").touch()
        (self.cache / "build.old").mkdir()
        (self.cache / "build.old/link").symlink_to(victim)
        (self.cache / "build.link").symlink_to(victim)
        os.utime(self.cache / "build.old", (1_000_000_000, 1_000_000_000))
        self.watch_briefly()
        self.assertTrue((victim / "file").exists())
        self.assertFalse((self.cache / "build.old").exists())

    def test_cache_stays_small(self):
        """Modules of other kernels and older versions do not accumulate."""
        self.assert_watched(self.watch_briefly(), 1)
        for at in range(40):
            folder = self.cache / "modules" / f"old{at:02}"
            folder.mkdir(mode=0o700)
            os.utime(folder, (1_000_000_000 + at, 1_000_000_000 + at))
        self.assert_stream(self.watch("--pid", os.getpid(), "--duration", "0.1", "--stap-arg=-DX=1", play=Play()))
        left = list((self.cache / "modules").iterdir())
        self.assertLessEqual(len(left), 20)
        self.assertTrue(all(list(folder.glob("*.ko")) for folder in left if not folder.name.startswith("old")))


if __name__ == "__main__":
    main()
