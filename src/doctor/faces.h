#pragma once

#include <string>

#include "base/text_style.h"
#include "doctor/diagnose.h"

namespace stapkill {

/// For a person: a heading for each category, a line for each check with its glyph first, what mends it beneath, and
/// one line of verdict last. Verbose: the evidence too.
std::string diagnosis_text(const Diagnosis& diagnosis, const TextStyle& style);

/// One line when all is well; else the checks that are not, and the verdict.
std::string diagnosis_short(const Diagnosis& diagnosis, const TextStyle& style);

/// The JSON of stapkill-doctor(1), --json.
std::string diagnosis_json(const Diagnosis& diagnosis);

/// A shell script of what mends the failures, for somebody to read and run: commented, stops at the first failure. What
/// mends warnings stands there as comments.
std::string diagnosis_script(const Diagnosis& diagnosis, std::string_view version);

/// All checks with what they are about.
std::string list_checks();
std::string list_checks_json();

}  // namespace stapkill
