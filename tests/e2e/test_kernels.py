"""A kernel's headers decide the probes and the C code of the watch module."""

import os
import platform

from support import Case, Play, main, needs_root

PREFIX = {"x86_64": "__x64_sys_", "aarch64": "__arm64_sys_", "s390x": "__s390x_sys_"}


@needs_root
class Kernels(Case):
    def probes(self):
        ended = self.watch("--pid", os.getpid(), "--duration", "0.1", play=Play())
        self.assert_stream(ended)
        return ended.of("session")[0]["probes"]

    def configure(self, *lines):
        (self.headers.parent.parent / "build/.config").write_text("".join(f"{line}\n" for line in lines))

    def test_system_calls_by_their_names(self):
        """EL 7, Ubuntu 16.04 and Amazon Linux 2: no wrapped system calls."""
        self.configure("CONFIG_MODULES=y", "# CONFIG_ARCH_HAS_SYSCALL_WRAPPER is not set")
        self.assertIn('kprobe.function("sys_tgkill").return', self.probes())

    def test_wrapped_system_calls(self):
        self.configure("CONFIG_MODULES=y", "CONFIG_ARCH_HAS_SYSCALL_WRAPPER=y")
        prefix = PREFIX.get(platform.machine(), "sys_")
        self.assertIn(f'kprobe.function("{prefix}tgkill").return', self.probes())

    def test_marks_of_the_out_of_memory_killer(self):
        self.assertNotIn('kernel.trace("oom:mark_victim")', self.probes())
        (self.headers / "trace/events/oom.h").write_text("TRACE_EVENT(mark_victim,\n\tTP_PROTO(int pid),\n")
        self.assertIn('kernel.trace("oom:mark_victim")', self.probes())

    def test_variants_are_found_when_it_is_compiled(self):
        (self.headers / "linux/fs_struct.h").write_text("struct fs_struct {\n\tseqlock_t seq;\n};\n")
        self.probes()
        self.assertIn("-DSK_HAVE_FS_SEQLOCK=1", self.calls("stap")[0]["argv"])
        (self.headers / "linux/fs_struct.h").unlink()
        self.probes()
        self.assertEqual(len(self.calls("stap")), 1)

    def test_other_scripts_have_none(self):
        (self.headers / "linux/fs_struct.h").write_text("struct fs_struct {\n\tseqlock_t seq;\n};\n")
        self.assertEqual(self.run_it("emit", "exec-snoop", "--prepare").status, 0)
        self.assertEqual([word for word in self.calls("stap")[0]["argv"] if word.startswith("-DSK_")], [])

    def test_an_emitted_watch_names_them(self):
        (self.headers / "linux/fs_struct.h").write_text("struct fs_struct {\n\tseqlock_t seq;\n};\n")
        run = next(line for line in self.run_it("emit", "watch").out.decode().splitlines() if line.startswith("# run:"))
        self.assertIn(" -DSK_HAVE_FS_SEQLOCK=1 ", run)


if __name__ == "__main__":
    main()
