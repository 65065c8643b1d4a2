#include "script/header_tests.h"

#include <filesystem>
#include <tuple>

#include "base/resources.h"
#include "catch.h"
#include "sys/child.h"
#include "sys/file.h"
#include "temporary.h"

using namespace stapkill;
namespace fs = std::filesystem;

namespace {

// The texts of SystemTap 4.8 and 5.6 (strings of the translator).
constexpr auto k48 =
    "ELF\nCHECK_BUILD := $(CC) $(NOSTDINC_FLAGS) $(KBUILD_CPPFLAGS) $(CPPFLAGS) \n$(LINUXINCLUDE) $(_KBUILD_CFLAGS) "
    "$(CFLAGS_KERNEL) $(EXTRA_CFLAGS) \n";
constexpr auto k56 =
    "ELF\nCHECK_BUILD := $(CC) -DMODULE $(NOSTDINC_FLAGS) $(KBUILD_CPPFLAGS) $(CPPFLAGS) \n$(LINUXINCLUDE) "
    "$(_KBUILD_CFLAGS) $(CFLAGS_KERNEL) $(\n-Wmissing-prototypes \n";

struct Host {
  Temporary root;
  SystemTap systemtap;
  fs::path folder = root / "compat";

  explicit Host(std::string_view translator) { systemtap.stap = root.write("bin/stap", translator); }
  std::vector<std::string> arguments() const {
    auto found = header_test_arguments(*Facts::live(), systemtap, folder);
    REQUIRE(found.has_value());
    return *found;
  }
};

/// Tests of headers that are made here, compiled by this machine's compiler.
struct Tests {
  Temporary root;
  fs::path script = root.write("header_test.sh", resource("tapsets/compat/header_test.sh"));

  Tests() {
    header("sched", "struct mm;\nstruct task { struct mm *mm; int state; };\n");
    header("mm", "struct mm { int vdso; };\n");
    header("kernel", "#define KERNEL 1\n");
    for (const std::string name : {"fs", "module", "blkdev"})
      header(name, "static inline void " + name + "(void) {}\n");
    root.write("first.h", "#define FIRST 1\n");
  }
  void header(const std::string& name, const std::string& text) const {
    root.write("include/linux/" + name + ".h",
               "#ifndef MADE_" + name + "\n#define MADE_" + name + "\n" + text + "#endif\n");
  }
  fs::path test(const std::string& name, const std::string& text) const {
    return root.write("runtime/autoconf-" + name + ".c", text);
  }
  /// Whether the test compiles; `how` is what comes before the compiler.
  bool compiles(const fs::path& file, const std::vector<std::string>& how) const {
    ChildOptions options;
    options.argv = how;
    for (const std::string& word :
         {std::string("gcc"), std::string("-include"), (root / "first.h").string(), "-I" + (root / "include").string(),
          std::string("-DNAME=\"a test\""), std::string("-Wall"), std::string("-Werror"), std::string("-fsyntax-only"),
          std::string("-xc"), file.string()})
      options.argv.push_back(word);
    options.environment = {{"TMPDIR", root.path().string()}};
    auto ended = run_child(options, 60);
    REQUIRE(ended.has_value());
    INFO(ended->err);
    return ended->status == 0;
  }
};

}  // namespace

TEST_CASE("header tests: the command that stap would run, through the script", "[header_tests]") {
  Host host(k48);
  auto arguments = host.arguments();
  REQUIRE(arguments.size() == 2);
  CHECK(arguments[0] == "-B");
  CHECK(arguments[1] == "CHECK_BUILD=sh " + (host.folder / "header_test.sh").string() +
                            " $(CC) $(NOSTDINC_FLAGS) $(KBUILD_CPPFLAGS) $(CPPFLAGS) $(LINUXINCLUDE) $(_KBUILD_CFLAGS) "
                            "$(CFLAGS_KERNEL) $(CFLAGS) -DKBUILD_BASENAME=\\\"stapkill\\\" -Werror -fsyntax-only -xc");
  CHECK(read_file(host.folder / "header_test.sh") == resource("tapsets/compat/header_test.sh"));
}

TEST_CASE("header tests: newer versions have more flags", "[header_tests]") {
  auto value = Host(k56).arguments().at(1);
  CHECK(value.find("$(CC) -DMODULE $(NOSTDINC_FLAGS)") != std::string::npos);
  CHECK(value.find(" -Wmissing-prototypes -Werror ") != std::string::npos);
}

TEST_CASE("header tests: an unknown version compiles its tests itself", "[header_tests]") {
  CHECK(Host("ELF\nCHECK_BUILD := $(CC) $(NEW_FLAGS) \n").arguments().empty());
  CHECK(Host("ELF\nCHECK_BUILD := $(CC) $(NOSTDINC_FLAGS) $(KBUILD_CPPFLAGS) $(CPPFLAGS) \n").arguments().empty());
}

TEST_CASE("header tests: a directory whose name make would split", "[header_tests]") {
  Host host(k48);
  host.folder = host.root / "a cache";
  CHECK(host.arguments().empty());
  CHECK_FALSE(fs::exists(host.folder));
}

TEST_CASE("header tests: the script gives the compiler's answers", "[header_tests]") {
  Tests tests;
  const std::vector<std::string> script = {"sh", tests.script.string()};
  const std::tuple<std::string, const char*, bool> kTests[] = {
      {"member", "#include <linux/sched.h>\nint foo(struct task *t) { return t->state; }\n", true},
      {"no-member", "#include <linux/sched.h>\nint foo(struct task *t) { return t->flags; }\n", false},
      // Only sched.h: the type stays incomplete, as in stap's own way.
      {"incomplete", "#include <linux/sched.h>\nint f(struct task *t) { return t->mm->vdso; }\n", false},
      {"kernel", "#include <linux/kernel.h>\n#include <linux/sched.h>\nint g(struct task *t) { return t->mm->vdso; }\n",
       false},
      {"complete", "#include <linux/sched.h>\n#include <linux/mm.h>\nint foo(struct task *t) { return t->mm->vdso; }\n",
       true},
      {"blank", "# include <linux/mm.h>\nint foo(struct mm *m) { return m->nothing; }\n", false},
      {"missing", "#include <linux/missing.h>\n", false},
      {"missing-too", "#include <linux/missing.h>\nint x;\n", false},
      {"perhaps-missing", "#ifdef NOTHING\n#include <linux/missing.h>\n#endif\nint x;\n", true},
      {"flags",
       "#include <linux/fs.h>\n#if FIRST != 1\n#error the -include is lost\n#endif\nconst char *name = NAME;\n", true},
      // The same name in two tests, and what spoils the rest of a file.
      {"value", "#include <linux/mm.h>\nint size = sizeof(struct mm);\n", true},
      {"value-again", "#include <linux/mm.h>\nint size = sizeof(struct mm) + 1;\n", true},
      {"other-type", "#include <linux/mm.h>\nchar *size(void) { return 0; }\n", true},
      {"open", "#include <linux/spoilt.h>\nint foo(void) { if (1) {\n", false},
      {"open-beside", "#include <linux/spoilt.h>\nint foo(void) { return spoilt; }\n", true},
      {"conflict", "#include <linux/fs.h>\nint fs(int number);\n", false},
      {"macro",
       "#include <linux/mm.h>\n#define nothing vdso\nint foo(struct mm *m) { return m->nothing; }\n#undef nothing\n",
       true},
      {"extra", "#include <linux/mm.h>\n#include <linux/extra.h>\nint foo(void) { return extra; }\n", true},
      {"extra-again", "#include <linux/extra.h>\nint foo(void) { return extra + nothing; }\n", false},
      {"not-extra", "#include <linux/mm.h>\nint foo(void) { return extra; }\n", false},
  };
  tests.header("extra", "extern int extra;\n");
  tests.header("spoilt", "extern int spoilt;\n");
  std::vector<fs::path> files;
  for (const auto& [name, text, compiles] : kTests) files.push_back(tests.test(name, text));
  auto first = static_cast<std::size_t>(GENERATE(0, 7, 19));  // the answers do not depend on which is asked first
  for (std::size_t i = 0; i < files.size(); ++i) {
    auto at = (first + i) % files.size();
    INFO(files[at]);
    CHECK(tests.compiles(files[at], {}) == std::get<bool>(kTests[at]));
    CHECK(tests.compiles(files[at], script) == std::get<bool>(kTests[at]));
  }
  CHECK(fs::exists(tests.root / "most.h.gch"));
}

TEST_CASE("header tests: tests of the same headers are compiled together", "[header_tests]") {
  Tests tests;
  const std::vector<std::string> script = {"sh", tests.script.string()};
  auto right = tests.test("right", "#include <linux/mm.h>\nint foo(void) { return 0; }\n");
  tests.test("right-too", "#include <linux/fs.h>\nint foo(void) { fs(); return 0; }\n");
  tests.test("wrong", "#include <linux/fs.h>\nint foo(void) { return nothing; }\n");
  CHECK(tests.compiles(right, script));
  auto answer = [&](const std::string& name) {
    return read_file(tests.root / ("tests/autoconf-" + name + ".c.answer"));
  };
  CHECK(answer("right") == "0\n");
  CHECK(answer("right-too") == "0\n");
  CHECK(answer("wrong") == "1\n");
}

TEST_CASE("header tests: a test that stands elsewhere is compiled alone", "[header_tests]") {
  Tests tests;
  const std::vector<std::string> script = {"sh", tests.script.string()};
  CHECK(tests.compiles(
      tests.root.write("alone.c", "#include <linux/mm.h>\nint foo(struct mm *m) { return m->vdso; }\n"), script));
  CHECK_FALSE(tests.compiles(tests.root.write("wrong.c", "#include <linux/mm.h>\nint x = nothing;\n"), script));
}

TEST_CASE("header tests: without a precompiled header the compiler is asked as it is", "[header_tests]") {
  Tests tests;
  const std::vector<std::string> script = {"sh", tests.script.string()};
  fs::remove(tests.root / "include/linux/blkdev.h");
  auto right = tests.test("right", "#include <linux/mm.h>\nint f(struct mm *m) { return m->vdso; }\n");
  auto wrong = tests.test("wrong", "#include <linux/mm.h>\nint f(struct mm *m) { return m->nothing; }\n");
  CHECK(tests.compiles(right, script));
  CHECK_FALSE(tests.compiles(wrong, script));
  CHECK_FALSE(fs::exists(tests.root / "most.h.gch"));
}
