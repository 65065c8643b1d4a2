#include "sys/unprivileged.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "sys/fd.h"
#include "sys/file.h"

namespace stapkill {
namespace {

bool limit(int what, rlim_t most) {
  rlimit value{most, most};
  return ::setrlimit(static_cast<__rlimit_resource_t>(what), &value) == 0;
}

}  // namespace

bool give_up_privileges(const UnprivilegedLimits& limits) {
  bool limited = limit(RLIMIT_AS, limits.memory) && limit(RLIMIT_CPU, limits.seconds) &&
                 limit(RLIMIT_FSIZE, limits.file_size) && limit(RLIMIT_CORE, 0) &&
                 ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
  if (!limited) return false;
  if (::geteuid() != 0) return true;
  // Others in a user namespace may lack the right to drop groups; then there are none of the host's.
  (void)::setgroups(0, nullptr);
  return ::setresgid(kNobody, kNobody, kNobody) == 0 && ::setresuid(kNobody, kNobody, kNobody) == 0 &&
         ::setresuid(0, 0, 0) != 0;
}

Result<void> make_directory_of_nobody(const std::string& path) {
  TRY(make_private_directory(std::filesystem::path(path).parent_path()));
  (void)::mkdir(path.c_str(), 0700);
  Fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat info {};
  bool own =
      directory && ::fstat(directory.get(), &info) == 0 && (info.st_uid == ::geteuid() || info.st_uid == kNobody);
  if (!own)
    return fail(phrase("cannot use the directory {}", path), phrase("remove it, or name another with STAPKILL_CACHE"));
  bool given = ::geteuid() != 0 || ::fchown(directory.get(), kNobody, kNobody) == 0;
  if (!given || ::fchmod(directory.get(), 0700) != 0) return fail(phrase("cannot change the owner of {}", path));
  return {};
}

}  // namespace stapkill
