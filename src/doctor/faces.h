#pragma once

#include <string>

#include "base/text_style.h"
#include "doctor/diagnose.h"

namespace stapkill {

/// For a person: a heading for each category, a line for each check that begins with its glyph, its remedy below, and
/// the verdict as the last line. Verbose: the evidence too.
std::string diagnosis_text(const Diagnosis& diagnosis, const TextStyle& style);

/// One line when all is well; else the checks that are not well, and the verdict.
std::string diagnosis_short(const Diagnosis& diagnosis, const TextStyle& style);

/// The JSON of stapkill-doctor(1), --json.
std::string diagnosis_json(const Diagnosis& diagnosis);

/// A commented shell script that fixes the failures, to read and run; it stops at the first command that fails.
/// Remedies of warnings are comments.
std::string diagnosis_script(const Diagnosis& diagnosis, std::string_view version);

/// All checks with their titles.
std::string list_checks();
std::string list_checks_json();

}  // namespace stapkill
