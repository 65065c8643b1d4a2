// Facts that files answer.
#include "host/ask.h"

#include <dirent.h>
#include <fcntl.h>
#include <re2/re2.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "sys/file.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostNames = 65536;
constexpr std::size_t kMostUnpacked = 4 << 20;

/// "(user@host)" in /proc/version names the machine that built the kernel, which may be this host.
void redact_builder(std::string& text) {
  auto open = text.find('(');
  auto close = text.find(')', open);
  if (close == std::string::npos) return;
  if (text.substr(open, close - open).find('@') != std::string::npos) text.replace(open, close - open + 1, "(builder)");
}

/// Whether the opened file is at the path that was resolved; on this machine itself that does not matter.
bool is_at(const Tree& tree, int fd, const std::string& path) {
  if (tree.own()) return true;
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), error) == path;
}

// What the C library says of a file that cannot be read or written, in lower case.
constexpr std::string_view kUsualReasons[] = {
    msgid("permission denied"),     msgid("operation not permitted"), msgid("input/output error"),
    msgid("read-only file system"), msgid("no space left on device"), msgid("too many levels of symbolic links"),
    msgid("file name too long"),
};

}  // namespace

Phrase reason(int error) {
  if (error == ENOENT || error == ENOTDIR) return phrase_from(kAbsent);
  std::string text = std::generic_category().message(error);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
  bool usual = std::find(std::begin(kUsualReasons), std::end(kUsualReasons), text) != std::end(kUsualReasons);
  return usual ? phrase_from(text) : Phrase(text);
}

Fd open_regular(const Tree& tree, const std::string& path, Phrase& why) {
  std::string resolved;
  if (int error = tree.resolve(path, resolved)) {
    why = reason(error);
    return Fd();
  }
  struct stat info {};
  auto real = tree.outside(resolved);
  // Checked before it is opened: opening a device can have effects.
  if (::lstat(real.c_str(), &info) != 0) {
    why = reason(errno);
    return Fd();
  }
  if (!S_ISREG(info.st_mode)) {
    why = S_ISDIR(info.st_mode) ? phrase("is a directory") : phrase("not a regular file");
    return Fd();
  }
  Fd file(::open(real.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW));
  if (!file) {
    why = reason(errno);
    return Fd();
  }
  // The path may have changed since: to a device, or through a link out of the tree.
  if (::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode) || !is_at(tree, file.get(), real)) {
    why = phrase("changed while it was opened");
    return Fd();
  }
  return file;
}

Phrase read_pieces(const Tree& tree, const std::string& path, const std::function<bool(std::string_view)>& take) {
  Phrase why;
  Fd file = open_regular(tree, path, why);
  if (!file) return why;
  std::vector<char> buffer(1 << 18);
  ssize_t got = 0;
  while ((got = ::read(file.get(), buffer.data(), buffer.size())) > 0) {
    if (!take({buffer.data(), static_cast<std::size_t>(got)})) break;
  }
  if (got < 0) why = reason(errno);
  return why;
}

Fact<std::string> ask_file(const Tree& tree, const std::string& path) {
  std::string text;
  auto why = read_pieces(tree, path, [&](std::string_view piece) {
    text += piece;
    return text.size() <= kMostText;
  });
  if (!why.empty()) return unknown<std::string>(why);
  if (text.size() > kMostText) return unknown<std::string>(phrase("larger than 1 MiB"));
  if (path == "/proc/version") redact_builder(text);
  static const RE2 password(R"(://[^/\s@]*@)");
  if (path.starts_with("/etc/debuginfod/")) RE2::GlobalReplace(&text, password, "://");
  return known(std::move(text));
}

Fact<std::string> ask_unpacked(const Tree& tree, const std::string& path) {
  z_stream stream{};
  if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) return unknown<std::string>(phrase("out of memory"));
  std::string text;
  std::vector<char> buffer(1 << 18);
  int state = Z_OK;
  auto why = read_pieces(tree, path, [&](std::string_view piece) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
    stream.avail_in = static_cast<uInt>(piece.size());
    while (state == Z_OK && stream.avail_in > 0 && text.size() <= kMostUnpacked) {
      stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
      stream.avail_out = static_cast<uInt>(buffer.size());
      state = inflate(&stream, Z_NO_FLUSH);
      text.append(buffer.data(), buffer.size() - stream.avail_out);
    }
    return state == Z_OK && text.size() <= kMostUnpacked;
  });
  inflateEnd(&stream);
  if (!why.empty()) return unknown<std::string>(why);
  if (text.size() > kMostUnpacked) return unknown<std::string>(phrase("larger than 4 MiB"));
  if (state != Z_STREAM_END)
    return unknown<std::string>(state == Z_OK ? phrase("cut short") : phrase("damaged: no gzip data"));
  return known(std::move(text));
}

Fact<std::vector<std::string>> ask_list(const Tree& tree, const std::string& path) {
  std::string resolved;
  if (int error = tree.resolve(path, resolved)) return unknown<std::vector<std::string>>(reason(error));
  auto real = tree.outside(resolved);
  Fd file(::open(real.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_DIRECTORY | O_NOFOLLOW));
  DIR* folder = file ? ::fdopendir(file.get()) : nullptr;
  if (!folder) return unknown<std::vector<std::string>>(reason(errno));
  int fd = file.release();  // now owned by `folder`
  std::vector<std::string> names;
  bool there = is_at(tree, fd, real);
  for (const dirent* entry = nullptr; there && names.size() < kMostNames && (entry = ::readdir(folder));) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
  }
  ::closedir(folder);
  if (!there) return unknown<std::vector<std::string>>(phrase("changed while it was opened"));
  std::sort(names.begin(), names.end());
  return known(std::move(names));
}

Fact<Inode> ask_inode(const Tree& tree, const std::string& path) {
  std::string resolved;
  if (int error = tree.resolve(path, resolved)) return unknown<Inode>(reason(error));
  struct stat info {};
  if (::lstat(tree.outside(resolved).c_str(), &info) != 0) return unknown<Inode>(reason(errno));
  Inode inode;
  inode.type = S_ISDIR(info.st_mode)    ? 'd'
               : S_ISCHR(info.st_mode)  ? 'c'
               : S_ISBLK(info.st_mode)  ? 'b'
               : S_ISFIFO(info.st_mode) ? 'p'
               : S_ISSOCK(info.st_mode) ? 's'
                                        : '-';
  inode.mode = info.st_mode & 07777;
  inode.uid = info.st_uid;
  inode.gid = info.st_gid;
  inode.size = info.st_size;
  return known(inode);
}

Fact<bool> ask_holds(const Tree& tree, const std::string& path, const std::string& text) {
  bool found = false;
  std::string window;
  auto why = read_pieces(tree, path, [&](std::string_view piece) {
    window += piece;
    found = window.find(text) != std::string::npos;
    if (window.size() > text.size()) window.erase(0, window.size() - text.size());
    return !found;
  });
  return why.empty() ? known(bool(found)) : unknown<bool>(why);
}

Fact<std::string> ask_program(const Tree& tree, const std::string& name) {
  if (tree.own()) {
    std::string variable = "STAPKILL_" + name;
    std::transform(variable.begin(), variable.end(), variable.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    const char* given = std::getenv(variable.c_str());
    std::string path = given && *given ? given : find_program(name);
    return path.empty() ? unknown<std::string>(phrase_from(kAbsent)) : known(std::move(path));
  }
  for (std::string_view folder :
       {"/usr/local/sbin/", "/usr/local/bin/", "/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"}) {
    auto path = std::string(folder) + name;
    auto inode = ask_inode(tree, path);
    if (inode && inode->type == '-' && (inode->mode & 0111)) return known(std::move(path));
  }
  return unknown<std::string>(phrase_from(kAbsent));
}

Fact<std::string> ask_place(const Tree& tree, const std::string& name) {
  struct Row {
    std::string_view name;
    const char* variable;
    std::string_view usual;
  };
  constexpr std::array<Row, 2> rows = {{{"runtime", "SYSTEMTAP_RUNTIME", "/usr/share/systemtap/runtime"},
                                        {"modules", "STAPKILL_MODULES", "/lib/modules"}}};
  if (name == "cache") return known(tree.own() ? cache_directory().string() : std::string("/var/cache/stapkill"));
  for (const auto& row : rows) {
    if (row.name != name) continue;
    const char* given = tree.own() ? std::getenv(row.variable) : nullptr;
    return known(std::string(given && *given ? given : row.usual));
  }
  return unknown<std::string>();
}

Fact<std::string> ask_mounted(const Tree& tree, const std::string& path) {
  auto table = ask_file(tree, "/proc/self/mounts");
  if (!table) table = ask_file(tree, "/proc/mounts");
  if (!table) return unknown<std::string>(phrase("the table of mounts cannot be read: {}", table.why));
  // The last line of a mount point counts. proc(5): device, mount point, type; blanks in names are \040.
  std::string type, looked_for = ' ' + path + ' ';
  for (auto at = table->find(looked_for); at != std::string::npos; at = table->find(looked_for, at + 1)) {
    auto from = at + looked_for.size();
    auto line = table->rfind('\n', at) + 1;
    if (table->find(' ', line) == at) type = table->substr(from, table->find(' ', from) - from);
  }
  return type.empty() ? unknown<std::string>(phrase_from(kAbsent)) : known(std::move(type));
}

}  // namespace stapkill
