#pragma once

#include "host/fact.h"
#include "host/tree.h"

namespace stapkill {

/// The installed packages of kernels, their headers and debuginfo, and of SystemTap: from dpkg's status, pacman's local
/// database, rpm (the program, where it is installed), else from directories and their names.
Fact<Packages> ask_packages(const Tree& tree);

/// A package's version, "" when it is not installed.
std::string version_of(const Packages& packages, std::string_view name);

/// "4.8" of "4.8-2", of "1:4.0-11.el7".
std::string upstream_version(std::string version);

/// Parses dpkg's /var/lib/dpkg/status; takes text in pieces of any size.
class DpkgStatus {
 public:
  void take(std::string_view piece);
  std::vector<Package> finish();

 private:
  void line(std::string_view text);
  void paragraph();
  std::string partial_, status_;
  Package package_;
  std::vector<Package> found_;
};

}  // namespace stapkill
