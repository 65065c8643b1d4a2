#include "script/variants.h"

#include "catch.h"
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

TEST_CASE("variants: without headers there is none", "[variants]") {
  Headers none;
  CHECK(none.arguments().empty());
}

TEST_CASE("variants: the text tells rows apart, it is part of a module's key", "[variants]") {
  CHECK(variants_text().find("SK_HAVE_FS_SEQLOCK\nlinux/fs_struct.h has seqlock_t seq;\n") != std::string::npos);
}
