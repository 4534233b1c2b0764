// Numbers for people: as many digits as their size and their change ask for.
#pragma once

#include <string>

#include "report/compose/rows.hpp"

namespace cml::report {

struct RowText {
  std::string old_value, new_value, change, percent;  // Unescaped; empty where there is nothing to say.
};
// Old, new and change of a row share their decimals: four significant digits, more when the change would not show.
RowText texts_of(Row const&);
std::string plain_number(double value);  // Six significant digits, no trailing zeros.
// As it is written in a file of parameters, with its type: 8 is not 8.0, and no digit is lost.
std::string exact_value(Scalar const&);
std::string plain_value(Scalar const& value);  // A cell on its own: text as it is, "true", "".

}  // namespace cml::report
