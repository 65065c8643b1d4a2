#include "model/kernel_event.h"

#include "base/kernel_numbers.h"

namespace stapkill::kernel {

BashLine BashLine::of(std::uint32_t packed) {
  BashLine line;
  line.number = static_cast<int>(packed >> SK_BASH_FLAG_BITS);
  line.in_text = packed & SK_BASH_TEXT;
  line.in_function = packed & SK_BASH_FUNCTION;
  line.in_source = packed & SK_BASH_SOURCE;
  return line;
}

std::uint32_t BashLine::packed() const {
  return static_cast<std::uint32_t>(number) << SK_BASH_FLAG_BITS | (in_text ? SK_BASH_TEXT : 0U) |
         (in_function ? SK_BASH_FUNCTION : 0U) | (in_source ? SK_BASH_SOURCE : 0U);
}

}  // namespace stapkill::kernel
