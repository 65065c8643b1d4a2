#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "autopsy/finding.h"

namespace stapkill {

/// The form of struct utmp: glibc bits/utmp.h. 384 bytes with times of 32 bits (x86, ppc64, s390x), 400 with those of
/// 64 bits (aarch64, riscv64, loongarch).
enum class UtmpForm : std::size_t { narrow = 384, wide = 400 };

/// The form of a wtmp from its first records; none where it is no wtmp.
std::optional<UtmpForm> utmp_form(std::string_view head);

/// A boot, a shutdown or a login (utmp(5)); none for another record.
std::optional<Finding> utmp_finding(std::string_view record, UtmpForm form, const std::string& place);

}  // namespace stapkill
