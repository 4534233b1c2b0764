// The formats that a specification can be drawn as: what they are called, how files of them end.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cml {

enum class DrawFormat { Png, Svg, Pdf, Jpeg, Html, Vega, Scene };

struct FormatRow {
  DrawFormat format;
  std::string_view name, suffix, media_type;
};
// One row a format, more where it has several names; the first one's suffix is written. A suffix that another one ends
// with comes later.
inline constexpr FormatRow kFormats[] = {
    {DrawFormat::Png, "png", ".png", "image/png"},
    {DrawFormat::Svg, "svg", ".svg", "image/svg+xml"},
    {DrawFormat::Pdf, "pdf", ".pdf", "application/pdf"},
    {DrawFormat::Jpeg, "jpeg", ".jpg", "image/jpeg"},
    {DrawFormat::Jpeg, "jpg", ".jpeg", "image/jpeg"},
    {DrawFormat::Html, "html", ".html", "text/html"},
    {DrawFormat::Vega, "vega", ".vg.json", "application/json"},
    {DrawFormat::Scene, "scene", ".scene.json", "application/json"},
};

FormatRow const& row_of(DrawFormat);
// Usage for a word that is no format's name.
Result<DrawFormat> format_named(std::string_view name);
// By the end of a file's name; PNG for a name without a suffix ("", "-", "plots/roc"). Usage for another suffix, so
// that no picture stands under a name that promises another format.
Result<DrawFormat> format_of_file(std::string_view file);
// The file's name without folder and specification suffix: "plots/roc.vl.json" is "roc".
std::string stem_of_specification(std::string_view file);

}  // namespace cml
