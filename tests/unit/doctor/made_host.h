#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "catch.h"
#include "doctor/check.h"
#include "host/ask.h"
#include "script/shims.h"
#include "temporary.h"

/// A host made for a test: a captured tree (write), or what a saved file of facts says (say).
struct MadeHost {
  std::shared_ptr<Temporary> held = std::make_shared<Temporary>();
  const Temporary& root = *held;
  nlohmann::json facts = nlohmann::json::object();
  std::string id = "debian", release = "6.1.0-56-amd64";
  stapkill::Uname name{release, "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-10-01)", "x86_64"};
  bool running = true, deep = false;
  stapkill::Shims shims = stapkill::Shims::apply;
  stapkill::Smoke* smoke = nullptr;
  std::optional<std::string> systemtap;

  MadeHost& write(const std::string& path, std::string_view text = "") {
    root.write("tree/" + path, text);
    return *this;
  }
  MadeHost& program(const std::string& path, std::string_view text = "") {
    std::filesystem::permissions(root.write("tree/" + path, text), std::filesystem::perms::owner_all);
    return *this;
  }
  MadeHost& link(const std::string& target, const std::string& path) {
    auto place = root / ("tree/" + path);
    std::filesystem::create_directories(place.parent_path());
    std::filesystem::create_symlink(target, place);
    return *this;
  }
  MadeHost& say(const std::string& kind, const std::string& about, const nlohmann::json& value) {
    facts[kind][about] = {{"is", value}};
    return *this;
  }
  MadeHost& deny(const std::string& kind, const std::string& about, std::string_view why = stapkill::kAbsent) {
    facts[kind][about] = {{"why", why}};
    return *this;
  }
  MadeHost& file(const std::string& path, const std::string& text) { return say("file", path, text); }
  MadeHost& identity(int uid, std::uint64_t capabilities, const std::vector<std::string>& groups = {}) {
    return say("identity", "", {{"uid", uid}, {"groups", groups}, {"capabilities", capabilities}});
  }

  std::shared_ptr<stapkill::Facts> ask() const {
    std::filesystem::create_directories(root / "tree");
    if (facts.empty()) return *stapkill::Facts::below((root / "tree").string());
    auto path = root.write("facts", nlohmann::json{{"schema", "stapkill.facts/1"}, {"facts", facts}}.dump());
    return *stapkill::Facts::load(path.string());
  }
  stapkill::CheckOutcome check(stapkill::CheckOutcome (*examine)(const stapkill::Host&)) const {
    auto asked = ask();
    stapkill::Distribution distribution;
    distribution.id = id;
    stapkill::Host host{*asked, distribution, name, release};
    host.running = running;
    host.shims = shims;
    host.deep = deep;
    host.smoke = smoke;
    host.systemtap = systemtap;
    return examine(host);
  }
};

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// "fail", so that a test shows the word.
inline std::string word(const stapkill::CheckOutcome& finding) {
  return std::string(stapkill::name_of(finding.status));
}
