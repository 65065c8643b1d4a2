#include "host/tree.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <vector>

namespace stapkill {
namespace {

constexpr int kMostLinks = 40;  // MAXSYMLINKS, include/linux/namei.h

/// The words of a path, last first: a stack of what is left to walk.
void push_words(std::vector<std::string>& words, std::string_view path) {
  std::vector<std::string> forward;
  while (!path.empty()) {
    auto slash = path.find('/');
    auto word = path.substr(0, slash);
    if (!word.empty() && word != ".") forward.emplace_back(word);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  words.insert(words.end(), forward.rbegin(), forward.rend());
}

}  // namespace

int Tree::resolve(std::string_view path, std::string& resolved) const {
  std::vector<std::string> words;
  push_words(words, path);
  std::string at;
  int links = 0;
  while (!words.empty()) {
    std::string word = std::move(words.back());
    words.pop_back();
    if (word == "..") {
      at.erase(at.empty() ? 0 : at.rfind('/'));
      continue;
    }
    std::string next = at;
    next.append("/").append(word);
    struct stat info {};
    if (::lstat(outside(next).c_str(), &info) != 0) return errno;
    if (!S_ISLNK(info.st_mode)) {
      if (!words.empty() && !S_ISDIR(info.st_mode)) return ENOTDIR;
      at = std::move(next);
      continue;
    }
    char target[PATH_MAX];
    ssize_t length = ::readlink(outside(next).c_str(), target, sizeof target);
    if (length < 0) return errno;
    if (++links > kMostLinks) return ELOOP;
    std::string_view link(target, static_cast<std::size_t>(length));
    if (link.starts_with('/')) at.clear();
    push_words(words, link);
  }
  resolved = at.empty() ? "/" : at;
  return 0;
}

}  // namespace stapkill
