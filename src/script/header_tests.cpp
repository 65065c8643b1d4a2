#include "script/header_tests.h"

#include "base/text.h"
#include "script/compat_files.h"

namespace stapkill {
namespace {

constexpr char kScript[] = "header_test.sh";

/// The precompiled headers take 60 MiB while a module is compiled (gcc 12, Linux 6.1): they must not fill a disk.
constexpr std::uintmax_t kLeastFree = 512 << 20;

/// What is the same in all known versions: the flags in the middle of the command.
constexpr char kKernelFlags[] = "$(LINUXINCLUDE) $(_KBUILD_CFLAGS) $(CFLAGS_KERNEL) $(";

/// The ways in which the versions begin that command.
struct Beginning {
  std::string_view in_translator;
  std::string_view flags;
};

constexpr Beginning kBeginnings[] = {
    {"CHECK_BUILD := $(CC) $(NOSTDINC_FLAGS) $(KBUILD_CPPFLAGS) $(CPPFLAGS) ", ""},
    {"CHECK_BUILD := $(CC) -DMODULE $(NOSTDINC_FLAGS) $(KBUILD_CPPFLAGS) $(CPPFLAGS) ", "-DMODULE "},
};

/// A flag that some versions add.
constexpr char kPrototypes[] = "-Wmissing-prototypes ";

}  // namespace

Result<std::vector<std::string>> header_test_arguments(Facts& facts, const SystemTap& systemtap,
                                                       const std::filesystem::path& directory) {
  auto says = [&](std::string_view text) {
    return facts.holds(systemtap.stap, std::string(text)).value.value_or(false);
  };
  // Make and the shell split the command at blanks.
  if (shell_word(directory.string()) != directory.string() || !says(kKernelFlags)) return std::vector<std::string>();
  for (const auto& beginning : kBeginnings) {
    if (!says(beginning.in_translator)) continue;
    TRY_ASSIGN(auto script, put_compat_file(directory, kScript));
    std::error_code error;
    if (std::filesystem::space(directory, error).available < kLeastFree || error) break;
    // Make expands it where stap's Makefile uses it; $(EXTRA_CFLAGS), empty in stap's own, is not empty there.
    return std::vector<std::string>{
        "-B", "CHECK_BUILD=sh " + script.string() + " $(CC) " + std::string(beginning.flags) +
                  "$(NOSTDINC_FLAGS) $(KBUILD_CPPFLAGS) $(CPPFLAGS) $(LINUXINCLUDE) $(_KBUILD_CFLAGS) "
                  "$(CFLAGS_KERNEL) $(CFLAGS) -DKBUILD_BASENAME=\\\"stapkill\\\" " +
                  (says(kPrototypes) ? kPrototypes : "") + "-Werror -fsyntax-only -xc"};
  }
  return std::vector<std::string>();
}

}  // namespace stapkill
