#include "autopsy/logs/month_names.h"

#include <utility>

#include "autopsy/logs/take.h"

namespace stapkill {
namespace {

struct Name {
  int month;
  std::string_view text;
};

// Longer ones before their beginnings. English first: most logs have it.
constexpr Name kNames[] = {
    {1, "Jan"},  {2, "Feb"},  {3, "Mar"},  {4, "Apr"},   {5, "May"},  {6, "Jun"},
    {7, "Jul"},  {8, "Aug"},  {9, "Sep"},  {10, "Oct"},  {11, "Nov"}, {12, "Dec"},  // en
    {3, "Mär"},  {5, "Mai"},  {10, "Okt"}, {12, "Dez"},                             // de
    {1, "janv"}, {2, "févr"}, {3, "mars"}, {4, "avril"}, {5, "mai"},  {6, "juin"},  // fr
    {7, "juil"}, {8, "août"}, {9, "sept"}, {12, "déc"},  {4, "avr"},                // fr
    {1, "ene"},  {2, "feb"},  {3, "mar"},  {4, "abr"},   {5, "may"},  {6, "jun"},   // es
    {7, "jul"},  {8, "ago"},  {9, "sep"},  {10, "oct"},  {11, "nov"}, {12, "dic"},  // es
    {1, "jan"},  {2, "fev"},  {10, "out"}, {12, "dez"},  {9, "set"},                // pt
    {1, "gen"},  {4, "apr"},  {5, "mag"},  {6, "giu"},   {7, "lug"},  {10, "ott"},  // it
    {3, "mrt"},  {5, "mei"},  {8, "aug"},  {10, "okt"},  {12, "dec"},               // nl
    {1, "янв"},  {2, "фев"},  {3, "мар"},  {4, "апр"},   {5, "мая"},  {5, "май"},   // ru
    {6, "июн"},  {7, "июл"},  {8, "авг"},  {9, "сен"},   {10, "окт"}, {11, "ноя"},  // ru
    {12, "дек"},                                                                    // ru
};

/// "11月" of Chinese and Japanese, "11월" of Korean; a blank before one digit.
int take_numbered(std::string_view& text) {
  auto rest = text;
  int month = 0;
  if (!take_digits(rest, 1, 2, month) || month < 1 || month > 12) return 0;
  for (std::string_view mark : {"月", "월"}) {
    if (!rest.starts_with(mark)) continue;
    text = rest.substr(mark.size());
    return month;
  }
  return 0;
}

}  // namespace

int take_month(std::string_view& text) {
  if (text.empty()) return 0;
  if (is_digit(text[0])) return take_numbered(text);
  for (const auto& [month, name] : kNames) {
    if (!text.starts_with(name)) continue;
    text.remove_prefix(name.size());
    take_char(text, '.');
    return month;
  }
  return 0;
}

}  // namespace stapkill
