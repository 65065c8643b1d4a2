#pragma once

#include <string_view>

namespace stapkill {

/// Whether a program's name looks generated, as "vGhyM0" or "xkqhzrptlw" do. One of
/// - six or more letters and digits of both cases, or eight or more of one, that change their kind all the time: pieces
///   like "v", "Ghy", "M", "0" (a capital goes with what follows it) are shorter than two on average;
/// - eight or more small letters of which three pairs, and one in four, are such that fewer than 100 of Debian's 63,000
///   package names have them ("xk", "kq", "hz").
/// It misses names rather than accuse wrongly: it finds none of the 4,100 executable files of a Debian 12 random, seven
/// of those package names (qpwgraph, goxkcdpwgen, pfb2t1c2pfb, passwdqc and three libraries), and between a third and a
/// half of truly random names. A name with any other character ('-', '.', '_', a space) is never random.
bool looks_random(std::string_view name);

}  // namespace stapkill
