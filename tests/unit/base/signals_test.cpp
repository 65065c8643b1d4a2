#include "base/signals.h"

#include "catch.h"

using namespace stapkill;

TEST_CASE("signal_name: the names of signal(7)", "[signals]") {
  const std::pair<int, const char*> names[] = {
      {1, "SIGHUP"},   {2, "SIGINT"},    {3, "SIGQUIT"},     {4, "SIGILL"},      {5, "SIGTRAP"},  {6, "SIGABRT"},
      {7, "SIGBUS"},   {8, "SIGFPE"},    {9, "SIGKILL"},     {10, "SIGUSR1"},    {11, "SIGSEGV"}, {12, "SIGUSR2"},
      {13, "SIGPIPE"}, {14, "SIGALRM"},  {15, "SIGTERM"},    {17, "SIGCHLD"},    {18, "SIGCONT"}, {19, "SIGSTOP"},
      {20, "SIGTSTP"}, {24, "SIGXCPU"},  {25, "SIGXFSZ"},    {28, "SIGWINCH"},   {29, "SIGIO"},   {30, "SIGPWR"},
      {31, "SIGSYS"},  {34, "SIGRTMIN"}, {35, "SIGRTMIN+1"}, {64, "SIGRTMIN+30"}};
  for (const auto& [number, name] : names) CHECK(signal_name(number) == name);
}

TEST_CASE("signal_name: a number without a name keeps its number", "[signals]") {
  CHECK(signal_name(99) == "SIG99");
  CHECK(signal_name(0) == "SIG0");
  CHECK(signal_name(32) == "SIG32");  // glibc keeps 32 and 33 for itself
  CHECK(signal_name(33) == "SIG33");
  CHECK(signal_name(65) == "SIG65");
  CHECK(signal_name(-1) == "SIG-1");
}

TEST_CASE("parse_signal: with SIG, without, in any case, as a number", "[signals]") {
  for (const char* word : {"KILL", "SIGKILL", "kill", "sigkill", "SigKill", "9"}) CHECK(parse_signal(word) == 9);
  CHECK(parse_signal("IOT") == 6);
  CHECK(parse_signal("SIGCLD") == 17);
  CHECK(parse_signal("POLL") == 29);
  CHECK(parse_signal("RTMIN") == 34);
  CHECK(parse_signal("RTMIN+1") == 35);
  CHECK(parse_signal("SIGRTMIN+30") == 64);
  CHECK(parse_signal("RTMAX") == 64);
  CHECK(parse_signal("RTMAX-1") == 63);
  CHECK(parse_signal("RTMAX-30") == 34);
  CHECK(parse_signal("1") == 1);
  CHECK(parse_signal("64") == 64);
}

TEST_CASE("parse_signal: refuses what is no signal", "[signals]") {
  for (const char* word : {"",           "SIG",
                           "0",          "-9",
                           "65",         "9x",
                           " 9",         "9 ",
                           "+9",         "0x9",
                           "KILLED",     "KIL",
                           "SIGSIGKILL", "RTMIN+31",
                           "RTMIN-1",    "RTMAX+1",
                           "RTMAX-31",   "RTMIN+",
                           "RTMIN1",     "RTMIN+x",
                           "RTMIN+-1",   "99999999999999999999",
                           "SIG9x"}) {
    INFO(word);
    CHECK_FALSE(parse_signal(word).has_value());
  }
  CHECK_FALSE(parse_signal(std::string_view("KILL\0", 5)).has_value());
}

TEST_CASE("parse_signal reads what signal_name writes", "[signals]") {
  for (int number = 1; number <= 64; ++number) {
    if (number == 32 || number == 33) continue;
    INFO(number);
    CHECK(parse_signal(signal_name(number)) == number);
  }
}

TEST_CASE("signal_code_name: the meaning of a positive code depends on the signal", "[signals]") {
  CHECK(signal_code_name(9, 0) == "SI_USER");
  CHECK(signal_code_name(9, 0x80) == "SI_KERNEL");
  CHECK(signal_code_name(9, -1) == "SI_QUEUE");
  CHECK(signal_code_name(14, -2) == "SI_TIMER");
  CHECK(signal_code_name(6, -6) == "SI_TKILL");
  CHECK(signal_code_name(11, 1) == "SEGV_MAPERR");
  CHECK(signal_code_name(11, 2) == "SEGV_ACCERR");
  CHECK(signal_code_name(7, 2) == "BUS_ADRERR");
  CHECK(signal_code_name(8, 1) == "FPE_INTDIV");
  CHECK(signal_code_name(17, 1) == "CLD_EXITED");
  CHECK(signal_code_name(17, 2) == "CLD_KILLED");
  CHECK(signal_code_name(31, 1) == "SYS_SECCOMP");
  CHECK(signal_code_name(9, 1) == "1");
  CHECK(signal_code_name(9, -77) == "-77");
}

TEST_CASE("harmless_by_default: those that do nothing", "[signals]") {
  for (int number = 1; number <= 64; ++number) {
    INFO(signal_name(number));
    CHECK(harmless_by_default(number) == (number == 17 || number == 18 || number == 23 || number == 28));
  }
}

TEST_CASE("A wait(2) status in words", "[signals]") {
  CHECK(describe_status(0) == "exited with status 0");
  CHECK(describe_status(137 << 8) == "exited with status 137");
  CHECK(describe_status(9) == "was killed by SIGKILL");
  CHECK(describe_status(11 | 0x80) == "was killed by SIGSEGV");
}
