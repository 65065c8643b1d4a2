#include "autopsy/records/accounting.h"

#include <linux/acct.h>

#include <algorithm>
#include <cstring>

#include "autopsy/records/read_records.h"
#include "catch.h"
#include "temporary.h"

using namespace stapkill;

namespace {

constexpr Time kSecond = 1'000'000'000;

struct Made {
  int pid = 4711, status = 9, flags = AXSIG | AGROUP;
  std::uint32_t begin = 1'700'000'000;
  float ticks = 250;
  std::string comm = "nginx";

  std::string bytes() const {
    acct_v3 record{};
    record.ac_flag = static_cast<char>(flags);
    record.ac_version = 3;
    record.ac_exitcode = static_cast<std::uint32_t>(status);
    record.ac_uid = 33;
    record.ac_pid = static_cast<std::uint32_t>(pid);
    record.ac_ppid = 1;
    record.ac_btime = begin;
    record.ac_etime = ticks;
    comm.copy(record.ac_comm, ACCT_COMM);
    return {reinterpret_cast<const char*>(&record), sizeof record};
  }
};

/// The same as a big-endian kernel writes it.
std::string swapped(std::string bytes) {
  bytes[1] = static_cast<char>(0x83);
  std::reverse(bytes.begin() + 2, bytes.begin() + 4);
  for (std::size_t at = 4; at < 32; at += 4)
    std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.begin() + static_cast<std::ptrdiff_t>(at + 4));
  return bytes;
}

Scope scope_of(const Temporary& root, Time since, Time until) {
  Scope scope;
  scope.files = HostFiles(root.path().string());
  scope.since = since;
  scope.until = scope.now = until;
  return scope;
}

}  // namespace

TEST_CASE("a record of accounting tells the signal and the second of the end", "[autopsy][accounting]") {
  for (const auto& bytes : {Made().bytes(), swapped(Made().bytes())}) {
    auto record = accounting_record(bytes);
    REQUIRE(record);
    auto finding = accounting_finding(*record, "pacct, record 0");
    CHECK(finding.kind == Finding::Kind::accounting);
    CHECK(finding.signal == 9);
    CHECK_FALSE(finding.status);
    CHECK(finding.subject.pid == 4711);
    CHECK(finding.subject.parent == 1);
    CHECK(finding.subject.uid == 33);
    CHECK(finding.subject.comm == "nginx");
    CHECK(finding.time == 1'700'000'002 * kSecond + kSecond / 2);
    CHECK(finding.doubt < kSecond);
  }
}

TEST_CASE("a status, a core, and a signal of another thread", "[autopsy][accounting]") {
  auto finding = [](int status, int flags) {
    Made made;
    made.status = status;
    made.flags = flags;
    return accounting_finding(*accounting_record(made.bytes()), "");
  };
  CHECK(finding(0, AGROUP).status == 0);
  CHECK(finding(0x2a00, AGROUP).status == 42);
  CHECK(finding(0x8b, ACORE | AXSIG).signal == 11);
  CHECK(finding(0x8b, ACORE | AXSIG).reason == "was killed by SIGSEGV, with a core dump");
  // The main thread ended before: its status says nothing of the signal.
  auto other = finding(0, AXSIG);
  CHECK(other.signal == 0);
  CHECK_FALSE(other.status);
  CHECK(other.reason == "was killed by a signal");
  CHECK_FALSE(finding(0x100, AXSIG).status);
}

TEST_CASE("a long life leaves more doubt", "[autopsy][accounting]") {
  Made made;
  made.ticks = 86400.0F * 400 * 100;
  auto record = accounting_record(made.bytes());
  REQUIRE(record);
  CHECK(record->doubt > kSecond);
  CHECK(record->doubt < 10 * kSecond);
}

TEST_CASE("what is no record is none", "[autopsy][accounting]") {
  auto good = Made().bytes();
  CHECK_FALSE(accounting_record(good.substr(0, 63)));
  for (int version : {0, 1, 2, 6}) {
    good[1] = static_cast<char>(version);
    CHECK_FALSE(accounting_record(good));
  }
  Made made;
  made.pid = 0;
  CHECK_FALSE(accounting_record(made.bytes()));
  made.pid = -5;
  CHECK_FALSE(accounting_record(made.bytes()));
  made = {};
  made.ticks = -1;
  CHECK_FALSE(accounting_record(made.bytes()));
  made.ticks = __builtin_nanf("");
  CHECK_FALSE(accounting_record(made.bytes()));
  made = {};
  made.comm = std::string(16, '\xff');
  CHECK(accounting_record(made.bytes())->comm.size() == 16);
}

TEST_CASE("a file of accounting is known by its first records", "[autopsy][accounting]") {
  auto bytes = Made().bytes();
  CHECK(looks_like_accounting(bytes + bytes));
  CHECK_FALSE(looks_like_accounting(bytes + std::string(64, 'x')));
  CHECK_FALSE(looks_like_accounting(""));
  CHECK_FALSE(looks_like_accounting(std::string(384, '\0')));
}

TEST_CASE("an old version of accounting is said", "[autopsy][accounting]") {
  auto bytes = Made().bytes();
  bytes[1] = 2;
  auto reading = read_accounting_file(bytes, "pacct");
  REQUIRE(reading.notes.size() == 1);
  CHECK(reading.notes[0].state == SourceNote::State::broken);
  CHECK(reading.notes[0].detail == "accounting of version 2, which names no pid");
}

TEST_CASE("read_accounting finds the interval in a large file, also behind damage", "[autopsy][accounting]") {
  Temporary root;
  std::string bytes;
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    Made made;
    made.begin = 1'700'000'000 + i;
    made.pid = static_cast<int>(i) + 1;
    made.status = i % 2 ? 9 : 0;
    made.flags = i % 2 ? AXSIG : 0;
    bytes += i % 1000 == 7 ? std::string(64, 'x') : made.bytes();
  }
  root.write("var/log/account/pacct", bytes + "torn");
  auto reading = read_accounting(scope_of(root, 1'700'015'002 * kSecond, 1'700'015'011 * kSecond));
  std::erase_if(reading.findings, [](const Finding& one) { return one.status == 0; });
  REQUIRE(reading.findings.size() == 5);
  CHECK(reading.findings[0].subject.pid == 15'000);  // its second, with the doubt, reaches into the interval
  REQUIRE(reading.notes.size() == 1);
  CHECK(reading.notes[0].state == SourceNote::State::read);
  CHECK(reading.notes[0].detail.english().find("5 abnormal ends") == 0);
}

TEST_CASE("of very many ends the last ones are kept", "[autopsy][accounting]") {
  std::string bytes;
  for (int pid = 1; pid <= 20'010; ++pid) {
    Made made;
    made.pid = pid;
    bytes += made.bytes();
  }
  auto reading = read_accounting_file(bytes, "pacct");
  REQUIRE(reading.findings.size() == 20'000);
  CHECK(reading.findings.front().subject.pid == 11);
  CHECK(reading.findings.back().place == "pacct, record 20009");
  CHECK(reading.notes.at(0).state == SourceNote::State::cut);
}

TEST_CASE("a host without accounting has one note", "[autopsy][accounting]") {
  Temporary root;
  auto reading = read_accounting(scope_of(root, 0, kSecond));
  REQUIRE(reading.notes.size() == 1);
  CHECK(reading.notes[0].state == SourceNote::State::absent);
}
