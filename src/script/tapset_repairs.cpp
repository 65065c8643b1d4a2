#include "script/tapset_repairs.h"

#include <map>
#include <string_view>

#include "sys/file.h"

namespace stapkill {
namespace fs = std::filesystem;
namespace {

/// A tapset file that does not fit the kernel of its own distribution.
struct Repair {
  std::string_view file;    ///< below the tapset directory
  std::string_view lacks;   ///< text of a file that needs no repair
  std::string_view broken;  ///< text to replace, once in the file
  std::string_view mended;
};

constexpr Repair kRepairs[] = {
    // Linux 5.5 renamed task_struct's real_start_time to start_boottime (include/linux/sched.h). SystemTap knows the
    // new name in task_start_time, which task_ancestry calls, since 5.0 (tapset/linux/task_time.stp).
    {"linux/task_time.stp", "start_boottime", "return task->real_start_time\n",
     "return @defined(@task(0)->real_start_time) ? task->real_start_time : task->start_boottime\n"},
};

/// The text of a file after its repairs; none when it needs none.
std::string mended(const fs::path& tapset, const Repair& repair) {
  auto text = read_file(tapset / repair.file).value_or("");
  auto at = text.find(repair.broken);
  if (at == std::string::npos || text.find(repair.lacks) != std::string::npos) return {};
  return text.replace(at, repair.broken.size(), repair.mended);
}

/// Links to all entries of a directory; a folder that holds a repaired file becomes a folder of links itself.
void link_tapset(const fs::path& from, const fs::path& to, const std::map<fs::path, std::string>& files,
                 const fs::path& below) {
  fs::create_directories(to);
  for (const auto& entry : fs::directory_iterator(from)) {
    auto name = entry.path().filename(), path = below / name;
    bool holds = entry.is_directory() && files.lower_bound(path / "") != files.end() &&
                 files.lower_bound(path / "")->first.string().starts_with(path.string() + "/");
    if (holds) {
      link_tapset(entry.path(), to / name, files, path);
    } else if (files.find(path) == files.end()) {
      fs::create_symlink(entry.path(), to / name);
    }
  }
}

}  // namespace

Result<bool> mend_tapset(const fs::path& tapset, const fs::path& place) {
  std::map<fs::path, std::string> files;
  for (const auto& repair : kRepairs) {
    if (auto text = mended(tapset, repair); !text.empty()) files.emplace(repair.file, std::move(text));
  }
  if (files.empty()) return false;
  try {
    link_tapset(tapset, place, files, {});
    for (const auto& [file, text] : files) {
      TRY(write_file_atomically(place / file, text));
    }
  } catch (const fs::filesystem_error& error) {
    return fail(phrase("cannot repair SystemTap's tapsets: {}", error.what()));
  }
  return true;
}

}  // namespace stapkill
