#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "host/fact.h"
#include "host/tree.h"
#include "sys/fd.h"

namespace stapkill {

/// How Facts asks a machine or a captured tree. These functions do not throw, follow no link out of the tree, and do
/// not block on pipes or devices.

inline constexpr std::string_view kAbsent = msgid("no such file or directory");
inline constexpr std::string_view kUnknown = msgid("not known");
/// The pid namespace of the machine: PROC_PID_INIT_INO, include/linux/proc_ns.h.
inline constexpr std::string_view kInitialPidNamespace = "pid:[4026531836]";
inline constexpr std::size_t kMostText = 1 << 20;

template <typename T>
Fact<T> known(T value) {
  return {std::move(value), {}};
}
template <typename T>
Fact<T> unknown(Phrase why = phrase_from(kUnknown)) {
  return {std::nullopt, std::move(why)};
}

/// An errno's message, in lower case as above; a message of the catalogue where it is a usual one.
Phrase reason(int error);

/// Opens a regular file for reading, non-blocking; none on failure, and sets `why`.
Fd open_regular(const Tree& tree, const std::string& path, Phrase& why);
/// Passes the file's bytes to `take` in pieces until it returns false; returns "" or why the file could not be read.
Phrase read_pieces(const Tree& tree, const std::string& path, const std::function<bool(std::string_view)>& take);

Fact<std::string> ask_file(const Tree& tree, const std::string& path);
Fact<std::string> ask_unpacked(const Tree& tree, const std::string& path);
Fact<std::vector<std::string>> ask_list(const Tree& tree, const std::string& path);
Fact<Inode> ask_inode(const Tree& tree, const std::string& path);
Fact<bool> ask_holds(const Tree& tree, const std::string& path, const std::string& text);
Fact<std::int64_t> ask_free_space(const std::string& path);
Fact<std::string> ask_program(const Tree& tree, const std::string& name);
Fact<std::string> ask_place(const Tree& tree, const std::string& name);
Fact<std::string> ask_mounted(const Tree& tree, const std::string& path);
Fact<Uname> ask_uname(const Tree& tree);
Fact<Identity> ask_identity();
Fact<std::string> ask_bpf_syscall();
Fact<std::string> ask_pid_namespace();
Fact<std::string> ask_container(const Tree& tree);
Fact<Ran> ask_run(const std::vector<std::string>& argv, int limit_seconds);

}  // namespace stapkill
