// Small text helpers that several rooms need. ASCII only unless a name says otherwise.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cml {

std::string_view trim(std::string_view text);
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);
std::vector<std::string> split(std::string_view text, char separator);  // "" gives one empty part.
std::string replace_all(std::string text, std::string_view from, std::string_view to);
bool equals_ignoring_case(std::string_view a, std::string_view b);
bool contains(std::string_view text, std::string_view part);

std::size_t utf8_length(std::string_view text);  // Code points; each invalid byte counts as one.
// The longest prefix of at most `bytes` bytes that does not end inside a UTF-8 sequence.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes);

// "%41" becomes "A"; a "%" that starts no valid escape stays.
std::string percent_decode(std::string_view text);
// Keeps RFC 3986 unreserved characters and those in `keep`.
std::string percent_encode(std::string_view text, std::string_view keep = "");

std::optional<long long> parse_integer(std::string_view text);  // The whole text, decimal.
std::optional<bool> parse_boolean(std::string_view text);       // true/false, yes/no, on/off, 1/0, any case.

// The name nearest to `word` by edit distance when it is near enough to be a typo of it; empty otherwise.
std::string_view nearest(std::string_view word, std::vector<std::string_view> const& names);

// One line for messages: control characters become spaces and what is longer than `bytes` is cut with "...".
std::string one_line(std::string_view text, std::size_t bytes = 300);

// The same for what a server or a file says: besides, escape sequences and characters that are not seen or turn the
// direction of writing are gone, bytes that are not UTF-8 are U+FFFD, and nothing in it is a command to a CI's log.
std::string clean_line(std::string_view text, std::size_t bytes = 300);

}  // namespace cml
