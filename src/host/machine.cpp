#include "host/machine.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <climits>
#include <cstring>
#include <set>
#include <sstream>
#include <vector>

#include "host/procfs.h"
#include "sys/file.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostTable = 4 << 20;  // of /proc/net/tcp: some 27,000 connections

/// Inodes of a process's open sockets.
std::set<std::string> sockets_of(const std::string& folder) {
  std::set<std::string> inodes;
  DIR* files = ::opendir((folder + "/fd").c_str());
  if (!files) return inodes;
  while (const dirent* entry = ::readdir(files)) {
    char target[64];
    auto path = folder + "/fd/" + entry->d_name;
    auto length = ::readlink(path.c_str(), target, sizeof target);
    constexpr std::string_view prefix = "socket:[";
    std::string_view text(target, length > 0 ? static_cast<std::size_t>(length) : 0);
    if (text.starts_with(prefix) && text.ends_with(']')) {
      inodes.emplace(text.substr(prefix.size(), text.size() - prefix.size() - 1));
    }
  }
  ::closedir(files);
  return inodes;
}

/// An address of /proc/net/tcp: 32-bit words in the machine's byte order, as hexadecimal digits.
std::optional<std::string> address_text(std::string_view hex) {
  std::array<std::uint32_t, 4> words{};
  std::size_t count = hex.size() / 8;
  if ((count != 1 && count != 4) || hex.size() % 8 != 0) return std::nullopt;
  for (std::size_t at = 0; at < count; ++at) {
    auto digits = hex.substr(at * 8, 8);
    if (std::from_chars(digits.data(), digits.data() + 8, words[at], 16).ptr != digits.data() + 8) return std::nullopt;
  }
  char text[INET6_ADDRSTRLEN];
  if (!::inet_ntop(count == 1 ? AF_INET : AF_INET6, words.data(), text, sizeof text)) return std::nullopt;
  constexpr std::string_view mapped = "::ffff:";
  std::string address = text;
  return address.starts_with(mapped) && address.find('.') != std::string::npos ? address.substr(mapped.size())
                                                                               : address;
}

constexpr int kMostDescriptors = 40;  // of a shell, that are looked at

/// The path of an open file, even if it was removed since.
std::optional<std::string> linked_file(const std::string& link) {
  char target[PATH_MAX];
  auto length = ::readlink(link.c_str(), target, sizeof target);
  if (length <= 0 || target[0] != '/') return std::nullopt;
  std::string path(target, static_cast<std::size_t>(length));
  constexpr std::string_view deleted = " (deleted)";
  return path.ends_with(deleted) ? path.substr(0, path.size() - deleted.size()) : path;
}

/// The queue's letter, five digits of the job's number and eight of its minute (at 3.1.23, atd.c, run_loop).
bool is_at_job(std::string_view path) {
  auto name = path.substr(path.rfind('/') + 1);
  constexpr std::string_view digits = "0123456789abcdef";
  return name.size() == 14 && std::isalpha(static_cast<unsigned char>(name[0])) &&
         name.find_first_not_of(digits, 1) == std::string_view::npos && path.find("/at") != std::string_view::npos;
}

/// The value of a line NAME=VALUE; "" where there is none.
std::string value_in(std::string_view lines, std::string_view name) {
  std::istringstream in{std::string(lines)};
  for (std::string line; std::getline(in, line);) {
    bool is_it = line.starts_with(name) && line.size() > name.size() && line[name.size()] == '=';
    if (is_it) return line.substr(name.size() + 1);
  }
  return {};
}

/// Open for reading and close-on-exec: not a file that a script opened for its children.
bool is_shells_own(const std::string& info) {
  auto text = read_file(info).value_or("");
  auto at = text.find("flags:");
  auto from = at == std::string::npos ? at : text.find_first_not_of(" \t", at + 6);
  unsigned long flags = 0;
  bool known = from != std::string::npos &&
               std::from_chars(text.data() + from, text.data() + text.size(), flags, 8).ec == std::errc();
  return known && (flags & O_CLOEXEC) && (flags & O_ACCMODE) == O_RDONLY;
}

std::optional<std::string> peer_in(const std::string& table, const std::set<std::string>& inodes) {
  auto text = read_file(table, kMostTable);
  if (!text) return std::nullopt;
  std::istringstream lines(*text);
  std::string line;
  std::getline(lines, line);  // the headings
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::string slot, local, remote, state, queue, timer, retransmits, uid, timeout, inode;
    fields >> slot >> local >> remote >> state >> queue >> timer >> retransmits >> uid >> timeout >> inode;
    if (state == "01" && inodes.count(inode)) return address_text(remote.substr(0, remote.find(':')));  // ESTABLISHED
  }
  return std::nullopt;
}

}  // namespace

MachineFacts machine_facts() {
  utsname name{};
  ::uname(&name);
  return {name.nodename, name.release, name.machine, boot_id(), core_pattern(), memory_bytes(), core_uses_pid()};
}

std::uint64_t memory_bytes() {
  struct sysinfo info {};
  return ::sysinfo(&info) == 0 ? std::uint64_t{info.totalram} * info.mem_unit : 0;
}

std::string core_pattern(const std::string& proc) {
  auto text = read_file(proc + "/sys/kernel/core_pattern").value_or("");
  return text.substr(0, text.find('\n'));
}

std::optional<bool> core_uses_pid(const std::string& proc) {
  auto text = read_file(proc + "/sys/kernel/core_uses_pid");
  if (!text || text->empty()) return std::nullopt;
  return text->front() != '0';
}

std::optional<std::string> tcp_peer(const Process& process, const std::string& proc) {
  std::string folder = proc + '/' + std::to_string(process.pid);
  auto inodes = sockets_of(folder);
  if (inodes.empty() || !process_lives(process.pid, process.start, proc)) return std::nullopt;
  for (const char* table : {"/net/tcp", "/net/tcp6"}) {  // of the process's own network namespace
    if (auto peer = peer_in(folder + table, inodes)) return peer;
  }
  return std::nullopt;
}

std::optional<std::string> login_origin(std::int64_t session, const std::string& root) {
  constexpr std::size_t most = 1 << 16;
  auto text = read_file(fmt::format("{}/run/systemd/sessions/{}", root, session), most);
  if (session < 0 || !text) return std::nullopt;
  auto service = value_in(*text, "SERVICE"), host = value_in(*text, "REMOTE_HOST"), tty = value_in(*text, "TTY");
  std::string origin = service == "sshd" ? "ssh" : service.empty() ? "login" : service;
  if (!host.empty()) return origin + " from " + host;
  if (!tty.empty()) return origin + " on " + tty;
  return service.empty() ? std::nullopt : std::optional(origin);
}

std::optional<std::string> at_job(const Process& process, const std::string& proc) {
  std::string folder = proc + '/' + std::to_string(process.pid);
  auto path = linked_file(folder + "/fd/0");
  if (!path || !is_at_job(*path) || !process_lives(process.pid, process.start, proc)) return std::nullopt;
  return path;
}

std::optional<std::string> script_directory(const Process& process, std::string_view word, const std::string& proc) {
  if (word.starts_with("./")) word.remove_prefix(2);
  if (word.empty() || word[0] == '/') return std::nullopt;
  std::string folder = proc + '/' + std::to_string(process.pid), ending = '/' + std::string(word);
  std::optional<std::string> found;
  std::vector<int> numbers = {255};
  for (int number = 10; number < kMostDescriptors; ++number) numbers.push_back(number);  // the first free one
  for (int number : numbers) {
    auto path = linked_file(fmt::format("{}/fd/{}", folder, number));
    if (!path || !path->ends_with(ending) || !is_shells_own(fmt::format("{}/fdinfo/{}", folder, number))) continue;
    found = path->substr(0, std::max<std::size_t>(path->size() - ending.size(), 1));
    break;
  }
  return found && process_lives(process.pid, process.start, proc) ? found : std::nullopt;
}

bool has_unit_file(const std::string& name, const std::string& root) {
  if (name.empty() || name.find('/') != std::string::npos) return false;
  for (const char* folder : {"/etc/systemd/system/", "/run/systemd/system/", "/run/systemd/generator/",
                             "/usr/local/lib/systemd/system/", "/usr/lib/systemd/system/", "/lib/systemd/system/"}) {
    auto path = root;
    path.append(folder).append(name);
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) return true;
  }
  return false;
}

}  // namespace stapkill
