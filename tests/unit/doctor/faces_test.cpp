#include "doctor/faces.h"

#include <sys/wait.h>

#include <algorithm>
#include <sstream>

#include "base/catalogue.h"
#include "base/columns.h"
#include "base/text.h"
#include "host/ask.h"
#include "made_host.h"

using namespace stapkill;

namespace {

const std::string kHostile = "a\n'$(touch owned)`\x1b[31m\xff; rm \xe2\x80\xae \"x";

const Check kRows[] = {{"stap.present", "title one", kStap, {}, 5, false, nullptr},
                       {"kernel.build", "title two", kStap, {}, 5, false, nullptr},
                       {"stap.version", "title three", kNone, {}, 5, false, nullptr},
                       {"bpf.btf", "title four", kBpf, {}, 5, false, nullptr}};

CheckResult result(int row, CheckOutcome finding) {
  return {&kRows[row], (kRows[row].required_by & kStap) != 0, std::move(finding), 1.5};
}

/// The verdict about a backend that cannot watch, if the build has it.
std::string without_bpf(std::string_view reason) {
  return "not with bpf (" + std::string(has_backend(kBpf) ? reason : "not in this build") + ")";
}

Diagnosis diagnosis_of(std::vector<CheckResult> results) {
  Diagnosis diagnosis;
  diagnosis.release = "6.1";
  diagnosis.kernel = {"6.1", "", "x86_64"};
  diagnosis.distribution.name = "Debian 12";
  diagnosis.results = std::move(results);
  for (const auto& backend : kBackends) {
    bool stopped = std::any_of(diagnosis.results.begin(), diagnosis.results.end(),
                               [&](const CheckResult& one) { return stands_in_the_way(one, backend.bit, false); });
    if (backend.built && !stopped) diagnosis.ready |= backend.bit;
  }
  return diagnosis;
}

Diagnosis hostile() {
  Remedy remedy{kHostile, {"apt-get install " + shell_word("x")}, true};
  auto diagnosis = diagnosis_of({result(0, failed(kHostile, remedy, {{kHostile, kHostile}})),
                                 result(2, warned(kHostile, remedy)), result(1, passed("fine"))});
  diagnosis.distribution = {kHostile, {}, kHostile, kHostile, kHostile};
  diagnosis.release = diagnosis.kernel.machine = kHostile;
  diagnosis.systemtap = kHostile;
  return diagnosis;
}

bool only_printable(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (printable(line) != line) return false;
  }
  return true;
}

/// What a shell makes of a script without running it, and what of it is no comment.
int syntax(const std::string& script) {
  Temporary root;
  auto ran = ask_run({"sh", "-n", root.write("script", script).string()}, 20);
  REQUIRE(ran);
  return ran->status;
}
std::vector<std::string> commands_of(const std::string& script) {
  std::vector<std::string> found;
  std::istringstream lines(script);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line[0] != '#') found.push_back(line);
  }
  return found;
}

}  // namespace

TEST_CASE("faces: text", "[faces]") {
  auto diagnosis = diagnosis_of({result(0, passed("stap is there", {{"stap", "/usr/bin/stap"}})),
                                 result(1, failed("no headers", Remedy{"install them:", {"apt-get install h"}, false})),
                                 result(2, warned("old", std::nullopt)), result(3, failed("no BTF", std::nullopt))});
  auto text = diagnosis_text(diagnosis, {});
  CHECK(has(text, "Debian 12, kernel 6.1 x86_64, no SystemTap\n"));
  CHECK(has(text, "\nSystemTap\n  ✔ stap.present           stap is there\n  ▲ stap.version           old\n"));
  CHECK(
      has(text, "\nkernel\n  ✖ kernel.build           no headers\n      → install them:\n        apt-get install h\n"));
  CHECK(has(text,
            "\n✖ nothing can watch here; not with stap (kernel.build), " + without_bpf("bpf.btf").substr(9) + '\n'));
  CHECK_FALSE(has(text, "/usr/bin/stap"));
  CHECK_FALSE(has(text, "\033"));
  CHECK(has(diagnosis_text(diagnosis, {.verbose = true}), "      stap: /usr/bin/stap\n"));
}

TEST_CASE("faces: colour and ASCII", "[faces]") {
  auto diagnosis = hostile();
  diagnosis.results[0].finding.message += " ü";
  diagnosis.distribution.name = "Größe";
  auto plain = diagnosis_text(diagnosis, {.utf8 = false, .verbose = true});
  for (unsigned char c : plain) CHECK((c == '\n' || (c >= 0x20 && c < 0x7f)));
  CHECK(has(plain, "FAIL"));
  CHECK(has(plain, "->"));
  for (unsigned char c : diagnosis_short(diagnosis, {.utf8 = false})) CHECK((c == '\n' || (c >= 0x20 && c < 0x7f)));
  auto colored = diagnosis_text(diagnosis, {.color = true});
  CHECK(has(colored, "\033[1;31m✖\033[0m"));
  CHECK_FALSE(has(colored, "\x1b[31m"));  // only its own
}

TEST_CASE("faces: no bytes of other programs reach a terminal raw", "[faces]") {
  auto diagnosis = hostile();
  for (int width : {0, 10, 40, 80}) {
    CHECK(only_printable(diagnosis_text(diagnosis, {.width = width, .verbose = true})));
    CHECK(only_printable(diagnosis_short(diagnosis, {.width = width})));
  }
  CHECK(only_printable(diagnosis_script(diagnosis, "1")));
}

TEST_CASE("faces: folded at the width of a terminal", "[faces]") {
  std::string words;
  for (int i = 0; i < 200; ++i) words += "word" + std::to_string(i) + ' ';
  auto diagnosis = diagnosis_of({result(0, failed(words, Remedy{words, {"a command that is " + words}, false}))});
  for (int width : {50, 60, 80, 120}) {
    INFO(width);
    std::istringstream lines(diagnosis_text(diagnosis, {.utf8 = false, .width = width}));
    for (std::string line; std::getline(lines, line);) {
      if (!has(line, "a command")) CHECK(line.size() <= static_cast<std::size_t>(width));
    }
  }
  // One word that does not fit, blanks alone, and megabytes: all end soon.
  for (const auto& text :
       {std::string(500, 'x'), std::string(500, ' '), std::string(300, 'x') + " y", words + words, [] {
          std::string much;
          for (int i = 0; i < 1000000; ++i) much += "ab ";
          return much;
        }()}) {
    auto one = diagnosis_of({result(0, failed(text, std::nullopt))});
    CHECK(diagnosis_text(one, {.width = 60}).size() >= text.size());
  }
}

TEST_CASE("faces: Chinese has no blanks, and is folded by its columns", "[faces]") {
  std::string words;
  for (int i = 0; i < 100; ++i) words += "内核";
  auto diagnosis = diagnosis_of({result(0, failed(words, Remedy{words, {}, false}))});
  std::istringstream lines(diagnosis_text(diagnosis, {.width = 60}));
  int full = 0;
  for (std::string line; std::getline(lines, line);) {
    CHECK(columns_of(line) <= 60);
    full += columns_of(line) > 56 ? 1 : 0;
  }
  CHECK(full > 10);
}

TEST_CASE("faces: the text speaks the user's language, JSON and scripts do not", "[faces]") {
  if (!has_language("zh_CN")) return;
  auto diagnosis = diagnosis_of({result(1, failed(phrase("there is no {}", "stap"), std::nullopt))});
  auto json = diagnosis_json(diagnosis), script = diagnosis_script(diagnosis, "1"), list = list_checks_json();
  auto text = diagnosis_text(diagnosis, {});
  speak("zh_CN");
  CHECK(diagnosis_json(diagnosis) == json);
  CHECK(diagnosis_script(diagnosis, "1") == script);
  CHECK(list_checks_json() == list);
  auto other = diagnosis_text(diagnosis, {});
  speak("en");
  CHECK(has(text, "there is no stap"));
  CHECK_FALSE(has(other, "there is no"));
}

TEST_CASE("faces: the verdict", "[faces]") {
  auto verdict = [](const Diagnosis& diagnosis) {
    auto text = diagnosis_text(diagnosis, {});
    return text.substr(text.rfind('\n', text.size() - 2) + 1);
  };
  auto diagnosis = diagnosis_of({result(0, passed("")), result(2, warned("", {})), result(3, failed("", {}))});
  CHECK(verdict(diagnosis) ==
        "✔ stapkill can watch here with stap, by all that was checked (--deep also loads the probes); " +
            without_bpf("bpf.btf") + '\n');
  diagnosis.partial = true;
  CHECK(verdict(diagnosis) ==
        "✔ none of these checks keeps stapkill from watching with stap; " + without_bpf("bpf.btf") + '\n');
  diagnosis.strict = true;
  diagnosis.ready = kNone;
  CHECK(has(verdict(diagnosis), "not with stap (stap.version)"));
  // The prerequisite of the only check that was asked for is not shown, but is the reason.
  auto blocked = skipped("needs kernel.config");
  blocked.blocked_by = "kernel.config";
  diagnosis = diagnosis_of({result(0, blocked), result(1, blocked), result(3, failed("", {}))});
  CHECK(has(verdict(diagnosis), "not with stap (kernel.config), bpf"));
  // --deep tries nothing of bpf.
  diagnosis = diagnosis_of({result(1, failed("", {})), result(3, passed(""))});
  CHECK(verdict(diagnosis) ==
        (has_backend(kBpf) ? "✖ stapkill can watch here with bpf; not with stap (kernel.build)\n"
                           : "✖ nothing can watch here; not with stap (kernel.build), bpf (not in this build)\n"));
}

TEST_CASE("faces: short", "[faces]") {
  auto fine = diagnosis_of({result(0, passed("")), result(2, warned("old", {})), result(3, failed("no btf", {}))});
  auto text = diagnosis_short(fine, {});
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
  fine.strict = true;
  CHECK(has(diagnosis_short(fine, {}), "old"));
  CHECK_FALSE(has(diagnosis_short(fine, {}), "no btf"));
  auto bad = diagnosis_of({result(0, passed("")), result(1, failed("no headers", {})), result(2, warned("old", {}))});
  text = diagnosis_short(bad, {});
  CHECK(has(text, "no headers"));
  CHECK_FALSE(has(text, "old"));
}

TEST_CASE("faces: JSON has all that the contract names", "[faces]") {
  auto blocked = skipped("needs it");
  blocked.blocked_by = "stap.present";
  auto diagnosis = hostile();
  diagnosis.results.push_back(result(3, blocked));
  diagnosis.ready = kNone;
  for (bool known : {true, false}) {
    if (!known) diagnosis.systemtap.reset();
    auto text = diagnosis_json(diagnosis);
    CHECK(text.find('\x1b') == std::string::npos);
    auto json = nlohmann::json::parse(text);
    CHECK(json["schema"] == "stapkill.doctor/1");
    CHECK(json["ready"] == false);
    CHECK(json["backends"] == nlohmann::json({{"stap", false}, {"bpf", false}}));
    CHECK(json["summary"] == nlohmann::json({{"pass", 1}, {"warn", 1}, {"fail", 1}, {"skip", 1}, {"error", 0}}));
    const auto& host = json["host"];
    for (const char* key : {"kernel", "arch"}) CHECK(host[key].is_string());
    for (const char* key : {"id", "version", "name"}) CHECK(host["distribution"][key].is_string());
    CHECK((known ? host["systemtap"].is_string() : host["systemtap"].is_null()));
    REQUIRE(json["checks"].size() == 4);
    for (const auto& check : json["checks"]) {
      for (const char* key : {"id", "category", "title", "status", "message"}) CHECK(check[key].is_string());
      CHECK(check["required"].is_boolean());
      CHECK(check["evidence"].is_array());
      CHECK(check["duration_ms"] == 1.5);
      CHECK(check.contains("remedy"));
      CHECK(check.contains("blocked_by"));
    }
    const auto& first = json["checks"][0];
    CHECK(first["category"] == "stap");
    CHECK(first["required"] == true);
    CHECK(first["status"] == "fail");
    CHECK(first["evidence"][0]["source"] == first["message"]);
    CHECK(first["remedy"]["commands"] == nlohmann::json::array({"apt-get install x"}));
    CHECK(first["remedy"]["reboot"] == true);
    CHECK(first["blocked_by"].is_null());
    CHECK(json["checks"][2]["remedy"].is_null());
    CHECK(json["checks"][2]["evidence"] == nlohmann::json::array());
    CHECK(json["checks"][3]["blocked_by"] == "stap.present");
  }
}

TEST_CASE("faces: a script of remedies", "[faces]") {
  Remedy one{"do it:", {"first a", "second b"}, true}, other{"or so:", {"second b", "third c"}, false};
  auto script = diagnosis_script(
      diagnosis_of({result(0, failed("bad", one)), result(1, failed("worse", other)), result(2, warned("old", other))}),
      "1.0");
  CHECK(script.starts_with("#!/bin/sh\n"));
  CHECK(commands_of(script) == std::vector<std::string>{"set -eu", "first a", "second b", "third c"});
  CHECK(has(script, "# Then reboot"));
  CHECK(syntax(script) == 0);
  script = diagnosis_script(diagnosis_of({result(0, passed(""))}), "1.0");
  CHECK(commands_of(script) == std::vector<std::string>{"set -eu"});
  CHECK(has(script, "# There is no command"));
}

TEST_CASE("faces: a command of a warning is a comment, and still runs for a failure", "[faces]") {
  Remedy newer{"newer:", {"dnf upgrade systemtap"}, false};
  auto script = diagnosis_script(diagnosis_of({result(2, warned("old", newer)), result(1, failed("bad", newer))}), "1");
  CHECK(commands_of(script) == std::vector<std::string>{"set -eu", "dnf upgrade systemtap"});
  CHECK(has(script, "# dnf upgrade systemtap\n"));
  CHECK_FALSE(has(script, "There is no command"));
  newer.by_hand = true;
  script = diagnosis_script(diagnosis_of({result(1, failed("bad", newer))}), "1");
  CHECK(commands_of(script) == std::vector<std::string>{"set -eu"});
}

TEST_CASE("faces: no comment of a script can be broken out of", "[faces]") {
  auto diagnosis = hostile();
  diagnosis.results[0].finding.remedy->commands = {"two\nlines", "a\rb"};
  auto script = diagnosis_script(diagnosis, "1");
  CHECK(commands_of(script) == std::vector<std::string>{"set -eu", "a\rb"});
  diagnosis.results[0].finding.remedy->commands = {};
  script = diagnosis_script(diagnosis, "1");
  CHECK(commands_of(script) == std::vector<std::string>{"set -eu"});
  CHECK(syntax(script) == 0);
}

TEST_CASE("faces: the list of checks", "[faces]") {
  auto text = list_checks();
  auto json = nlohmann::json::parse(list_checks_json());
  REQUIRE(json.size() == checks().size());
  CHECK(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) == checks().size());
  for (std::size_t i = 0; i < json.size(); ++i) {
    CHECK(json[i]["id"] == checks()[i].id);
    CHECK(has(text, checks()[i].id));
  }
  CHECK(json[0]["required_by"] == nlohmann::json::array({"stap"}));
}
