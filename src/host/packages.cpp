#include "host/packages.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "host/ask.h"
#include "sys/file.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostFound = 4096;
constexpr std::size_t kLongestLine = 4096;
constexpr std::size_t kLargestDatabase = 512 << 20;

/// Names that matter: no other packages of a machine are read.
constexpr std::array<std::string_view, 14> kPrefixes = {
    "linux-image-", "linux-headers",      "linux-modules-", "linux-kbuild-",  "linux-lts",
    "linux-zen",    "linux-hardened",     "linux-neptune",  "proxmox-kernel", "proxmox-headers",
    "pve-",         "raspberrypi-kernel", "systemtap",      "kernel"};
constexpr std::array<std::string_view, 3> kNames = {"linux", "gcc", "make"};

bool matters(std::string_view name) {
  // "gcc-12" of Debian, "linux66" and "linux66-headers" of Manjaro.
  auto numbered = [&](std::string_view prefix) {
    return name.starts_with(prefix) && name.size() > prefix.size() && name[prefix.size()] >= '0' &&
           name[prefix.size()] <= '9' && name.find("-base") == std::string_view::npos;
  };
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end() || numbered("gcc-") || numbered("linux") ||
         std::any_of(kPrefixes.begin(), kPrefixes.end(),
                     [&](std::string_view prefix) { return name.starts_with(prefix); });
}

Packages by_pacman(const std::vector<std::string>& names) {
  // Directories "NAME-VERSION-RELEASE".
  Packages found{"pacman", {}};
  for (const auto& name : names) {
    auto release = name.rfind('-');
    auto version = release == std::string::npos || release == 0 ? release : name.rfind('-', release - 1);
    if (version == std::string::npos || !matters(name.substr(0, version))) continue;
    found.all.push_back({name.substr(0, version), name.substr(version + 1), ""});
  }
  return found;
}

/// Copies the files of a database; returns "" or why that failed.
Phrase copy_files(const Tree& tree, const std::string& from, const std::vector<std::string>& names,
                  const std::filesystem::path& to) {
  std::size_t left = kLargestDatabase;
  for (const auto& name : names) {
    std::ofstream copy(to / name, std::ios::binary);
    auto why = read_pieces(tree, std::filesystem::path(from) / name, [&](std::string_view piece) {
      if (piece.size() > left) return false;
      left -= piece.size();
      return bool(copy.write(piece.data(), static_cast<std::streamsize>(piece.size())));
    });
    // Links and directories next to the database are no part of it.
    if (!why.empty() && why != kAbsent && why != "is a directory" && why != "not a regular file") return why;
    if (!copy || left == 0) return phrase("its copy could not be written");
  }
  return {};
}

/// rpm itself reads its database. It reads a copy of a captured tree's: rpm writes next to what it reads (rpm --root
/// creates a missing database) and would follow links out of the tree.
Fact<Packages> by_rpm(const Tree& tree, const std::string& database, const std::vector<std::string>& files) {
  auto rpm = find_program("rpm");
  if (rpm.empty())
    return unknown<Packages>(phrase("the packages are in rpm's database, and rpm is not installed here"));
  std::vector<std::string> argv = {rpm};
  std::optional<TemporaryDirectory> copy;
  if (!tree.own()) {
    auto made = TemporaryDirectory::make(std::filesystem::temp_directory_path(), "stapkill-rpm");
    if (!made) return unknown<Packages>(made.error().message);
    copy.emplace(std::move(*made));
    if (auto why = copy_files(tree, database, files, copy->path()); !why.empty()) return unknown<Packages>(why);
    argv.insert(argv.end(), {"--dbpath", copy->path().string()});
  }
  argv.insert(argv.end(),
              {"-qa", "--qf", "%{NAME} %{VERSION}-%{RELEASE} %{ARCH}\\n", "kernel*", "systemtap*", "gcc", "make"});
  auto ran = ask_run(argv, 20);
  if (!ran) return unknown<Packages>(ran.why);
  if (ran->status != 0) return unknown<Packages>("rpm: " + ran->err.substr(0, ran->err.find('\n')));
  Packages found{"rpm", {}};
  std::istringstream lines(ran->out);
  for (Package one; lines >> one.name >> one.version >> one.architecture;) found.all.push_back(one);
  // rpm treats a database that it does not understand as empty.
  if (copy && found.all.empty()) return unknown<Packages>(phrase("rpm found no packages in {}", database));
  return known(std::move(found));
}

/// Packages guessed from directories: "kernel-devel" for /usr/src/kernels/R, "systemtap" for its documentation's
/// directory.
Packages by_files(const Tree& tree) {
  Packages found{"files", {}};
  struct Row {
    std::string_view folder, prefix, package;
  };
  constexpr std::array<Row, 4> kRows = {{{"/usr/src/kernels", "", "kernel-devel"},
                                         {"/usr/src", "linux-headers-", "linux-headers-"},
                                         {"/usr/lib/debug/lib/modules", "", "kernel-debuginfo"},
                                         {"/usr/share/doc", "systemtap-", "systemtap"}}};
  for (const auto& row : kRows) {
    auto names = ask_list(tree, std::string(row.folder));
    if (!names) continue;
    for (const auto& name : *names) {
      if (!name.starts_with(row.prefix)) continue;
      auto rest = name.substr(row.prefix.size());
      if (row.package == "systemtap") {  // "systemtap-client-4.0", "systemtap-4.0"
        rest = rest.substr(rest.rfind('-') + 1);
        if (rest.empty() || rest[0] < '0' || rest[0] > '9') continue;
      }
      std::string package(row.package);
      if (package.ends_with('-')) package += rest;
      found.all.push_back({package, rest, ""});
    }
  }
  return found;
}

}  // namespace

void DpkgStatus::take(std::string_view piece) {
  while (!piece.empty()) {
    auto end = piece.find('\n');
    // Keeps the same beginning of a line that is too long, however the text is split.
    partial_ += piece.substr(0, std::min(end, kLongestLine - partial_.size()));
    if (end == std::string_view::npos) return;
    line(partial_);
    partial_.clear();
    piece.remove_prefix(end + 1);
  }
}

void DpkgStatus::line(std::string_view text) {
  if (text.empty()) return paragraph();
  auto value = [&](std::string_view name, std::string& field) {
    if (text.starts_with(name)) field = text.substr(std::min(text.size(), text.find_first_not_of(' ', name.size())));
  };
  value("Package:", package_.name);
  value("Version:", package_.version);
  value("Architecture:", package_.architecture);
  value("Status:", status_);
}

void DpkgStatus::paragraph() {
  if (status_.ends_with(" installed") && matters(package_.name) && found_.size() < kMostFound) {
    found_.push_back(package_);
  }
  package_ = {};
  status_.clear();
}

std::vector<Package> DpkgStatus::finish() {
  if (!partial_.empty()) line(partial_);
  partial_.clear();
  paragraph();
  return std::move(found_);
}

Fact<Packages> ask_packages(const Tree& tree) {
  DpkgStatus status;
  auto why = read_pieces(tree, "/var/lib/dpkg/status", [&](std::string_view piece) {
    status.take(piece);
    return true;
  });
  auto by_dpkg = status.finish();
  // A machine of another family may have dpkg for other uses, with an empty status.
  if (why.empty() && !by_dpkg.empty()) return known(Packages{"dpkg", std::move(by_dpkg)});
  if (auto names = ask_list(tree, "/var/lib/pacman/local")) return known(by_pacman(*names));
  for (const char* database : {"/var/lib/rpm", "/usr/lib/sysimage/rpm"}) {
    auto files = ask_list(tree, database);
    if (!files || files->empty()) continue;
    auto found = by_rpm(tree, database, *files);
    if (found) return found;
    auto guessed = by_files(tree);
    return guessed.all.empty() ? unknown<Packages>(found.why) : known(std::move(guessed));
  }
  if (why.empty()) return known(Packages{"dpkg", {}});
  auto guessed = by_files(tree);
  if (why != kAbsent && guessed.all.empty()) return unknown<Packages>(phrase("{}: {}", "/var/lib/dpkg/status", why));
  return known(std::move(guessed));
}

std::string version_of(const Packages& packages, std::string_view name) {
  for (const auto& package : packages.all) {
    if (package.name == name) return package.version;
  }
  return {};
}

std::string upstream_version(std::string version) {
  if (auto colon = version.find(':'); colon != std::string::npos) version.erase(0, colon + 1);
  return version.substr(0, version.find('-'));
}

}  // namespace stapkill
