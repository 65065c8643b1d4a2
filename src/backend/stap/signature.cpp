#include "backend/stap/signature.h"

#include <fstream>
#include <string_view>

namespace stapkill {
namespace {

constexpr std::string_view kMark = "~Module signature appended~\n";  // include/linux/module_signature.h

}  // namespace

bool is_signed_module(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string end(kMark.size(), '\0');
  in.seekg(-static_cast<std::streamoff>(kMark.size()), std::ios::end);
  return in.read(end.data(), static_cast<std::streamsize>(end.size())) && end == kMark;
}

std::vector<std::string> staprun_arguments(const std::string& staprun, const std::filesystem::path& module) {
  std::vector<std::string> arguments = {staprun};
  if (!is_signed_module(module)) arguments.emplace_back("-R");
  arguments.insert(arguments.end(), {"-T", "20"});
  return arguments;
}

}  // namespace stapkill
