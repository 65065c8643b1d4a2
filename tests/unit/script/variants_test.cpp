#include "script/variants.h"

#include <sstream>

#include "catch.h"
#include "base/resources.h"
#include "temporary.h"

using namespace stapkill;

namespace {

struct Headers {
  Temporary root;
  KernelBuild kernel;
  Headers() { kernel.build = kernel.source = root / "headers"; }
  Headers& header(std::string_view name, std::string_view text) {
    root.write("headers/include/" + std::string(name), text);
    return *this;
  }
  std::vector<std::string> arguments() const { return variant_arguments(*Facts::live(), kernel); }
};

}  // namespace

TEST_CASE("variants: a process's directories are locked by what the headers say", "[variants]") {
  Headers of_old, of_new;
  of_old.header("linux/fs_struct.h", "struct fs_struct {\n\tspinlock_t lock;\n\tseqcount_spinlock_t seq;\n};\n");
  CHECK(of_old.arguments().empty());
  of_new.header("linux/fs_struct.h", "struct fs_struct {\n\tint users;\n\tseqlock_t seq;\n\tint umask;\n};\n");
  CHECK(of_new.arguments() == std::vector<std::string>{"-DSK_HAVE_FS_SEQLOCK=1"});
}

TEST_CASE("variants: only the watch module's C is chosen by them", "[variants]") {
  CHECK(asks_for_variants(resource("tapsets/capture.stp")));
  CHECK_FALSE(asks_for_variants(resource("templates/exec-snoop.stp")));
}

TEST_CASE("variants: every macro that the C asks for has a row, and every row is asked for", "[variants]") {
  auto code = std::string(resource("tapsets/capture.stp")), rows = variants_text();
  for (std::size_t at = code.find("SK_HAVE_"); at != std::string::npos; at = code.find("SK_HAVE_", at + 1)) {
    auto end = code.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", at);
    auto macro = code.substr(at, end - at);
    if (macro == "SK_HAVE_") continue;  // of a comment
    CHECK(rows.find(macro + '\n') != std::string::npos);
  }
  std::istringstream lines(rows);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("SK_")) CHECK(code.find(line) != std::string::npos);
  }
}

TEST_CASE("variants: without headers there is none", "[variants]") {
  Headers none;
  CHECK(none.arguments().empty());
}

TEST_CASE("variants: each row has another text, which is part of a module's key", "[variants]") {
  CHECK(variants_text().find("SK_HAVE_FS_SEQLOCK\nlinux/fs_struct.h has seqlock_t seq;\n") != std::string::npos);
}
