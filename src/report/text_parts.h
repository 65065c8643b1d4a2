#pragma once

#include <string>

#include "model/record.h"
#include "report/text_lines.h"

/// The records that take more than a line of the text report.
namespace stapkill::text {

/// A signal: who sent it to which process, and how; with `details` also the sender's command, parents, calls and flags.
void write_signal(const TextLines& lines, const SignalRecord& record, bool details, std::string& out);

/// A death: its verdict, then the chain that led to it where it has several steps; evidence where the cause is not
/// known or everything is asked for.
void write_death(const TextLines& lines, const DeathRecord& record, std::string& out);

void write_container(const TextLines& lines, const ContainerRecord& record, std::string& out);

/// Whether text leaves the record out and does not count it: a signal that ends nobody by default, a container
/// runtime's own step.
bool is_noise(const SignalRecord& record, const TextStyle& style);
bool is_noise(const DeathRecord& record, const TextStyle& style);

}  // namespace stapkill::text
