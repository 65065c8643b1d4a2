#include "host/remedies.h"

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>
#include <sstream>

#include "catch.h"
#include "host/ask.h"
#include "host/remedy_rows.h"
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
    add("ol", {"7.9", "8"}, {"fedora"});
    add("anolis", {"7.9", "8.8"}, {"rhel", "fedora", "centos"});
    add("tencentos", {"2.4", "4.0"}, {"rhel", "fedora", "centos"});
    for (const char* id : {"openEuler", "kylin", "uos", "Deepin", "azurelinux", "photon", "alpine", "gentoo", "nixos",
                           "flatcar", "bottlerocket", "cos", "talos", "sl-micro"})
      add(id, {"1"});
    for (const char* id : {"manjaro", "steamos"}) add(id, {""}, {"arch"});
    add("raspbian", {"11", "12"}, {"debian"});
    add("linux", {""});
    for (const char* manager : {"apt-get", "dnf", "yum", "tdnf", "zypper", "transactional-update", "rpm-ostree",
                                "pacman", "apk", "xbps-install", "emerge", "no-such-manager"})
      made.push_back({"unheard-of", {}, "1", "code", "unheard-of", manager});
    return made;
  }();
  return all;
}

RemedyWords words_of_checks() {
  return {{"release", "6.1.0-56-amd64"}, {"build", "6.1.192-2"}, {"map", "/m"},
          {"next", "6.1.0-57-amd64"},    {"version", "5.5"},     {"compiler", "gcc-12"},
          {"cache", "/var/cache"}};
}

/// The characters that mean something to a shell, sorted.
std::string of_a_shell(const std::string& command) {
  std::string found;
  for (char c : command) {
    if (std::string_view("$`;|&<>'\"\\ \n*!#(){}\x1b\xff").find(c) != std::string_view::npos) found += c;
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

TEST_CASE("remedies: every need of the checks has one everywhere, with all its words", "[remedies]") {
  auto needs = needs_of_sources();
  CHECK(needs.size() > 15);
  std::set<std::string> read;  // by a shell, once each
  for (const auto& need : needs) {
    for (const auto& distribution : distributions()) {
      INFO(need << " on " << distribution.id << ' ' << distribution.version);
      auto remedy = remedy_for(need, distribution, words_of_checks());
      CHECK_FALSE(remedy.text.empty());
      CHECK(remedy.text.english().find('{') == std::string::npos);
      for (const auto& command : remedy.commands) {
        CHECK_FALSE(command.empty());
        CHECK(command.find_first_of("{}\n") == std::string::npos);
        if (!read.insert(command).second) continue;
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
  CHECK(command("ol", "7", {"fedora"}, "systemtap").starts_with("yum "));
  CHECK(command("ol", "8", {"fedora"}, "systemtap").starts_with("dnf "));
  CHECK(command("centos", "7", {"rhel"}, "systemtap-newer").starts_with("yum "));
  CHECK(command("ubuntu", "22.04", {"debian"}, "debuginfo-match") ==
        "apt-get install linux-image-6.1.0-56-amd64-dbgsym=6.1.192-2 || apt-get install "
        "linux-image-unsigned-6.1.0-56-amd64-dbgsym=6.1.192-2");
  CHECK(command("debian", "12", {}, "debuginfo-match") == "apt-get install linux-image-6.1.0-56-amd64-dbg=6.1.192-2");
  CHECK(command("ubuntu", "22.04", {"debian"}, "symbols") ==
        "apt-get install --reinstall linux-modules-6.1.0-56-amd64");
  CHECK(command("ubuntu", "16.04", {"debian"}, "symbols") == "apt-get install --reinstall linux-image-6.1.0-56-amd64");
  CHECK(command("linuxmint", "21", {"ubuntu", "debian"}, "symbols") ==
        "apt-get install --reinstall linux-modules-6.1.0-56-amd64");
  CHECK(command("openEuler", "22.03", {}, "headers") == "dnf install kernel-devel-6.1.0-56-amd64");
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
  std::set<std::string> rows;
  for (const auto& need : needs) {
    for (const auto& distribution : distributions()) {
      auto usual_words = words_of_checks();
      usual_words["release"] = "6.1.0-4x.el9-amd64";
      auto plain = remedy_for(need, distribution, usual_words);
      // Each row once: distributions share most of them.
      auto row = need + plain.text;
      for (const auto& command : plain.commands) row += '\n' + command;
      if (!rows.insert(row).second) continue;
      for (const auto& value : hostile) {
        RemedyWords words;
        for (const auto& [name, usual] : words_of_checks()) words[name] = value;
        // A release that is none of a distribution's has no packages: with the value in its middle it still is one.
        words["release"] = "6.1.0-4" + value + ".el9-amd64";
        auto other = distribution;
        other.codename = other.version = value;
        if (distribution.version.empty() || distribution.id == "debian") other.version = distribution.version;
        auto remedy = remedy_for(need, distribution, words);
        INFO(need << " on " << distribution.id << " with " << value);
        REQUIRE(remedy.commands.size() == plain.commands.size());
        for (std::size_t i = 0; i < plain.commands.size(); ++i) {
          const auto& command = remedy.commands[i];
          // As many of each character that means something to a shell as without it, and as many words.
          CHECK(of_a_shell(command) == of_a_shell(plain.commands[i]));
          if (value == "-y") CHECK(command.find(" -y") == std::string::npos);
          if (value.starts_with("--")) CHECK(command.find(" --allow") == std::string::npos);
        }
        CHECK(remedy.text.english().find('\n') == std::string::npos);
        CHECK(remedy.text.english().find('\x1b') == std::string::npos);
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

TEST_CASE("remedies: the package manager that is there counts more than the usual one", "[remedies]") {
  auto command = [](const char* id, std::vector<std::string> like, const char* manager, const char* need) {
    auto words = words_of_checks();
    words["release"] = "6.12.0-55.el10.x86_64";
    auto remedy = remedy_for(need, {id, std::move(like), "10", "", "", manager}, words);
    return remedy.commands.empty() ? std::string() : remedy.commands.front();
  };
  for (const auto& [manager, begin] :
       {std::pair{"apt-get", "apt-get install "}, std::pair{"dnf", "dnf install "}, std::pair{"yum", "yum install "},
        std::pair{"tdnf", "tdnf install "}, std::pair{"zypper", "zypper install "},
        std::pair{"transactional-update", "transactional-update pkg install "},
        std::pair{"rpm-ostree", "rpm-ostree install "}, std::pair{"emerge", "emerge --noreplace "}}) {
    INFO(manager);
    CHECK(command("unheard-of", {}, manager, "systemtap").starts_with(begin));
    CHECK(command("unheard-of", {"rhel"}, manager, "systemtap").starts_with(begin));
  }
  CHECK(command("unheard-of", {}, "", "systemtap").empty());
  CHECK(command("unheard-of", {}, "wine", "systemtap").empty());
  // Debian may have a dnf, and Fedora an apt-get: what a distribution's own rows call is its own.
  CHECK(command("fedora", {}, "yum", "compiler") == "yum install gcc make");
  // Red Hat's subscription is Red Hat's alone.
  for (const char* id : {"anolis", "alinux", "tencentos", "opencloudos", "bclinux", "rocky"}) {
    INFO(id);
    for (const auto& one :
         remedy_for("debuginfo", {id, {"rhel", "fedora", "centos"}, "8.8", "", "", "dnf"}, words_of_checks()).commands)
      CHECK(one.find("subscription-manager") == std::string::npos);
  }
  CHECK(command("rhel", {"fedora"}, "dnf", "debuginfo").starts_with("subscription-manager repos --enable rhel-10-"));
}

TEST_CASE("remedies: a kernel's own row comes before the distribution's", "[remedies]") {
  auto headers = [](const char* id, const char* version, const char* release, const char* need = "headers") {
    auto remedy = remedy_for(need, {id, {}, version, "", "", ""}, {{"release", release}});
    return remedy.commands.empty() ? std::string() : remedy.commands.back();
  };
  CHECK(headers("debian", "12", "6.8.12-4-pve") ==
        "apt-get install proxmox-headers-6.8.12-4-pve || apt-get install pve-headers-6.8.12-4-pve");
  CHECK(headers("debian", "12", "6.8.12-4-pve", "headers-again") ==
        "apt-get install --reinstall proxmox-headers-6.8.12-4-pve || apt-get install --reinstall "
        "pve-headers-6.8.12-4-pve");
  CHECK(headers("ol", "8.9", "5.15.0-202.135.2.el8uek.x86_64") ==
        "dnf install kernel-uek-devel-5.15.0-202.135.2.el8uek.x86_64");
  CHECK(headers("rhel", "9.5", "5.14.0-503.14.1.el9_5.x86_64+rt") ==
        "dnf install kernel-rt-devel-5.14.0-503.14.1.el9_5.x86_64");
  CHECK(headers("rhel", "7.9", "3.10.0-1160.rt56.1131.el7.x86_64") ==
        "yum install kernel-rt-devel-3.10.0-1160.rt56.1131.el7.x86_64");
  CHECK(headers("rocky", "9.5", "5.14.0-503.14.1.el9_5.x86_64") ==
        "dnf install kernel-devel-5.14.0-503.14.1.el9_5.x86_64");
  CHECK(headers("amzn", "2023", "6.12.35-55.103.amzn2023.x86_64") ==
        "dnf install kernel6.12-devel-6.12.35-55.103.amzn2023.x86_64");
  CHECK(headers("amzn", "2023", "6.1.112-122.189.amzn2023.x86_64") ==
        "dnf install kernel-devel-6.1.112-122.189.amzn2023.x86_64");
  CHECK(headers("steamos", "3.7", "6.11.11-valve12-1-neptune-611-g517a46b477e1") ==
        "pacman -S --needed linux-neptune-611-headers");
  CHECK(headers("manjaro", "", "6.12.1-4-MANJARO") == "pacman -Syu linux612-headers");
  CHECK(headers("mageia", "9", "6.6.43-desktop-1.mga9").empty());  // its package manager is not known here
  CHECK(headers("tencentos", "3.1", "5.4.119-19.0009.44") == "dnf install 'kernel-devel-5.4.119-19.0009.44*'");
  CHECK(headers("tencentos", "4.2", "6.6.47-12.tl4.x86_64") == "dnf install kernel-devel-6.6.47-12.tl4.x86_64");
  CHECK(headers("rhel", "9.5", "5.14.0-503.14.1.el9_5.x86_64+rt", "debuginfo") ==
        "dnf install kernel-rt-debuginfo-5.14.0-503.14.1.el9_5.x86_64");
  CHECK(headers("rocky", "9.5", "5.14.0-503.14.1.el9_5.x86_64+rt", "debuginfo") ==
        "dnf install --enablerepo='*debug*' kernel-rt-debuginfo-5.14.0-503.14.1.el9_5.x86_64");
  CHECK(headers("debian", "13", "7.0.9-x64v3-xanmod1") == "apt-get install linux-headers-7.0.9-x64v3-xanmod1");
  CHECK(headers("debian", "12", "6.5.5-2-liquorix-amd64", "debuginfo").empty());
  CHECK(headers("ubuntu", "24.04", "6.19.13-orbstack-gbd1dc07b8cf4").empty());
  CHECK(headers("ubuntu", "20.04", "4.4.0-19041-Microsoft").empty());
  CHECK(headers("void", "", "6.6.64_1") == "xbps-install -S linux6.6-headers linux6.6");
  CHECK(headers("ubuntu", "22.04", "5.15.153.1-microsoft-standard-WSL2").empty());
  CHECK(headers("debian", "12", "6.10.14-linuxkit").empty());
  // Of kernels that somebody built no repository has packages.
  CHECK(headers("debian", "12", "6.18.5").empty());
  CHECK(headers("debian", "12", "6.18.5-rc3+").empty());
  CHECK(headers("ubuntu", "22.04", "6.18.5-web1").empty());
  CHECK(headers("rocky", "9.5", "6.12.9").empty());
  CHECK(headers("debian", "12", "6.6.51+rpt-rpi-v8") == "apt-get install linux-headers-6.6.51+rpt-rpi-v8");
  CHECK(headers("debian", "12", "6.1.0-56-cloud-amd64") == "apt-get install linux-headers-6.1.0-56-cloud-amd64");
  CHECK(headers("ubuntu", "22.04", "5.15.0-1005-raspi") == "apt-get install linux-headers-5.15.0-1005-raspi");
  // Debian's own release has a plus sign too.
  CHECK(headers("debian", "13", "6.12.107+deb13-amd64") == "apt-get install linux-headers-6.12.107+deb13-amd64");
}

TEST_CASE("a remedy's text has a hole for each of its values") {
  for (auto table : {tool_remedies(), kernel_remedies(), host_remedies(), evidence_remedies()}) {
    for (const auto& row : table) {
      INFO(row.text.message);
      std::istringstream names{std::string(row.text.values)};
      std::vector<Phrase> values;
      for (std::string name; names >> name;) values.emplace_back("<" + name + ">");
      auto text = Phrase::of(row.text.message, values).english();
      CHECK(text.find_first_of("{}") == std::string::npos);
      for (const auto& value : values) CHECK(text.find(value.english()) != std::string::npos);
    }
  }
}
