#include "vega/lite/data/transforms.hpp"

namespace cml::vega::lite {

TransformType const kPivot{
    "pivot", keep,
    [](Value const& s) {
      auto fields = texts(s["pivot"]);
      add_unique(fields, s["value"].to_string());
      return with_groupby(fields, s);
    },
    [](Value const&) -> std::optional<Strings> { return std::nullopt; },
    [](Value const& s) -> Array {
      Value out = Value::object({{"type", "pivot"}, {"field", s["pivot"]}, {"value", s["value"]}});
      for (auto key : {"limit", "op", "groupby"})
        if (has(s, key)) out.set(key, s[key]);
      return {out};
    }};

}  // namespace cml::vega::lite
