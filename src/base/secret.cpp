#include "base/secret.hpp"

#include <algorithm>
#include <vector>

#include "base/base64.hpp"
#include "base/text.hpp"

namespace cml {

std::string without_secret(std::string text, Secret const& secret) {
  constexpr std::size_t kShortest = 6;  // What is shorter is found in every text.
  std::string const& value = secret.reveal();
  std::vector<std::string> forms{value};
  auto const add_after = [&](std::string const& whole, char separator) {
    if (auto const at = whole.find(separator); at != std::string::npos) forms.push_back(whole.substr(at + 1));
  };
  add_after(value, ' ');  // "Bearer TOKEN"
  if (auto const pair = base64_decode(forms.back()); pair && contains(*pair, ":")) forms.push_back(*pair);
  add_after(std::string(forms.back()), ':');  // "user:password"
  for (std::size_t i = 0, plain = forms.size(); i < plain; ++i) {
    forms.push_back(base64_encode(forms[i]));
    forms.push_back(percent_encode(forms[i]));
  }
  std::sort(forms.begin(), forms.end(), [](auto const& a, auto const& b) { return a.size() > b.size(); });
  for (std::string const& form : forms)
    if (form.size() >= kShortest) text = replace_all(std::move(text), form, "***");
  return text;
}

}  // namespace cml
