#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/systemtap.h"

namespace stapkill {

/// A piece of the kernel's interface that is not the same in all kernels: tapsets/capture.stp chooses its code by the
/// macro.
struct Variant {
  std::string_view macro;  ///< "SK_HAVE_FS_SEQLOCK", defined where the headers have it
  std::string_view what;   ///< for people: "struct fs_struct has a sequence lock"
};

/// Which of them these headers have, judged by their text, never by version numbers.
std::vector<Variant> find_variants(Facts& facts, const KernelBuild& kernel);

/// The same as arguments of stap: "-DSK_HAVE_…=1", which it writes to the top of the module's C.
std::vector<std::string> variant_arguments(Facts& facts, const KernelBuild& kernel);

/// The table as text: a module that was compiled by another table is another module.
std::string variants_text();

}  // namespace stapkill
