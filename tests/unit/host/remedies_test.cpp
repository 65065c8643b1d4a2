#include "host/remedies.h"

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>

#include "catch.h"
#include "host/ask.h"
#include "sys/file.h"
#include "temporary.h"

using namespace stapkill;

namespace {

/// The needs that sources ask for: host.remedy("x"…), remedy_for("x"…), command_of(facts, "x"…).
std::set<std::string> needs_of_sources() {
  std::set<std::string> needs;
  for (const char* folder : {"/src/doctor", "/src/host"}) {
    for (const auto& entry : std::filesystem::directory_iterator(std::string(STAPKILL_SOURCES) + folder)) {
      if (entry.path().extension() != ".cpp") continue;
      auto text = *read_file(entry.path());
      static const std::regex call(R"((?:host\.remedy|remedy_for|command_of)\(([^;{]*))"),
          word(R"((==\s*)?"([a-z-]+)\")");
      for (std::sregex_iterator at(text.begin(), text.end(), call), end; at != end; ++at) {
        auto arguments = (*at)[1].str();
        // Up to the end of the call, or the words for it.
        int depth = 1;
        for (std::size_t i = 0; i < arguments.size(); ++i) {
          depth += arguments[i] == '(' ? 1 : arguments[i] == ')' ? -1 : 0;
          if (depth == 0) arguments.resize(i);
        }
        for (std::sregex_iterator one(arguments.begin(), arguments.end(), word); one != end; ++one) {
          if (!(*one)[1].matched) needs.insert((*one)[2]);
        }
      }
    }
  }
  return needs;
}

const std::vector<Distribution>& distributions() {
  static const std::vector<Distribution> all = [] {
    std::vector<Distribution> made;
    auto add = [&](const char* id, std::vector<const char*> versions, std::vector<std::string> like = {}) {
      for (const auto* version : versions) made.push_back({id, like, version, "code", id});
    };
    add("debian", {"11", "12", "13", ""});
    add("ubuntu", {"16.04", "18.04", "22.04", "24.04"}, {"debian"});
    add("rhel", {"7.9", "8.10", "9.4"}, {"fedora"});
    add("centos", {"7", "8", "9"}, {"rhel", "fedora"});
    for (const char* id : {"rocky", "almalinux"}) add(id, {"8.9", "9.4"}, {"rhel", "centos", "fedora"});
    add("fedora", {"40", "43"});
    add("amzn", {"2", "2023"}, {"centos", "rhel", "fedora"});
    for (const char* id : {"opensuse-leap", "opensuse-tumbleweed", "sles", "sled", "sles_sap"})
      add(id, {"15.6", "20261101"}, {"suse", "opensuse"});
    add("arch", {""});
    add("linuxmint", {"21"}, {"ubuntu", "debian"});
    add("ol", {"8"}, {"fedora"});
    add("linux", {""});
    add("gentoo", {""});
    return made;
  }();
  return all;
}

RemedyWords words_of_checks() {
  return {{"release", "6.1.0-56-amd64"}, {"build", "6.1.192-2"}, {"map", "/m"},
          {"next", "6.1.0-57-amd64"},    {"version", "5.5"},     {"compiler", "gcc-12"},
          {"cache", "/var/cache"}};
}

}  // namespace

TEST_CASE("remedies: every need of the checks has one everywhere, with all its words", "[remedies]") {
  auto needs = needs_of_sources();
  CHECK(needs.size() > 15);
  for (const auto& need : needs) {
    for (const auto& distribution : distributions()) {
      INFO(need << " on " << distribution.id << ' ' << distribution.version);
      auto remedy = remedy_for(need, distribution, words_of_checks());
      CHECK_FALSE(remedy.text.empty());
      CHECK(remedy.text.find('{') == std::string::npos);
      for (const auto& command : remedy.commands) {
        CHECK_FALSE(command.empty());
        CHECK(command.find_first_of("{}\n") == std::string::npos);
        Temporary root;
        auto ran = ask_run({"sh", "-n", root.write("script", command + "\n").string()}, 20);
        CHECK((ran && ran->status == 0));
      }
    }
  }
}

TEST_CASE("remedies: the row of a distribution", "[remedies]") {
  auto command = [](const char* id, const char* version, std::vector<std::string> like, const char* need) {
    auto remedy = remedy_for(need, {id, std::move(like), version, "", ""}, words_of_checks());
    return remedy.commands.empty() ? std::string() : remedy.commands.back();
  };
  CHECK(command("debian", "12", {}, "headers") == "apt-get install linux-headers-6.1.0-56-amd64");
  CHECK(command("centos", "7", {"rhel"}, "systemtap").starts_with("yum "));
  CHECK(command("centos", "8", {"rhel"}, "systemtap").starts_with("dnf "));
  CHECK(command("amzn", "2023", {}, "systemtap").starts_with("dnf "));
  CHECK(command("rhel", "", {}, "systemtap").starts_with("dnf "));
  CHECK(command("ol", "7", {"fedora"}, "systemtap").starts_with("dnf "));
  CHECK(command("linuxmint", "21", {"ubuntu", "debian"}, "systemtap").starts_with("apt-get "));
  CHECK(command("linux", "", {}, "systemtap").empty());
  CHECK(remedy_for("no-such-need", {}, {}).text.empty());
  CHECK(remedy_for("reboot", {}, {{"next", "x"}}).reboot);
}

TEST_CASE("remedies: no value gets out of its place", "[remedies]") {
  const std::string hostile[] = {
      "$(touch x)", "`x`", "a;b",     "a b",      "a\nb", "'", "\"", "a|b",
      "a&b",        "a>b", "{cache}", "\x1b[31m", "\xff", "",  "-y", "--allow-unauthenticated",
      "*",          "!x",  "#",       "a\\b"};
  auto needs = needs_of_sources();
  for (const auto& need : needs) {
    for (const auto& distribution : distributions()) {
      auto plain = remedy_for(need, distribution, words_of_checks());
      for (const auto& value : hostile) {
        RemedyWords words;
        for (const auto& [name, usual] : words_of_checks()) words[name] = value;
        auto other = distribution;
        other.codename = other.version = value;
        if (distribution.version.empty() || distribution.id == "debian") other.version = distribution.version;
        auto remedy = remedy_for(need, distribution, words);
        INFO(need << " on " << distribution.id << " with " << value);
        REQUIRE(remedy.commands.size() == plain.commands.size());
        for (std::size_t i = 0; i < plain.commands.size(); ++i) {
          const auto& command = remedy.commands[i];
          // As many of each character that means something to a shell as without it, and as many words.
          for (char c : std::string("$`;|&<>'\"\\ \n*!#(){}\x1b\xff")) {
            CHECK(std::count(command.begin(), command.end(), c) ==
                  std::count(plain.commands[i].begin(), plain.commands[i].end(), c));
          }
          if (value == "-y") CHECK(command.find(" -y") == std::string::npos);
          if (value.starts_with("--")) CHECK(command.find(" --allow") == std::string::npos);
        }
        CHECK(remedy.text.find('\n') == std::string::npos);
        CHECK(remedy.text.find('\x1b') == std::string::npos);
        for (const auto& command : remedy_for(need, other, words).commands) {
          CHECK(command.find_first_of("\n`\x1b\xff!#") == std::string::npos);
          CHECK(command.find("touch x") == std::string::npos);
        }
      }
    }
  }
}

TEST_CASE("remedies: words in text stay words", "[remedies]") {
  CHECK(remedy_for("reboot", {}, {{"next", "the installed kernel"}}).text == "reboot into the installed kernel");
}
