#include "script/compat_files.h"

#include "base/resources.h"
#include "sys/file.h"

namespace stapkill {

Result<std::filesystem::path> put_compat_file(const std::filesystem::path& directory, const std::string& name) {
  for (const auto& place : {directory.parent_path(), directory}) {
    TRY(make_private_directory(place));
  }
  auto text = resource("tapsets/compat/" + name);
  auto path = directory / name;
  // stap's own cache depends on the file's time.
  if (read_file(path) != text) {
    TRY(write_file_atomically(path, text));
  }
  return path;
}

}  // namespace stapkill
