#include "script/shims.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/resources.h"
#include "catch.h"
#include "temporary.h"

using namespace stapkill;

namespace {

// The lines that decide, as SystemTap 4.8, 5.1 and 5.2 and the headers of Linux 6.1.192 and 6.12.107 have them.
constexpr auto kTranslatorOld =
    "\x7f"
    "ELF\0#undef COUNT_ARGS\n#define COUNT_ARGS(X...) __COUNT_ARGS(, ##X, 12, 11, 10)\n";
constexpr auto kTaskWorkOld =
    "#define task_work_cancel (* (task_work_cancel_fn)kallsyms_task_work_cancel)\n"
    "        kallsyms_task_work_cancel = (void *)kallsyms_lookup_name(\"task_work_cancel\");\n";
constexpr auto kTaskWorkNew =
    "#define TASK_WORK_CANCEL_FN task_work_cancel_func\n"
    "        kallsyms_task_work_cancel_fn = (void *)kallsyms_lookup_name(TOSTRING(TASK_WORK_CANCEL_FN));\n";
constexpr auto kTransportOld =
    "        kallsyms_uprobe_unregister = (void*) kallsyms_lookup_name (\"uprobe_unregister\");\n";
constexpr auto kTransportNew =
    "        kallsyms_uprobe_unregister = (void*) kallsyms_lookup_name (\"uprobe_unregister\");\n"
    "        kallsyms_uprobe_unregister_nosync = (void*) kallsyms_lookup_name (\"uprobe_unregister_nosync\");\n";
constexpr auto kTaskWorkHeaderOld = "struct callback_head *task_work_cancel(struct task_struct *, task_work_func_t);\n";
constexpr auto kTaskWorkHeaderNew =
    "struct callback_head *task_work_cancel_func(struct task_struct *, task_work_func_t);\n"
    "bool task_work_cancel(struct task_struct *task, struct callback_head *cb);\n";
constexpr auto kUprobesOld =
    "extern void uprobe_unregister(struct inode *inode, loff_t offset, struct uprobe_consumer *uc);\n";
constexpr auto kUprobesNew =
    "extern void uprobe_unregister_nosync(struct uprobe *uprobe, struct uprobe_consumer *uc);\n";
constexpr auto kArgs =
    "#define __COUNT_ARGS(_0, _1, _n, X...) _n\n#define COUNT_ARGS(X...) __COUNT_ARGS(, ##X, 1, 0)\n";

struct Pair {
  Temporary root;
  SystemTap systemtap;
  KernelBuild kernel;

  Pair(std::string_view translator, std::string_view task_work, std::string_view transport) {
    systemtap.stap = root.write("bin/stap", translator);
    root.write("runtime/stp_task_work.c", task_work);
    root.write("runtime/transport/transport.c", transport);
    systemtap.runtime = root / "runtime";
    kernel.release = "6.1.0";
    kernel.build = kernel.source = root / "headers";
  }
  Pair& header(std::string_view name, std::string_view text) {
    root.write("headers/include/linux/" + std::string(name), text);
    return *this;
  }
  std::vector<std::string> needed() const {
    std::vector<std::string> names;
    for (const auto& shim : needed_shims(*Facts::live(), systemtap, kernel)) {
      CHECK_FALSE(shim.why.empty());
      names.emplace_back(shim.name);
    }
    return names;
  }
};

}  // namespace

TEST_CASE("shims: Debian 12, stap 4.8 for 6.1.192", "[shims]") {
  Pair pair(std::string_view(kTranslatorOld, 70), kTaskWorkOld, kTransportOld);
  pair.header("task_work.h", kTaskWorkHeaderNew).header("uprobes.h", kUprobesOld);
  CHECK(pair.needed() == std::vector<std::string>{"task_work_cancel"});
}

TEST_CASE("shims: Debian 13, stap 5.1 for 6.12.107", "[shims]") {
  Pair pair(std::string_view(kTranslatorOld, 70), kTaskWorkNew, kTransportOld);
  pair.header("task_work.h", kTaskWorkHeaderNew).header("uprobes.h", kUprobesNew).header("args.h", kArgs);
  CHECK(pair.needed() == std::vector<std::string>{"count_args", "uprobe_unregister"});
}

TEST_CASE("shims: an old stap on a new kernel needs all", "[shims]") {
  Pair pair(std::string_view(kTranslatorOld, 70), kTaskWorkOld, kTransportOld);
  pair.header("task_work.h", kTaskWorkHeaderNew).header("uprobes.h", kUprobesNew).header("args.h", kArgs);
  CHECK(pair.needed() == std::vector<std::string>{"count_args", "task_work_cancel", "uprobe_unregister"});
}

TEST_CASE("shims: a stap and a kernel that fit need none", "[shims]") {
  Pair of_old(std::string_view(kTranslatorOld, 70), kTaskWorkOld, kTransportOld);
  of_old.header("task_work.h", kTaskWorkHeaderOld).header("uprobes.h", kUprobesOld);
  CHECK(of_old.needed().empty());
  Pair of_new("#ifndef COUNT_ARGS\n#define COUNT_ARGS(X...) y\n#endif\n", kTaskWorkNew, kTransportNew);
  of_new.header("task_work.h", kTaskWorkHeaderNew).header("uprobes.h", kUprobesNew).header("args.h", kArgs);
  CHECK(of_new.needed().empty());
}

TEST_CASE("shims: Debian 11, stap 4.4 for 5.10.262, whose module_mutex is declared and not exported", "[shims]") {
  constexpr auto kLocks = "       mutex_lock(&module_mutex);\n       preempt_disable();\n";
  constexpr auto kDeclares = "extern struct mutex module_mutex;\n";
  constexpr auto kExports = "0x1ac5d3cb\tregister_kprobe\tvmlinux\tEXPORT_SYMBOL_GPL\t\n";
  auto needed = [](std::string_view runtime, std::string_view header, std::string_view symvers) {
    Pair pair(std::string_view(kTranslatorOld, 70), kTaskWorkOld, kTransportOld);
    pair.root.write("runtime/linux/kprobes.c", runtime);
    pair.header("module.h", header).header("task_work.h", kTaskWorkHeaderOld);
    pair.root.write("headers/Module.symvers", symvers);
    return pair.needed();
  };
  CHECK(needed(kLocks, kDeclares, kExports) == std::vector<std::string>{"module_mutex"});
  auto both = std::string(kExports) + "0x8b2f9c4e\tmodule_mutex\tvmlinux\tEXPORT_SYMBOL_GPL\t\n";
  CHECK(needed(kLocks, kDeclares, both).empty());               // 5.10.220 and before
  CHECK(needed(kLocks, kDeclares, "").empty());                 // what is exported is not known
  CHECK(needed(kLocks, "struct module;\n", kExports).empty());  // 5.12: stap sees that there is none
  CHECK(needed("", kDeclares, kExports).empty());
}

TEST_CASE("shims: Ubuntu 24.04, stap 5.0 for 6.8: prototypes are asked for, and strlcpy is gone", "[shims]") {
  constexpr auto kOn = "KBUILD_CFLAGS += -Wmissing-declarations\nKBUILD_CFLAGS += -Wmissing-prototypes\n";
  constexpr auto kAsked =
      "KBUILD_CFLAGS += -Wmissing-declarations\nKBUILD_CFLAGS += -Wmissing-format-attribute\n"
      "KBUILD_CFLAGS += -Wmissing-prototypes\n";  // before 6.8, only with W=1
  constexpr auto kUses = "strlcpy (tz_name, tzi->tz_name, MAXSTRINGLEN);\n";
  constexpr auto kOwn = "#define strlcpy(dest, src, count)  ({ \\\n";
  auto needed = [](std::string_view translator, std::string_view warnings, std::string_view string,
                   std::string_view own) {
    Pair pair(translator, kTaskWorkNew, kTransportNew + std::string(kUses));
    pair.header("string.h", string);
    pair.root.write("headers/scripts/Makefile.extrawarn", warnings);
    pair.root.write("runtime/linux/runtime.h", own);
    return pair.needed();
  };
  constexpr auto kOld =
      "size_t strlcpy(char *, const char *, size_t);\nssize_t strscpy(char *, const char *, size_t);\n";
  constexpr auto kNew = "ssize_t strscpy(char *, const char *, size_t);\n";
  CHECK(needed("ELF", kOn, kNew, "") == std::vector<std::string>{"missing_prototypes", "strlcpy"});
  CHECK(needed("ELF", kAsked, kOld, "").empty());
  CHECK(needed("ELF\n-Wmissing-prototypes \n", kOn, kNew, kOwn).empty());  // 5.1
}

TEST_CASE("shims: flags for the compiler in place of a header", "[shims]") {
  Temporary root;
  Misfit misfit{"missing_prototypes", "x", "5.1", true, {}, "-Wno-missing-prototypes"};
  CHECK(shim_arguments({misfit}, root / "compat") == std::vector<std::string>{"-B", "KCFLAGS=-Wno-missing-prototypes"});
  CHECK_FALSE(std::filesystem::exists(root / "compat/missing_prototypes.h"));
}

TEST_CASE("shims: what no shim mends is a misfit all the same", "[shims]") {
  Pair pair("ELF", kTaskWorkNew, kTransportNew);
  pair.header("vmalloc.h", "#define vzalloc(...) alloc_hooks(vzalloc_noprof(__VA_ARGS__))\n");
  pair.header("unaligned.h", "#define get_unaligned(ptr) __get_unaligned_t(typeof(*(ptr)), (ptr))\n");
  pair.root.write("runtime/linux/alloc.c", "static void *vzalloc(unsigned long size)\n");
  pair.root.write("runtime/sym.c", "#include <asm/unaligned.h>\n");
  std::vector<std::string> names;
  for (const auto& misfit : find_misfits(*Facts::live(), pair.systemtap, pair.kernel)) names.emplace_back(misfit.name);
  CHECK(names == std::vector<std::string>{"unaligned", "vzalloc"});
  CHECK(pair.needed().empty());
}

TEST_CASE("shims: headers that are not there need none", "[shims]") {
  Pair pair(std::string_view(kTranslatorOld, 70), kTaskWorkOld, kTransportOld);
  CHECK(pair.needed().empty());
}

TEST_CASE("shims: no arguments without shims, and nothing is made", "[shims]") {
  Temporary root;
  auto arguments = shim_arguments({}, root / "compat");
  REQUIRE(arguments.has_value());
  CHECK(arguments->empty());
  CHECK_FALSE(std::filesystem::exists(root / "compat"));
}

TEST_CASE("shims: the headers are written and named to the compiler", "[shims]") {
  Temporary root;
  auto folder = root / "compat";
  auto arguments = shim_arguments({{"count_args", "x"}, {"task_work_cancel", "y"}}, folder);
  REQUIRE(arguments.has_value());
  REQUIRE(arguments->size() == 2);
  CHECK(arguments->at(0) == "-B");
  // EXTRA_CFLAGS would replace stap's own -g (docs/design/stap.md).
  CHECK(arguments->at(1) == "KCFLAGS=-include " + (folder / "count_args.h").string() + " -include " +
                                (folder / "task_work_cancel.h").string());
  for (const char* name : {"count_args.h", "task_work_cancel.h"}) {
    auto text = resource("tapsets/compat/" + std::string(name));
    REQUIRE_FALSE(text.empty());
    CHECK(read_file(folder / name) == text);
  }
}

TEST_CASE("shims: an unchanged header keeps its time, a changed one is written again", "[shims]") {
  Temporary root;
  auto folder = root / "compat", file = folder / "count_args.h";
  REQUIRE(shim_arguments({{"count_args", ""}}, folder).has_value());
  const timespec old[2] = {{1000, 0}, {1000, 0}};
  REQUIRE(::utimensat(AT_FDCWD, file.c_str(), old, 0) == 0);
  REQUIRE(shim_arguments({{"count_args", ""}}, folder).has_value());
  struct stat info {};
  REQUIRE(::stat(file.c_str(), &info) == 0);
  CHECK(info.st_mtim.tv_sec == 1000);
  root.write("compat/count_args.h", "#error somebody changed it\n");
  REQUIRE(shim_arguments({{"count_args", ""}}, folder).has_value());
  CHECK(read_file(file) == resource("tapsets/compat/count_args.h"));
}

TEST_CASE("shims: a directory that others can write to is refused", "[shims]") {
  Temporary root;
  auto folder = root / "compat";
  std::filesystem::create_directory(folder);
  REQUIRE(::chmod(folder.c_str(), 0777) == 0);
  CHECK_FALSE(shim_arguments({{"count_args", ""}}, folder).has_value());
  CHECK(std::filesystem::is_empty(folder));
}
