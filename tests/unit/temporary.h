#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "catch.h"
#include "sys/file.h"

/// A directory for one test, gone with it.
class Temporary {
 public:
  Temporary() : made_(stapkill::TemporaryDirectory::make(std::filesystem::temp_directory_path(), "stapkill-unit")) {
    REQUIRE(made_.has_value());
  }
  const std::filesystem::path& path() const { return made_->path(); }
  std::filesystem::path operator/(std::string_view name) const { return path() / name; }

  /// Makes a file and the directories above it.
  std::filesystem::path write(std::string_view name, std::string_view text) const {
    auto file = path() / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary).write(text.data(), static_cast<std::streamsize>(text.size()));
    return file;
  }

 private:
  stapkill::Result<stapkill::TemporaryDirectory> made_;
};
