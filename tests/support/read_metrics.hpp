// Metrics files in memory, and what they say, in one line.
#pragma once

#include <string>

#include "metrics/reader.hpp"
#include "report/compose/sources.hpp"
#include "support/fakes.hpp"

namespace cml::test {

inline Result<metrics::Document> read_bytes(std::string const& name, std::string bytes) {
  MemoryFileSystem files;
  files.put("/project/" + name, std::move(bytes));
  Door const door(files, {.root = "/project"});
  report::DiskSource source(door, "/project");
  return metrics::read_document(source, name);
}

// "loss=0.5; acc=1", or "error: ...".
inline std::string read_values(std::string const& name, std::string bytes) {
  auto const document = read_bytes(name, std::move(bytes));
  if (!document) return "error: " + document.error().message;
  std::string text;
  for (auto const& metric : document->metrics)
    text += (text.empty() ? "" : "; ") + metric.name + "=" + metrics::to_python(metric.value);
  return text;
}

// A table of a file, by its place: its columns and then its rows, "a,b; 1,2; 3,None".
inline std::string read_table(std::string const& name, std::string bytes, std::size_t which = 0) {
  auto const document = read_bytes(name, std::move(bytes));
  if (!document) return "error: " + document.error().message;
  if (which >= document->tables.size()) return "no table";
  auto const& table = document->tables[which];
  std::string text;
  for (auto const& column : table.columns) text += (text.empty() ? "" : ",") + column.name;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    text += "; ";
    for (std::size_t c = 0; c < table.columns.size(); ++c)
      text += (c > 0 ? "," : "") + metrics::to_python(table.columns[c].at(i));
  }
  return text;
}

}  // namespace cml::test
