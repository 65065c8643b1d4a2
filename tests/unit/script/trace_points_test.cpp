#include "script/trace_points.h"

#include "catch.h"
#include "script/script_tokens.h"
#include "temporary.h"

using namespace stapkill;
using Names = std::set<std::string>;
using Headers = std::vector<std::string>;

namespace {

struct Made {
  Temporary root;
  Made() {
    root.write("tapset/signal.stp",
               "probe __signal.send.tp = kernel.trace(\"signal_generate\") ? { }\n"
               "probe signal.send = __signal.send.tp !, kernel.function(\"send_signal\") { }\n"
               "probe signal.checkperm = kernel.function(\"check_kill_permission\") { }\n");
    root.write("tapset/linux/sched.stp",
               "# probe signal.send = kernel.trace(\"in_a_comment\")\n"
               "probe scheduler.ctxswitch = %( kernel_v >= \"2.6\" %? kernel.trace(\"sched:sched_switch\") %) { }\n"
               "probe scheduler.wakeup = kernel.trace(\"sched_wakeup\") { x = \"kernel.trace(\\\"in_a_text\\\")\" }\n"
               "function f() %{ /* probe a = kernel.trace(\"in_c\") */ %}\n");
    root.write("events/signal.h", "TRACE_EVENT(signal_generate,\nTRACE_EVENT(signal_deliver,\n");
    root.write("events/sched.h",
               "DECLARE_EVENT_CLASS(sched_t, x)\nDEFINE_EVENT(sched_t, sched_wakeup, y)\n"
               "TRACE_EVENT(sched_switch,\n");
    root.write("events/net.h", "DEFINE_NET_EVENT( netif_rx )\n/* not signal_generate */\n");
    root.write("events/notes.txt", "TRACE_EVENT(signal_generate,");
  }
  TracePoints of(std::string_view script, const std::vector<std::string>& arguments = {}) const {
    return trace_points_of(script, arguments, root / "tapset");
  }
};

}  // namespace

TEST_CASE("trace points: those in the script itself", "[trace_points]") {
  Made made;
  CHECK(made.of("probe kernel.trace(\"signal:signal_generate\"), kernel . trace ( \"x*\" ) ? { }").patterns ==
        Names{"signal_generate", "x*"});
  CHECK(made.of("# probe kernel.trace(\"a\")\n/* kernel.trace(\"b\") */ // kernel.trace(\"c\")\nprobe begin {}")
            .patterns == Names{});
  CHECK(made.of("@define p %( kernel.trace(\"in_macro\") %)\nprobe begin { }").patterns == Names{"in_macro"});
}

TEST_CASE("trace points: through aliases, also by pattern and of the script's own", "[trace_points]") {
  Made made;
  CHECK(made.of("probe signal.send { }").patterns == Names{"signal_generate"});
  CHECK(made.of("probe signal.send.return { }").patterns == Names{"signal_generate"});
  CHECK(made.of("probe signal.checkperm { }").patterns == Names{});
  CHECK(made.of("probe scheduler.* { }").patterns == Names{"sched_switch", "sched_wakeup"});
  CHECK(made.of("probe s*.** { }").patterns == Names{"signal_generate", "sched_switch", "sched_wakeup"});
  CHECK(made.of("probe scheduler.{ctxswitch, wakeup} { }").patterns == Names{"sched_switch", "sched_wakeup"});
  CHECK(made.of("probe mine = signal.send { }\nprobe mine { }").patterns == Names{"signal_generate"});
  CHECK(made.of("probe signal.send if (a == 1) { }").patterns == Names{"signal_generate"});
  CHECK(made.of("probe timer.s(1), begin, process(\"/bin/x\").function(\"f\") { }").patterns == Names{});
}

TEST_CASE("trace points: a name that is not known yet", "[trace_points]") {
  Made made;
  CHECK(made.of("probe kernel.trace(@2) { }", {"a", "b:c"}).patterns == Names{"c"});
  CHECK(made.of("probe $1 { }", {"signal.send, kernel.trace(\"x\")"}).patterns == Names{"signal_generate", "x"});
  for (const char* script : {"probe kernel.trace(@1) { }", "probe $1 { }", "probe kernel.trace(@name) { }",
                             "probe @point { }", "probe kernel.{trace(\"a\"), function(\"b\")} { }"}) {
    INFO(script);
    CHECK_FALSE(made.of(script).complete);
  }
  CHECK(made.of("probe signal.send { }").complete);
}

TEST_CASE("trace points: the headers that declare them", "[trace_points]") {
  Made made;
  auto events = made.root / "events";
  CHECK(trace_headers_of({"signal_generate"}, events) == Headers{"signal"});
  CHECK(trace_headers_of({"sched_wakeup", "netif_rx"}, events) == Headers{"net", "sched"});
  CHECK(trace_headers_of({"s*"}, events) == Headers{"sched", "signal"});
  CHECK(trace_headers_of({"missing"}, events).empty());
  CHECK(trace_headers_of({}, events).empty());
  CHECK(all_trace_headers(events) == Headers{"net", "sched", "signal"});
  CHECK(all_trace_headers(made.root / "nowhere").empty());
}

TEST_CASE("globals of a script", "[trace_points]") {
  CHECK(globals_of("global a, b[8], c = -5, d%[4] = \"x\"\nglobal e\nprobe begin { f = 1 }") ==
        Names{"a", "b", "c", "d", "e"});
  CHECK(globals_of("private global x; y = 2\n# global z") == Names{"x"});
  CHECK(globals_of("probe begin { }").empty());
  CHECK(globals_of("global").empty());
}

TEST_CASE("script tokens: bytes of any kind end", "[trace_points]") {
  for (std::string_view script : {"\"open", "%{ open", "/* open", "\"\\", "probe", "probe a.", "probe a(", "probe a.{",
                                  "kernel.trace(", "\xff\x80\"", "probe kernel.trace"}) {
    INFO(script);
    (void)script_tokens(script);
    Made made;
    (void)made.of(script);
    (void)globals_of(script);
  }
  CHECK(script_tokens("a \"b\\\"c\" *d").size() == 3);
}
