#include "autopsy/logs/kmsg.h"

#include "catch.h"
#include "entries.h"

using namespace stapkill;

TEST_CASE("kmsg: records", "[autopsy][kmsg]") {
  KernelRecord record;
  REQUIRE(split_kernel_record("6,339,5140900,-,caller=T12;a; b\n SUBSYSTEM=net\n", record));
  CHECK(record.since_boot == 5'140'900'000);
  CHECK(record.message == "a; b");
  CHECK(record.program == "kernel");
  REQUIRE(split_kernel_record("12,1,2,-;Killed process 1 (a)", record));  // a program wrote it, without a name
  CHECK(record.program == "kmsg");
  REQUIRE(split_kernel_record("12,1,2,-;kernel: Killed process 1 (a)", record));
  CHECK(record.program == "kmsg");
  for (const char* text : {"", "6", "6,3", "6,3,4", "6,3,4,-", "a,b,c,-;d", " KEY=value"})
    CHECK_FALSE(split_kernel_record(text, record));
  std::string text;
  append_unescaped("a\\x0ab\\xe4\\x5c\\x", text);
  CHECK(text == "a\nb\xe4\\\\x");
}

TEST_CASE("kmsg: nothing of a captured tree", "[autopsy][kmsg]") {
  Temporary tree;
  Entries got;
  read_kernel_buffer(Scope{HostFiles(tree.path().string())}, got.take, got.notes);
  CHECK(got.all.empty());
  CHECK(got.notes.empty());
}
