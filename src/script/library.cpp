#include "script/library.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <set>

#include "base/nearest.h"
#include "sys/fd.h"

namespace stapkill {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kEnding = ".stp";
constexpr std::size_t kMostTemplates = 1000;                // in one directory
constexpr std::size_t kLongestName = 255 - kEnding.size();  // NAME_MAX
constexpr std::size_t kMostNear = 3;

struct Close {
  using pointer = DIR*;
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, Close>;

/// Whether a template can have this name: not an option, not a hidden file, not more than a line on a terminal.
bool is_name(std::string_view name) {
  auto control = [](unsigned char c) { return c < ' ' || c == 0x7f; };
  return !name.empty() && name.size() <= kLongestName && name.front() != '-' && name.front() != '.' &&
         name.find('/') == std::string_view::npos && std::none_of(name.begin(), name.end(), control);
}

tl::unexpected<Error> refuse(const fs::path& path, const Phrase& why, const Phrase& remedy) {
  return fail(phrase("{} is refused as a place of templates: {}", path.string(), why), remedy, "template.place");
}

/// Refuses places that others can write to: a template there could load any code into the kernel. `sticky`: a sticky
/// directory (/tmp) is accepted, because users cannot replace each other's entries in it.
Result<void> check_owner(const fs::path& path, const struct stat& info, bool sticky) {
  if (info.st_uid != 0 && info.st_uid != ::geteuid()) {
    return refuse(path, phrase("it belongs to user {}, neither root nor you", info.st_uid),
                  phrase("chown it to the user that runs stapkill, or name another directory with --template-dir"));
  }
  bool open = (info.st_mode & (S_IWGRP | S_IWOTH)) != 0;
  if (open && !(sticky && (info.st_mode & S_ISVTX) != 0))
    return refuse(path, phrase("others can write to it"), "chmod go-w " + path.string());
  return {};
}

/// Opens a directory of templates, after checking it and all directories above it.
Result<Directory> open_directory(const fs::path& path) {
  if (path.empty()) return usage_error(phrase("--template-dir expects a directory, not ''"));
  std::error_code error;
  auto real = fs::canonical(path, error);
  if (error == std::errc::no_such_file_or_directory)
    return usage_error(phrase("there is no directory {}", path.string()), phrase("--template-dir expects one"));
  if (error == std::errc::not_a_directory || (!error && !fs::is_directory(real, error)))
    return usage_error(phrase("{} is not a directory", path.string()), phrase("--template-dir expects one"));
  if (error) return fail(phrase("cannot look for templates in {}: {}", path.string(), error.message()));
  struct stat info {};
  for (auto above = real.parent_path();; above = above.parent_path()) {
    if (::stat(above.c_str(), &info) != 0) return refuse(above, std::strerror(errno), "");
    TRY(check_owner(above, info, true));
    if (above == above.root_path()) break;
  }
  int fd = ::open(real.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return fail(phrase("cannot look for templates in {}: {}", path.string(), std::strerror(errno)));
  Directory directory(::fdopendir(fd));
  if (::fstat(fd, &info) != 0) return refuse(real, std::strerror(errno), "");
  TRY(check_owner(real, info, false));
  return directory;
}

Result<std::string> read_all(int fd, const fs::path& path) {
  std::string text(kLargestTemplate + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    auto got = ::read(fd, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(phrase("cannot read {}: {}", path.string(), std::strerror(errno)));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kLargestTemplate)
    return refuse(path, phrase("it is larger than 256 KiB"), phrase("a template is a script"));
  text.resize(size);
  return text;
}

/// Reads one template. ErrorKind::not_found when the directory has none of that name.
Result<Template> read_template(DIR* directory, const fs::path& folder, std::string_view name) {
  auto file_name = std::string(name) + std::string(kEnding);
  auto path = folder / file_name;
  Fd file(::openat(::dirfd(directory), file_name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file && errno == ENOENT) return fail(phrase("no {}", path.string()), {}, "template.none", ErrorKind::not_found);
  if (!file && errno == ELOOP) return refuse(path, phrase("it is a symbolic link"), phrase("copy the file there"));
  if (!file) return fail(phrase("cannot read {}: {}", path.string(), std::strerror(errno)));
  struct stat info {};
  if (::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode))
    return refuse(path, phrase("it is not a regular file"), "");
  TRY(check_owner(path, info, false));
  TRY_ASSIGN(auto text, read_all(file.get(), path));
  auto source = parse_template(std::string(name), text, path.string());
  if (source) source->file = path.string();
  return source;
}

Result<std::vector<std::string>> names_in(DIR* directory, const fs::path& folder) {
  std::vector<std::string> names;
  while (const auto* entry = ::readdir(directory)) {
    std::string_view file = entry->d_name;
    if (!file.ends_with(kEnding) || !is_name(file.substr(0, file.size() - kEnding.size()))) continue;
    names.emplace_back(file.substr(0, file.size() - kEnding.size()));
    if (names.size() > kMostTemplates)
      return refuse(folder, phrase("it holds more than 1000 templates"),
                    phrase("name a smaller one with --template-dir"));
  }
  return names;
}

}  // namespace

std::vector<fs::path> template_directories(const std::vector<std::string>& given) {
  std::vector<fs::path> directories(given.begin(), given.end());
  const char* data = std::getenv("XDG_DATA_HOME");
  const char* home = std::getenv("HOME");
  // A relative path must be ignored (XDG Base Directory Specification).
  fs::path base = data && *data == '/' ? fs::path(data) : home && *home == '/' ? fs::path(home) / ".local/share" : "";
  std::error_code error;
  if (!base.empty() && fs::is_directory(base / "stapkill/templates", error))
    directories.push_back(base / "stapkill/templates");
  return directories;
}

Result<Template> find_template(const std::vector<fs::path>& directories, std::string_view name) {
  std::set<std::string> names;
  for (const auto& folder : directories) {
    TRY_ASSIGN(auto directory, open_directory(folder));
    if (is_name(name)) {
      auto source = read_template(directory.get(), folder, name);
      if (source || source.error().kind != ErrorKind::not_found) return source;
    }
    if (auto others = names_in(directory.get(), folder)) names.insert(others->begin(), others->end());
  }
  if (auto embedded = find_template(name)) return **embedded;
  NearestNames nearest(name, kMostNear);
  std::string all, near;
  for (const auto& source : templates()) names.insert(source.name);
  for (const auto& each : names) {
    nearest.consider(each);
    all += (all.empty() ? "" : ", ") + each;
  }
  for (const auto& each : nearest.names()) near += (near.empty() ? "" : ", ") + each;
  return usage_error(
      phrase("there is no template '{}'", name),
      near.empty() ? phrase("the templates are {}", all) : phrase("near: {}; the templates are {}", near, all));
}

TemplateList list_templates(const std::vector<fs::path>& directories) {
  TemplateList list;
  std::map<std::string, Template> found;
  for (const auto& folder : directories) {
    auto directory = open_directory(folder);
    auto names = directory.and_then([&](const Directory& open) { return names_in(open.get(), folder); });
    if (!names) {
      list.broken.push_back(names.error());
      continue;
    }
    for (const auto& name : *names) {
      if (found.count(name)) continue;
      auto source = read_template(directory->get(), folder, name);
      if (source) {
        found.emplace(name, std::move(*source));
      } else {
        list.broken.push_back(source.error());
      }
    }
  }
  for (const auto& source : templates()) found.emplace(source.name, source);
  for (auto& [name, source] : found) list.found.push_back(std::move(source));
  return list;
}

}  // namespace stapkill
