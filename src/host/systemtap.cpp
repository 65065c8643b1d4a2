#include "host/systemtap.h"

#include <sys/utsname.h>

#include <cstdlib>
#include <filesystem>

#include "sys/file.h"

namespace stapkill {
namespace fs = std::filesystem;
namespace {

std::string program(const char* variable, std::string_view name) {
  const char* given = std::getenv(variable);
  return given && *given ? std::string(given) : find_program(name);
}

struct PackageHint {
  std::string_view distribution, stap, headers;  // {R} is the release
};
constexpr PackageHint kHints[] = {
    {"debian", "apt install systemtap", "apt install linux-headers-{R}"},
    {"ubuntu", "apt install systemtap", "apt install linux-headers-{R}"},
    {"fedora", "dnf install systemtap", "dnf install kernel-devel-{R}"},
    {"centos", "yum install systemtap", "yum install kernel-devel-{R}"},
    {"rhel", "dnf install systemtap", "dnf install kernel-devel-{R}"},
    {"rocky", "dnf install systemtap", "dnf install kernel-devel-{R}"},
    {"almalinux", "dnf install systemtap", "dnf install kernel-devel-{R}"},
    {"amzn", "dnf install systemtap", "dnf install kernel-devel-{R}"},
    {"arch", "pacman -S systemtap", "pacman -S linux-headers"},
    {"opensuse-leap", "zypper install systemtap", "zypper install kernel-default-devel"},
    {"", "install the systemtap package", "install the headers (kernel-devel) package of kernel {R}"},
};

const PackageHint& hint() {
  auto id = distribution_id();
  for (const auto& row : kHints) {
    if (row.distribution == id) return row;
  }
  return std::end(kHints)[-1];
}

}  // namespace

std::string running_kernel() {
  if (const char* given = std::getenv("STAPKILL_KERNEL"); given && *given) return given;
  utsname name{};
  ::uname(&name);
  return name.release;
}

std::string distribution_id() {
  auto text = read_file("/etc/os-release").value_or("");
  std::size_t at = text.rfind("ID=", 0) == 0 ? 0 : text.find("\nID=");
  if (at == std::string::npos) return "linux";
  at = text.find('=', at) + 1;
  std::string id = text.substr(at, text.find('\n', at) - at);
  std::erase(id, '"');
  return id;
}

Result<SystemTap> find_systemtap() {
  SystemTap found;
  found.stap = program("STAPKILL_STAP", "stap");
  found.staprun = program("STAPKILL_STAPRUN", "staprun");
  std::error_code error;
  if (found.stap.empty() || !fs::exists(found.stap, error)) {
    return fail("SystemTap is not installed: there is no stap on PATH", std::string(hint().stap), "stap.present");
  }
  const char* runtime = std::getenv("SYSTEMTAP_RUNTIME");
  found.runtime = runtime && *runtime ? runtime : "/usr/share/systemtap/runtime";
  found.stamp = file_stamp(found.stap);
  return found;
}

Result<KernelBuild> find_kernel_build(const std::string& release) {
  KernelBuild found;
  found.release = release;
  fs::path modules =
      fs::path(std::getenv("STAPKILL_MODULES") ? std::getenv("STAPKILL_MODULES") : "/lib/modules") / release;
  std::error_code error;
  auto build = fs::canonical(modules / "build", error);
  if (error || !fs::exists(build / "Module.symvers", error)) {
    std::string remedy(hint().headers);
    if (auto at = remedy.find("{R}"); at != std::string::npos) remedy.replace(at, 3, release);
    return fail("the headers of kernel " + release + " are not installed (" + (modules / "build").string() + ")",
                remedy, "kernel.build");
  }
  found.build = build;
  auto source = fs::canonical(modules / "source", error);
  found.source = error ? found.build : source.string();
  if (!fs::exists(found.source + "/include/linux/sched.h", error)) found.source = found.build;
  found.stamp = file_stamp(build / "Module.symvers") + ' ' + file_stamp(build / ".config");
  return found;
}

}  // namespace stapkill
