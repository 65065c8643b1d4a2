#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/record.h"

/// Words of reports for people, in this process's language (base/catalogue.h). They hold bytes of other processes as
/// they are: who writes them makes them harmless for the format (html_text, markdown_code).
namespace stapkill::words {

/// A text of at most `most` characters, printable (base/text.h); one that is longer ends with "…".
std::string shortened(std::string_view text, std::size_t most);

/// "sleep(20246)"; "?(20246)" where the name is empty; "db1: sleep(20246)" where there are several hosts. A name that
/// is far longer than the kernel's is cut.
std::string name(const Process& process);

/// What a report calls a host, where there are several; "": there is one.
std::string host(const HostPtr& host);

/// Those of a report; of many the first, and how many more.
std::vector<std::string> host_names(const std::vector<HostPtr>& hosts);

/// What a report of several hosts cannot know.
std::string clocks();

/// "db1: text" where there are several hosts.
std::string on_host(const HostPtr& host, const std::string& text);

/// Its command line as a shell would take it, else its program; "" where neither is known.
std::string command(const Process& process, std::size_t most);

/// "uid 0 (root), login alice, pts/3"; "" where nothing is known.
std::string user(const Process& process);

/// "sent SIGTERM by kill(2)": what a step did, to follow its process's name.
std::string deed(const ChainStep& step);

/// Who took a step: its process's name, else what did: "memory cgroup", "terminal", "the kernel".
std::string who(const ChainStep& step);

/// "waited 10.0 s after SIGTERM": from a step to what it led to.
std::string wait(const ChainStep& step, Time time);

/// "SIGKILL", "exit status 1".
std::string ending(int wait_status);

/// How a signal came: "kill(2) = 0", "kernel, SI_TIMER".
std::string how(const SignalRecord& record);

/// "3 deaths", "1 death": the message for one, or that for more.
std::string count(std::uint64_t number, MessageText<1> one, MessageText<1> many);
std::string deaths(std::uint64_t number);
std::string more_deaths(std::uint64_t number);
std::string hosts(std::uint64_t number);
std::string more_hosts(std::uint64_t number);
std::string signals(std::uint64_t number);
std::string more_signals(std::uint64_t number);
std::string events(std::uint64_t number);

/// "certain", "likely", "unknown" for people; name_of() has the stream's.
std::string confidence(Confidence confidence);

/// "04:16:39.258" in UTC.
std::string clock(Time time);

/// "2026-11-27 04:16:39.258" in UTC.
std::string date(Time time);

/// "2 ms", "1.5 s", "3 min", "2 h": the time between two moments.
std::string span(Time nanoseconds);

}  // namespace stapkill::words
