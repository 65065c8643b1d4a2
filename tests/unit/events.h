#pragma once

#include <string_view>

#include "model/kernel_event.h"

/// Events as a backend would report them. Texts must be literals or outlive the event.
namespace events {

using stapkill::KernelEvent;

inline KernelEvent::Task task(int pid, std::uint64_t start, std::string_view comm, std::int64_t uid = 1000) {
  KernelEvent::Task made;
  made.pid = pid;
  made.tid = pid;
  made.start = start;
  made.uid = uid;
  made.comm = comm;
  return made;
}

inline KernelEvent fork(KernelEvent::Task creator, KernelEvent::Task child) {
  KernelEvent event;
  event.kind = KernelEvent::Kind::fork;
  event.task = creator;
  event.task.uid = -1;  // a fork tells pid and start of who forked, no more
  event.task.comm = {};
  event.parent = creator.pid;
  event.other = child;
  return event;
}

inline KernelEvent image(KernelEvent::Kind kind, KernelEvent::Task who, int parent, std::string_view exe,
                         std::string_view argv) {
  KernelEvent event;
  event.kind = kind;
  event.task = who;
  event.parent = parent;
  event.exe = exe;
  event.cwd = "/";
  event.cgroup = "/";
  event.argv = argv;
  event.argv_bytes = argv.size();
  return event;
}

inline KernelEvent exec(KernelEvent::Task who, int parent, std::string_view exe, std::string_view argv) {
  return image(KernelEvent::Kind::exec, who, parent, exe, argv);
}

inline KernelEvent describe(KernelEvent::Task who, int parent, std::string_view exe, std::string_view argv) {
  return image(KernelEvent::Kind::describe, who, parent, exe, argv);
}

inline KernelEvent rename(KernelEvent::Task who) {
  KernelEvent event;
  event.kind = KernelEvent::Kind::rename;
  event.task = who;
  event.task.uid = -1;
  return event;
}

inline KernelEvent moved(KernelEvent::Task who, std::string_view cgroup) {
  KernelEvent event;
  event.kind = KernelEvent::Kind::moved;
  event.task = who;
  event.cgroup = cgroup;
  return event;
}

inline KernelEvent exit(KernelEvent::Task who, int wait_status) {
  KernelEvent event;
  event.kind = KernelEvent::Kind::exit;
  event.task = who;
  event.value = wait_status;
  return event;
}

}  // namespace events
