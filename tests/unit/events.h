#pragma once

#include <string_view>

#include "model/kernel_event.h"

/// Events as a backend would report them. Texts must be literals or outlive the event.
namespace events {

using stapkill::KernelEvent;
namespace kernel = stapkill::kernel;

inline kernel::Task task(int pid, std::uint64_t start, std::string_view comm, std::int64_t uid = 1000) {
  return {pid, pid, start, uid, comm};
}

template <typename Kind>
KernelEvent event(Kind kind) {
  KernelEvent made;
  made.what = std::move(kind);
  return made;
}

/// The same event of another moment.
inline KernelEvent at(std::int64_t boot, KernelEvent event) {
  event.boot = boot;
  return event;
}

/// Who forked is known by pid and start, no more.
inline KernelEvent fork(const kernel::Task& creator, const kernel::Task& child) {
  kernel::Fork fork{creator, child, creator.pid};
  fork.task.uid = -1;
  fork.task.comm = {};
  return event(fork);
}

inline kernel::Image image(const kernel::Task& who, int parent, std::string_view exe, std::string_view argv) {
  return {who, parent, exe, "/", "/", argv, argv.size(), std::nullopt, std::nullopt};
}

inline KernelEvent exec(const kernel::Task& who, int parent, std::string_view exe, std::string_view argv) {
  return event(kernel::Exec{image(who, parent, exe, argv)});
}

inline KernelEvent describe(const kernel::Task& who, int parent, std::string_view exe, std::string_view argv) {
  return event(kernel::Describe{image(who, parent, exe, argv)});
}

/// The image of an exec or a description, to change it.
inline kernel::Image& image_of(KernelEvent& event) {
  if (auto* exec = std::get_if<kernel::Exec>(&event.what)) return *exec;
  return std::get<kernel::Describe>(event.what);
}

inline KernelEvent rename(kernel::Task who) {
  who.uid = -1;
  return event(kernel::Rename{who});
}

inline KernelEvent moved(const kernel::Task& who, std::string_view cgroup) {
  return event(kernel::Move{who, cgroup});
}

inline KernelEvent exit(const kernel::Task& who, int wait_status) {
  return event(kernel::Exit{.task = who, .status = wait_status});
}

}  // namespace events
