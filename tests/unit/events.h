#pragma once

#include <string_view>

#include "backend/event.h"

/// Events as a backend would report them. Texts must be literals or outlive the event.
namespace events {

using stapkill::Event;

inline Event::Task task(int pid, std::uint64_t start, std::string_view comm, std::int64_t uid = 1000) {
  Event::Task made;
  made.pid = pid;
  made.tid = pid;
  made.start = start;
  made.uid = uid;
  made.comm = comm;
  return made;
}

inline Event fork(Event::Task creator, Event::Task child) {
  Event event;
  event.kind = Event::Kind::fork;
  event.task = creator;
  event.task.uid = -1;  // a fork tells pid and start of who forked, no more
  event.task.comm = {};
  event.parent = creator.pid;
  event.other = child;
  return event;
}

inline Event image(Event::Kind kind, Event::Task who, int parent, std::string_view exe, std::string_view argv) {
  Event event;
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

inline Event exec(Event::Task who, int parent, std::string_view exe, std::string_view argv) {
  return image(Event::Kind::exec, who, parent, exe, argv);
}

inline Event describe(Event::Task who, int parent, std::string_view exe, std::string_view argv) {
  return image(Event::Kind::describe, who, parent, exe, argv);
}

inline Event rename(Event::Task who) {
  Event event;
  event.kind = Event::Kind::rename;
  event.task = who;
  event.task.uid = -1;
  return event;
}

inline Event moved(Event::Task who, std::string_view cgroup) {
  Event event;
  event.kind = Event::Kind::moved;
  event.task = who;
  event.cgroup = cgroup;
  return event;
}

inline Event exit(Event::Task who, int wait_status) {
  Event event;
  event.kind = Event::Kind::exit;
  event.task = who;
  event.value = wait_status;
  return event;
}

}  // namespace events
