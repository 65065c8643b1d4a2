#include <algorithm>

#include "catch.h"
#include "cli/completion_scripts.h"
#include "cli/completion_values.h"
#include "temporary.h"

using namespace stapkill;

namespace {

std::vector<std::string> values_for(std::string_view kind, std::string_view prefix, const std::string& proc = "/proc") {
  std::vector<std::string> values;
  for (const auto& candidate : candidates_for(kind, prefix, proc)) values.push_back(candidate.value);
  return values;
}

using Words = std::vector<std::string>;

/// A process as /proc has it.
void add_process(const Temporary& proc, int pid, const std::string& comm, const std::string& argv,
                 const std::string& cgroup) {
  auto folder = "proc/" + std::to_string(pid) + '/';
  proc.write(folder + "status", "Name:\tx\nTgid:\t" + std::to_string(pid) + "\nPPid:\t1\nUid:\t0\t0\t0\t0\n");
  proc.write(folder + "stat",
             std::to_string(pid) + " (" + comm + ") S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 700 0 0\n");
  proc.write(folder + "cmdline", argv);
  proc.write(folder + "cgroup", "0::" + cgroup + '\n');
}

}  // namespace

TEST_CASE("every option of every command is in the completion of each shell") {
  auto bash = bash_completion(commands()), zsh = zsh_completion(commands()), fish = fish_completion(commands());
  for (const auto* command : commands()) {
    INFO(command->name);
    std::string name(command->name);
    auto in_bash = bash.substr(bash.find("\n    " + name + ")\n"));
    in_bash = in_bash.substr(0, in_bash.find("      ;;\n"));
    auto in_zsh = zsh.substr(zsh.find("\n    " + name + ")\n"));
    in_zsh = in_zsh.substr(0, in_zsh.find("      ;;\n"));
    for (const auto* option : options_of(*command)) {
      INFO(option->name);
      std::string word(option->name);
      CHECK((' ' + in_bash.substr(in_bash.find("options='") + 9)).find(" --" + word) != std::string::npos);
      CHECK(in_zsh.find("--" + word + (option->argument.empty() ? "[" : "=[")) != std::string::npos);
      if (!option->argument.empty()) CHECK(in_bash.find("        --" + word) != std::string::npos);
    }
    for (const auto& option : command->options) {
      INFO(option.name);
      bool there = false;
      for (std::size_t at = 0; (at = fish.find("\ncomplete", at)) != std::string::npos; ++at) {
        auto line = fish.substr(at + 1, fish.find('\n', at + 1) - at - 1);
        there |= line.find("'__stapkill_is " + name + "'") != std::string::npos &&
                 line.find(" -l " + std::string(option.name) + ' ') != std::string::npos;
      }
      CHECK(there);
    }
  }
  for (const auto& option : global_options())
    CHECK(fish.find("\ncomplete -c stapkill" + (option.letter ? std::string(" -s ") + option.letter : "") + " -l " +
                    std::string(option.name)) != std::string::npos);
}

TEST_CASE("every kind of values that a table names is known") {
  auto kinds = kinds_of_values();
  auto known = [&](std::string_view kind) {
    return kind.empty() || kind == "file" || kind == "directory" || !words_of(kind).empty() ||
           std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
  };
  for (const auto* command : commands()) {
    CHECK(known(command->values));
    for (const auto* option : options_of(*command)) {
      INFO(option->name);
      CHECK(known(kind_of_values(*option)));
    }
  }
  CHECK(words_of("a|b|c").size() == 3);
  CHECK(words_of("pid").empty());
}

TEST_CASE("signals are completed one by one") {
  CHECK(values_for("signal", "SIGK") == Words{"SIGKILL"});
  CHECK(values_for("signal", "KI") == Words{"KILL"});
  CHECK(values_for("signals", "SIGHUP,SIGUS") == Words{"SIGHUP,SIGUSR1", "SIGHUP,SIGUSR2"});
  CHECK(values_for("signals", "KILL,TE") == Words{"KILL,TERM"});
  CHECK(values_for("signal", "").size() == 31);
  CHECK(values_for("nonsense", "").empty());
}

TEST_CASE("a description ends with a whole escape") {
  Temporary proc;
  for (std::size_t length = 0; length < 8; ++length)
    add_process(proc, 50 + static_cast<int>(length), "long", std::string(length, 'a') + std::string(80, '\x1b') + '\0',
                "/");
  for (const auto& candidate : candidates_for("pid", "5", (proc / "proc").string())) {
    INFO(candidate.description);
    auto escape = candidate.description.rfind('\\');
    REQUIRE(escape != std::string::npos);
    CHECK(candidate.description.substr(escape) == "\\x1b");
    CHECK(candidate.description.size() <= 60);
    CHECK(candidate.description.size() > 50);
  }
}

TEST_CASE("a process's name does not reach a shell unchecked") {
  Temporary proc;
  std::string id(64, 'a');
  add_process(proc, 31, "good", std::string("a\x1b[31m b\n$(x)\0c\0", 16), "/system.slice/docker-" + id + ".scope");
  add_process(proc, 32, "a b", "", "/system.slice/evil $(reboot).service");
  add_process(proc, 33, "-x", "", "/system.slice/e\x1bvil.service");
  add_process(proc, 34, "x\ty", "", "/system.slice/ssh.service");
  auto pids = candidates_for("pid", "3", (proc / "proc").string());
  REQUIRE(pids.size() == 4);
  for (const auto& candidate : pids) {
    INFO(candidate.description);
    CHECK(std::all_of(candidate.description.begin(), candidate.description.end(),
                      [](unsigned char c) { return c >= 0x20 && c < 0x7f; }));
  }
  CHECK(values_for("comm", "", (proc / "proc").string()) == Words{"good"});
  CHECK(values_for("unit", "", (proc / "proc").string()) == Words{"docker-" + id + ".scope", "ssh.service"});
  CHECK(values_for("container", "", (proc / "proc").string()) == Words{id.substr(0, 12)});
}
