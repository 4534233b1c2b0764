// The names of machines that cml makes, which say when and in which cloud that was, wherever they are met again.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ports/random.hpp"
#include "runner/life_cycle.hpp"

namespace cml::runner {

// Lower-case letters and digits.
std::string random_name(Random&, std::size_t length);
// "cml-NAME-TTTTTTRR-RRRRCCCC": names the machine, all that belongs to it and the runner. T, seconds in base 36, lets
// the sweeper tell its age anywhere; R is chance, as many may have one name; C is a check of all before it and of the
// cloud's name.
std::string make_id(std::string_view name, std::string_view cloud, Time now, Random&);
// When the id was made; nothing for names that are not ours.
std::optional<Time> time_of_id(std::string_view id);
// The cloud that its machine was made in; empty for names that are not ours.
std::string cloud_of_id(std::string_view id);

}  // namespace cml::runner
