// Words for the author of a specification: what stands in it and cannot be meant, by the path in the author's own file.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.hpp"
#include "base/result.hpp"
#include "vega/scene/scene.hpp"
#include "vega/value/value.hpp"

namespace cml {

// Warns of what Vega-Lite knows in no version: properties, colours, time units, types, sizes and formats of dates on
// what is no date. Each names the nearest right word.
void check_words(vega::Value const& spec, Diagnostics&);

struct NamedField {
  std::string path;    // "$.encoding.x.field"
  std::string column;  // The first part of its name: "a" of "a.b".
};
// The fields that marks are encoded by, that facets divide by, and that transforms and their expressions read.
std::vector<NamedField> encoded_fields(vega::Value const& spec);

// From its making on it watches what this thread draws of `spec`; then tell() warns of each such field that no row of
// the data has.
class FieldCheck {
 public:
  explicit FieldCheck(vega::Value const& spec);
  ~FieldCheck();
  // How many it warned of.
  std::size_t tell(Diagnostics&) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Warns where the picture shows no item of any mark: an empty chart looks like a chart.
void check_drawn(vega::Scene const&, Diagnostics&);

// For an object that is neither Vega-Lite nor Vega: what it is instead, as far as it can be told; none for a chart.
std::optional<Error> not_a_chart(vega::Value const& spec, bool vega_lite);

}  // namespace cml
