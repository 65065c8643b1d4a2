#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/systemtap.h"

namespace stapkill {

/// A part of the kernel's interface that differs between kernels: tapsets/capture.stp chooses its code by the macro.
struct Variant {
  std::string_view macro;  ///< "SK_HAVE_FS_SEQLOCK", defined when the headers have it
  std::string_view what;   ///< for the user: "struct fs_struct has a sequence lock"
};

/// Whether a script's C depends on variants.
bool asks_for_variants(std::string_view script);

/// The variants that these headers have, judged by their text, never by version numbers.
std::vector<Variant> find_variants(Facts& facts, const KernelBuild& kernel);

/// The same as arguments for stap, which passes them to the compiler: "-DSK_HAVE_…=1".
std::vector<std::string> variant_arguments(Facts& facts, const KernelBuild& kernel);

/// The table as text, for a module's key: another table makes another module.
std::string variants_text();

}  // namespace stapkill
