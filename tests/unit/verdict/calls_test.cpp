#include "verdict/calls.h"

#include "catch.h"

using namespace stapkill;

namespace {

Frame in(std::string module, std::string function, std::string file = {}, int line = 0) {
  Frame made{.address = 0x5555, .module = std::move(module), .offset = 0x55};
  if (!function.empty()) made.function = std::move(function);
  if (!file.empty()) {
    made.file = std::move(file);
    made.line = line;
  }
  return made;
}

const std::vector<Frame> kThrown = {
    in("libc.so.6", "__pthread_kill_implementation", "pthread_kill.c", 44),
    in("libc.so.6", "raise"),
    in("libc.so.6", "abort", "abort.c", 79),
    in("libstdc++.so.6.0.30", "__gnu_cxx::__verbose_terminate_handler()"),
    in("libstdc++.so.6.0.30", "std::terminate()"),
    in("libstdc++.so.6.0.30", "__cxa_throw"),
    in("app", "Config::load(std::string const&)", "/src/config.cpp", 88),
    in("app", "main", "/src/main.cpp", 5),
    in("libc.so.6", "__libc_start_main"),
};

}  // namespace

TEST_CASE("calls: a library's own are one, and two or three say it", "[calls]") {
  CHECK(main_calls(kThrown) == "abort < std::terminate < Config::load, config.cpp:88");
  CHECK(main_calls({in("app", "read_it"), in("app", "main"), in("libc.so.6", "__libc_start_call_main")}) ==
        "read_it < main");
  CHECK(main_calls({in("libc.so.6", "__strlen_avx2"), in("app", "parse"), in("app", "main")}) ==
        "__strlen_avx2 < parse < main");
  CHECK(main_calls({in("libc.so.6", "kill"), in("app", "work"), in("libc.so.6", "start_thread")}) == "kill < work");
}

TEST_CASE("calls: of Go and of virtual machines", "[calls]") {
  CHECK(main_calls({in("app", "runtime.exit"), in("app", "syscall.Exit"), in("app", "os.Exit"), in("app", "main.main"),
                    in("app", "runtime.main"), in("app", "runtime.goexit")}) == "syscall.Exit < os.Exit < main.main");
  CHECK(main_calls({in("libc.so.6", "_exit"), in("libjvm.so", "os::exit(int)"), in("libjvm.so", "JavaMain")}).empty());
}

TEST_CASE("calls: what is not known is said to be so", "[calls]") {
  CHECK(call_name(in("liba.so", "")) == "?? (liba.so+0x55)");
  CHECK(call_name(Frame{.address = 0x77}) == "?? (0x77)");
  CHECK(main_calls({in("liba.so", ""), in("app", "work"), in("app", "main")}) == "?? (liba.so+0x55) < work < main");
  // Without a function of the program itself nothing is said.
  CHECK(main_calls({in("libc.so.6", "abort"), in("app", "")}).empty());
  CHECK(main_calls(std::vector<Frame>{}).empty());
}

TEST_CASE("calls: an interpreter's functions say nothing of its script", "[calls]") {
  Process process;
  process.comm = "app";
  process.argv = {"app"};
  process.exe = "/usr/bin/app";
  CHECK_FALSE(main_calls(process, kThrown).empty());
  process.comm = "bash";
  process.argv = {"bash", "x.sh"};
  process.exe = "/usr/bin/bash";
  CHECK(main_calls(process, kThrown).empty());
}

TEST_CASE("calls: all of them are evidence", "[calls]") {
  Verdict verdict;
  Process process;
  process.pid = 7;
  process.comm = "app";
  add_calls(verdict, process, kThrown);
  REQUIRE(verdict.evidence.size() == kThrown.size() + 1);
  CHECK(verdict.evidence[0] == "calls of app(7), the innermost first:");
  CHECK(verdict.evidence[7] == "  Config::load, config.cpp:88 (app+0x55)");
  add_calls(verdict, process, {});
  CHECK(verdict.evidence.size() == kThrown.size() + 1);
}

TEST_CASE("calls: a long name is truncated", "[calls]") {
  CHECK(call_name(in("app", std::string(5000, 'x'))).size() < 100);
}
