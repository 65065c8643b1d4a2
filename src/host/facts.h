#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "host/fact.h"

namespace stapkill {

/// All questions to a machine. Keeps every answer: a question is asked once, and answers can be saved and judged
/// elsewhere. Safe to use from several threads; holds no lock while the machine answers.
class Facts {
 public:
  ~Facts();
  /// This machine.
  static std::shared_ptr<Facts> live();
  /// A captured tree; an error when it is not a directory.
  static Result<std::shared_ptr<Facts>> below(const std::string& root);
  /// Loads what save() wrote; what was not asked then is "not known".
  static Result<std::shared_ptr<Facts>> load(const std::string& path);

  /// True only for this machine: programs can be run, and their output is about it.
  bool live_host() const { return origin_ == Origin::live; }
  /// True for loaded facts: they also have what no file holds (who ran it, what its kernel allowed).
  bool saved() const { return origin_ == Origin::saved; }

  /// A file's bytes, at most 1 MiB.
  Fact<std::string> file(const std::string& path);
  /// The same, gunzipped.
  Fact<std::string> unpacked(const std::string& path);
  /// The names in a directory, sorted.
  Fact<std::vector<std::string>> list(const std::string& path);
  /// A path without symbolic links.
  Fact<std::string> resolved(const std::string& path);
  /// A file's inode; follows links.
  Fact<Inode> inode(const std::string& path);
  bool exists(const std::string& path) { return bool(inode(path)); }
  /// Whether a file of any size contains these bytes.
  Fact<bool> holds(const std::string& path, const std::string& text);
  /// The GNU build id of an ELF file, or of raw notes such as /sys/kernel/notes, in hex.
  Fact<std::string> build_id(const std::string& path);
  /// Whether an ELF file has its own DWARF (.debug_info): a vmlinux may be stripped.
  Fact<bool> debug_info(const std::string& path);
  /// Bytes that this user may still write at the path, or at its nearest parent that exists.
  Fact<std::int64_t> free_space(const std::string& path);
  /// A program by name, from PATH or an environment variable of stapkill.
  Fact<std::string> program(const std::string& name);
  /// A directory that the user can change: "runtime", "modules", "cache".
  Fact<std::string> place(const std::string& name);
  /// The packages of kernels and of SystemTap.
  Fact<Packages> packages();
  /// The file system's type at a mount point; absent when nothing is mounted there.
  Fact<std::string> mounted(const std::string& path);
  Fact<Uname> uname();
  Fact<Identity> identity();
  /// Result of creating a map with bpf(2): "" or the errno's name.
  Fact<std::string> bpf_syscall();
  /// The pid namespace of this process, "pid:[4026531836]".
  Fact<std::string> pid_namespace();
  /// "docker", "containerd", "podman", "lxc", … when this runs in a container; "" when in none.
  Fact<std::string> container();
  /// A program's output; used only for `stap -V`, `mokutil --sb-state` and the like.
  Fact<Ran> run(const std::vector<std::string>& argv);
  /// Anything else that a caller finds out, kept under its name: `find_out` is called once.
  Fact<Ran> outcome(const std::string& name, const std::function<Fact<Ran>()>& find_out);

  /// Writes all answers; never the environment, command lines or, unless wanted, the host's name.
  Result<void> save(const std::string& path, std::string_view version, bool with_hostname);

 private:
  enum class Origin { live, tree, saved };
  using Json = nlohmann::json;
  using Key = std::pair<std::string, std::string>;
  Facts(Origin origin, std::string root);
  template <typename T>
  Fact<T> get(const std::string& kind, const std::string& question, const std::function<Fact<T>()>& ask);
  template <typename T>
  Fact<T> understood(const Key& key, const Json& json) const;

  Origin origin_;
  std::string root_;
  std::mutex mutex_;
  std::unique_ptr<Json> known_;
  std::map<Key, Phrase> whys_;  ///< by kind and question: JSON has only their English
};

}  // namespace stapkill
