// Input: any bytes, as files that doctor reads: os-release, kernel config, dpkg's status, ELF files and notes, gzip,
// mountinfo.
#include <fcntl.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "backend/stack_lines.h"
#include "check.h"
#include "host/ask.h"
#include "host/bash.h"
#include "host/distribution.h"
#include "host/elf.h"
#include "host/kernel.h"
#include "host/packages.h"
#include "host/remedies.h"
#include "host/systemtap.h"
#include "sys/file.h"
#include "sys/local_files.h"
#include "verdict/calls.h"

using namespace stapkill;

namespace {

const std::string& scratch() {
  static const auto made = TemporaryDirectory::make(std::filesystem::temp_directory_path(), "stapkill-fuzz");
  static const std::string path = made->path().string();
  return path;
}

std::vector<Package> packages_of(std::string_view text, std::size_t piece) {
  DpkgStatus status;
  for (std::size_t at = 0; at < text.size(); at += piece) status.take(text.substr(at, piece));
  return status.finish();
}

void check_distribution(const std::string& text) {
  auto found = parse_os_release(text);
  FUZZ_CHECK(!found.id.empty());
  for (const char* need : {"systemtap", "headers", "debuginfo", "debuginfo-match", "compiler"}) {
    auto remedy = remedy_for(need, found, {{"release", text}, {"build", text}, {"compiler", text}});
    FUZZ_CHECK(!remedy.text.empty());
    for (const auto& command : remedy.commands) {
      FUZZ_CHECK(command.find_first_of("\n\r\x1b`!#*\\?") == std::string::npos || command.find("printf") == 0);
      FUZZ_CHECK(command.find_first_of("\n\r\x1b`!#") == std::string::npos);
    }
  }
}

void check_versions(std::string_view text) {
  auto half = text.substr(0, text.size() / 2), other = text.substr(text.size() / 2);
  auto sign = [](int order) { return order < 0 ? -1 : order > 0; };
  FUZZ_CHECK(sign(compare_versions(half, other)) == -sign(compare_versions(other, half)));
  FUZZ_CHECK(compare_versions(text, text) == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  check_distribution(text);
  check_versions(text);
  for (const auto& [name, value] : parse_kernel_config(text)) FUZZ_CHECK(name.starts_with("CONFIG_"));
  auto whole = packages_of(text, size + 1);
  for (std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{64}}) {
    auto cut = packages_of(text, piece);
    FUZZ_CHECK(cut.size() == whole.size());
    for (std::size_t i = 0; i < cut.size(); ++i)
      FUZZ_CHECK(cut[i].name == whole[i].name && cut[i].version == whole[i].version);
  }
  FUZZ_CHECK(build_id_of_notes(text).size() <= 2 * size);
  (void)parse_systemtap_version(text);
  (void)newest_kernel_of(text);
  (void)build_version({text, text, text});

  FUZZ_CHECK(write_file_atomically(scratch() + "/file", text).has_value());
  Tree tree(scratch());
  auto id = ask_build_id(tree, "/file");
  FUZZ_CHECK(!id || (!id->empty() && id->find_first_not_of("0123456789abcdef") == std::string::npos));
  (void)ask_debug_info(tree, "/file");
  Fd program(::open((scratch() + "/file").c_str(), O_RDONLY | O_CLOEXEC));
  auto layout = bash_layout(program.get());
  FUZZ_CHECK(!layout || size > 64);
  StackRequest request;
  std::vector<Frame> frames;
  if (parse_lines(text, request)) {
    StackRequest again;
    FUZZ_CHECK(parse_lines(lines_of(request), again) && again.stack == request.stack);
  }
  if (parse_lines(text, frames)) (void)main_calls(frames);
  FUZZ_CHECK(short_function(text).size() <= size);
  for (const auto& mount : mounts_in(text)) FUZZ_CHECK(mount.type.find_first_of(" \n") == std::string_view::npos);
  auto unpacked = ask_unpacked(tree, "/file");
  FUZZ_CHECK(!unpacked || unpacked->size() < (5 << 20));
  FUZZ_CHECK(ask_file(tree, "/file").value == text);
  return 0;
}
