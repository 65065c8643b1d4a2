#include "autopsy/records/core_notes.h"

#include "autopsy/records/made_core.h"
#include "catch.h"

using namespace stapkill;

TEST_CASE("a core names its process, its thread, the fault and the code it was in", "[autopsy][core]") {
  auto facts = read_core_notes(MadeCore().bytes());
  REQUIRE(facts);
  CHECK(facts->comm == "nginx");
  CHECK(facts->arguments == "nginx: worker process");
  CHECK(facts->exe == "/usr/sbin/nginx");
  CHECK(facts->pid == 4711);
  CHECK(facts->tid == 4712);
  CHECK(facts->parent == 1);
  CHECK(facts->uid == 33);
  CHECK(facts->signal == 11);
  CHECK(facts->by_kernel);
  CHECK(facts->module == "/usr/lib/libc.so.6");
  CHECK(facts->offset == 0x1234 + 0x2a * 4096);
  REQUIRE(facts->sent);
  CHECK(facts->sent->code == 1);
  CHECK(facts->sent->address == 0);
}

TEST_CASE("cores of aarch64 and of 32-bit x86 have their fields elsewhere", "[autopsy][core]") {
  MadeCore arm;
  arm.machine = EM_AARCH64;
  auto facts = read_core_notes(arm.bytes());
  REQUIRE(facts);
  CHECK(facts->offset == 0x1234 + 0x2a * 4096);
  CHECK(facts->uid == 33);

  MadeCore old;
  old.wide = false;
  old.machine = EM_386;
  old.counter = 0xf7001234;
  old.sent_by(99, 1000, 0);
  facts = read_core_notes(old.bytes());
  REQUIRE(facts);
  CHECK(facts->pid == 4711);
  CHECK(facts->tid == 4712);
  CHECK(facts->comm == "nginx");
  CHECK(facts->module == "/usr/lib/libc.so.6");
  CHECK(facts->offset == 0x1234 + 0x2a * 4096);
  CHECK(facts->sent->pid == 99);
  CHECK(facts->sent->uid == 1000);
  // A uid that does not fit into 16 bits is 65534 there.
  old.uid = 65534;
  CHECK_FALSE(read_core_notes(old.bytes())->uid);
}

TEST_CASE("a core of gdb's gcore begins with the process, not with its thread", "[autopsy][core]") {
  MadeCore made;
  made.debugger = true;
  auto facts = read_core_notes(made.bytes());
  REQUIRE(facts);
  CHECK_FALSE(facts->by_kernel);
}

TEST_CASE("a core that is cut anywhere gives what is there, or an error", "[autopsy][core]") {
  auto whole = MadeCore().bytes();
  bool named = false;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    auto facts = read_core_notes(std::string_view(whole).substr(0, size));
    if (named) REQUIRE(facts);
    named |= facts.has_value();
  }
  CHECK(named);
}

TEST_CASE("what is no process's core is an error", "[autopsy][core]") {
  CHECK_FALSE(read_core_notes(std::string_view()));
  CHECK_FALSE(
      read_core_notes("\x7f"
                      "ELF"));
  auto bytes = MadeCore().bytes();
  bytes[offsetof(Elf64_Ehdr, e_type)] = ET_EXEC;
  CHECK_FALSE(read_core_notes(bytes));
  bytes = MadeCore().bytes();
  bytes[EI_DATA] = ELFDATA2MSB;
  CHECK_FALSE(read_core_notes(bytes));
  bytes = MadeCore().bytes();
  bytes[offsetof(Elf64_Ehdr, e_phentsize)] = 1;
  CHECK_FALSE(read_core_notes(bytes));
}

TEST_CASE("sizes and counts that a core claims are checked against what is there", "[autopsy][core]") {
  auto bytes = MadeCore().bytes();
  std::size_t notes = sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    auto hostile = bytes;
    for (std::size_t i = 0; i < 8 && at + i < hostile.size(); ++i) hostile[at + i] = '\xff';
    auto facts = read_core_notes(hostile);
    if (facts) REQUIRE(facts->comm.size() <= 16);
  }
  // A first note that claims 4 GiB.
  bytes.replace(notes + 4, 4, "\xff\xff\xff\xff");
  CHECK_FALSE(read_core_notes(bytes));
}
