// The watch module's C against declarations as kernels from 3.10 to 7.2 have them (tests/kernel-shapes).
#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "catch.h"
#include "base/resources.h"
#include "script/variants.h"
#include "sys/child.h"
#include "temporary.h"

using namespace stapkill;
namespace fs = std::filesystem;

namespace {

const std::map<std::string, std::set<std::string>> kShapes = {
    {"3.10", {"START_TIMESPEC", "CPUTIME_T"}},
    {"el7", {"SHMEM_COUNTER", "START_TIMESPEC", "CPUTIME_T", "IN_COMPAT_SYSCALL", "EXE_FILE_RCU", "D_LOCKREF"}},
    {"3.13", {"START_TIMESPEC", "CPUTIME_T", "TASK_CSS", "D_LOCKREF"}},
    {"4.4",
     {"TASK_CSS", "MEMORY_CGRP_ID", "CGROUP_PATH_POINTER", "MEMCG_COUNTERS", "EXE_FILE_RCU", "CPUTIME_ATOMIC",
      "CPUTIME_T", "D_LOCKREF"}},
    {"4.9",
     {"SHMEM_COUNTER", "IN_COMPAT_SYSCALL", "TASK_CSS", "MEMORY_CGRP_ID", "UNIFIED_CGROUPS", "MEMCG_COUNTERS",
      "EXE_FILE_RCU", "CPUTIME_ATOMIC", "CPUTIME_T", "D_LOCKREF"}},
    {"4.14",
     {"SHMEM_COUNTER", "SCHED_SIGNAL_H", "BOOT_FAST_NS", "IN_COMPAT_SYSCALL", "TASK_CSS", "MEMORY_CGRP_ID",
      "UNIFIED_CGROUPS", "MEMCG_COUNTERS", "EXE_FILE_RCU", "CPUTIME_ATOMIC", "D_LOCKREF"}},
    {"el8",
     {"SHMEM_COUNTER", "PGTABLES_BYTES", "SCHED_SIGNAL_H", "BOOT_FAST_NS", "IN_COMPAT_SYSCALL", "TASK_CSS",
      "MEMORY_CGRP_ID", "UNIFIED_CGROUPS", "MEMCG_COUNTERS", "PAGE_COUNTER_MAX", "EXE_FILE_RCU", "MMAP_READ_TRYLOCK",
      "STACK_TRACE_SAVE", "CPUTIME_ATOMIC", "EXEC_ID_IN_RH", "D_LOCKREF"}},
    {"4.19",
     {"SHMEM_COUNTER", "PGTABLES_BYTES", "SCHED_SIGNAL_H", "BOOT_FAST_NS", "IN_COMPAT_SYSCALL", "TASK_CSS",
      "MEMORY_CGRP_ID", "UNIFIED_CGROUPS", "MEMCG_COUNTERS", "PAGE_COUNTER_MAX", "EXE_FILE_RCU", "CPUTIME_ATOMIC",
      "D_LOCKREF"}},
    {"5.10",
     {"SHMEM_COUNTER", "PGTABLES_BYTES", "SCHED_SIGNAL_H", "START_BOOTTIME", "BOOT_FAST_NS", "IN_COMPAT_SYSCALL",
      "TASK_CSS", "MEMORY_CGRP_ID", "UNIFIED_CGROUPS", "MEMCG_COUNTERS", "PAGE_COUNTER_MAX", "EXE_FILE_RCU",
      "MMAP_READ_TRYLOCK", "STACK_TRACE_SAVE", "CPUTIME_ATOMIC", "D_LOCKREF"}},
    {"6.1",
     {"SHMEM_COUNTER", "PGTABLES_BYTES", "SCHED_SIGNAL_H", "START_BOOTTIME", "BOOT_FAST_NS", "IN_COMPAT_SYSCALL",
      "TASK_CSS", "MEMORY_CGRP_ID", "UNIFIED_CGROUPS", "MEMCG_COUNTERS", "PAGE_COUNTER_MAX", "EXE_FILE_RCU",
      "MMAP_READ_TRYLOCK", "STACK_TRACE_SAVE", "CPUTIME_ATOMIC", "D_LOCKREF"}},
    {"7.2",
     {"SHMEM_COUNTER", "PGTABLES_BYTES", "SCHED_SIGNAL_H", "START_BOOTTIME", "BOOT_FAST_NS", "IN_COMPAT_SYSCALL",
      "TASK_CSS", "MEMORY_CGRP_ID", "UNIFIED_CGROUPS", "MEMCG_COUNTERS", "PAGE_COUNTER_MAX", "EXE_FILE_RCU",
      "MMAP_READ_TRYLOCK", "STACK_TRACE_SAVE", "CPUTIME_ATOMIC", "D_LOCKREF", "FS_SEQLOCK"}},
};

/// What of a file a shape has: "@if SHAPE…" to "@end".
std::string of_shape(const std::string& text, const std::string& shape) {
  std::istringstream in(text);
  std::string line, kept;
  std::vector<bool> wanted = {true};
  while (std::getline(in, line)) {
    if (line.starts_with("@if ")) {
      wanted.push_back(wanted.back() && (line.substr(3) + ' ').find(' ' + shape + ' ') != std::string::npos);
    } else if (line == "@end") {
      REQUIRE(wanted.size() > 1);
      wanted.pop_back();
    } else if (wanted.back()) {
      kept += line + '\n';
    }
  }
  REQUIRE(wanted.size() == 1);
  return kept;
}

/// The C of tapsets/capture.stp as one file: its blocks, and its functions with stap's arguments as parameters.
std::string module_text() {
  std::istringstream in{std::string(resource("tapsets/capture.stp"))};
  std::string line, head, text = "#include <linux/kernel.h>\n";
  bool code = false;
  while (std::getline(in, line)) {
    if (line.starts_with("function ")) {
      auto open = line.find('(');
      std::istringstream words(line.substr(open + 1, line.find(')') - open - 1));
      std::string parameters, word;
      while (std::getline(words, word, ',')) {
        auto colon = word.find(':');
        parameters += (parameters.empty() ? "" : ", ") +
                      std::string(word.substr(colon + 1) == "long" ? "long long" : "const char *") + " STAP_ARG_" +
                      word.substr(word.find_first_not_of(' '), colon - word.find_first_not_of(' '));
      }
      auto name = "stap_" + line.substr(9, open - 9) + '(' + (parameters.empty() ? "void" : parameters) + ')';
      text += "void " + name + ";\nvoid " + name + "\n{\n";
      head = name;
    } else if (line == "%{") {
      code = true;
    } else if (line == "%}") {
      code = false;
      text += head.empty() ? "" : "}\n";
      head.clear();
    } else if (code) {
      text += line + '\n';
    }
  }
  return text;
}

struct Shape {
  Temporary root;
  KernelBuild kernel;

  explicit Shape(const std::string& name) {
    fs::path from = fs::path(STAPKILL_SOURCES) / "tests/kernel-shapes";
    for (const auto& entry : fs::recursive_directory_iterator(from / "include")) {
      if (!entry.is_regular_file()) continue;
      auto text = of_shape(read_file(entry.path()).value_or(""), name);
      auto header = fs::relative(entry.path(), from).replace_extension();  // "sched.h.in"
      if (!text.empty()) root.write(header.string(), text);
    }
    kernel.build = kernel.source = root.path();
    root.write("module.c", module_text());
  }
  std::vector<std::string> arguments() const { return variant_arguments(*Facts::live(), kernel); }

  /// What the compiler says, "" when nothing: as kbuild calls it for old kernels, which knew no newer C.
  std::string compile(const std::vector<std::string>& variants) const {
    ChildOptions options;
    options.argv = {"gcc",
                    "-std=gnu89",
                    "-O2",
                    "-ffreestanding",
                    "-nostdinc",
                    "-Wall",
                    "-Werror",
                    "-Wextra",
                    "-Wno-unused-parameter",
                    "-Wno-sign-compare",
                    "-Wundef",
                    "-Wno-pointer-sign",
                    "-Wframe-larger-than=512",
                    "-Wdeclaration-after-statement",
                    "-S",
                    "-o",
                    "/dev/null",
                    "-I",
                    (root / "include").string()};
    options.argv.insert(options.argv.end(), variants.begin(), variants.end());
    options.argv.push_back((root / "module.c").string());
    options.environment = {{"LC_ALL", "C"}};
    auto ran = run_child(options, 60);
    REQUIRE(ran.has_value());
    return ran->status == 0 && ran->err.empty() ? "" : "status " + std::to_string(ran->status) + '\n' + ran->err;
  }
};

}  // namespace

TEST_CASE("kernel shapes: the module's C compiles for each, by what its headers have", "[variants][shapes]") {
  for (const auto& [name, macros] : kShapes) {
    INFO(name);
    Shape shape(name);
    auto arguments = shape.arguments();
    std::set<std::string> expected, found(arguments.begin(), arguments.end());
    for (const auto& macro : macros) expected.insert("-DSK_HAVE_" + macro + "=1");
    CHECK(found == expected);
    CHECK(shape.compile(arguments) == "");
  }
}

TEST_CASE("kernel shapes: a variant that is wrong does not compile", "[variants][shapes]") {
  // Another way would compile there as well, and be a fault at run time: locks, units.
  const std::set<std::string> kOfMeaning = {"EXE_FILE_RCU",    "D_LOCKREF",     "CPUTIME_T",     "MEMCG_COUNTERS",
                                            "UNIFIED_CGROUPS", "SHMEM_COUNTER", "PGTABLES_BYTES"};
  std::set<std::string> seen;
  for (const auto& [name, macros] : kShapes) {
    Shape shape(name);
    auto arguments = shape.arguments();
    for (const auto& macro : macros) {
      if (kOfMeaning.contains(macro) || !seen.insert(macro).second) continue;
      INFO(name << " without " << macro);
      auto without = arguments;
      std::erase(without, "-DSK_HAVE_" + macro + "=1");
      CHECK(shape.compile(without) != "");
    }
    for (const auto& macro : {"MEMCG_COUNTERS", "UNIFIED_CGROUPS"}) {
      if (macros.contains(macro)) continue;
      INFO(name << " with " << macro);
      auto more = arguments;
      more.push_back("-DSK_HAVE_" + std::string(macro) + "=1");
      CHECK(shape.compile(more) != "");
    }
  }
}

TEST_CASE("kernel shapes: C that a shape does not have, and a stack that is too large, are errors", "[shapes]") {
  Shape shape("6.1");
  auto text = module_text();
  shape.root.write("module.c", text + "int more(void);\nint more(void) { return current->real_start_time; }\n");
  CHECK(shape.compile(shape.arguments()).find("real_start_time") != std::string::npos);
  shape.root.write("module.c",
                   text + "void more(char *);\nvoid most(void);\nvoid most(void) { char a[600]; more(a); }\n");
  CHECK(shape.compile(shape.arguments()).find("frame size") != std::string::npos);
}
