// The readers behind reader.cpp's table. Bytes in, Document out.
#pragma once

#include "metrics/reader.hpp"

namespace cml::metrics {

Result<Document> read_delimited(std::string_view bytes, char delimiter, Limits const&);  // First row: names.
Result<Document> read_xml(std::string_view bytes, Limits const&);                        // Test results, coverage.
bool is_lcov(std::string_view bytes);
Result<Document> read_lcov(std::string_view bytes, Limits const&);
bool is_go_coverage(std::string_view bytes);
Result<Document> read_go_coverage(std::string_view bytes, Limits const&);
Result<Document> read_event_file(std::string_view bytes, Limits const&);  // TensorBoard scalars.
Result<Document> read_dvc_lock(std::string_view bytes, Limits const&);    // The params of each stage.
Result<Document> read_plain(std::string_view bytes, Limits const&);       // What scripts print.
bool is_json_lines(std::string_view bytes);
Result<Document> read_json_lines(std::string_view bytes, Limits const&);  // A record a line, of any logger.
// A tree whose shape tells the tool that wrote it; nothing when it is none that is known.
std::optional<Document> known_document(Node const&, Limits const&);
// A map of lists of numbers of one length, or of such maps: training curves, which Metric::last sums up.
std::optional<Document> curves_of(Node const&);
// What records say as metrics: "NAME.column" where a column of text tells at most `most` of them apart, else the last
// record.
std::vector<Metric> metrics_of_records(Records const&, std::size_t most);
// Metrics and tables of a tree, whatever wrote it; a failed parse stays its error.
Result<Document> document_of(Result<Node>, Limits const&);
// Where the newest value of a series stands: the last one of the highest step. Not of an empty series.
std::size_t newest_of(std::vector<double> const& steps);
bool is_event_file(std::string_view path);
bool is_classification_report(Node const&);

// Folders. `files` is everything below `folder`.
bool is_mlflow(std::vector<std::string> const& files);
// `run`: a run's name, its id or the beginning of it, an experiment (its newest run), or "experiment/run"; empty: the
// newest run.
Result<Document> read_mlflow(Source&, std::vector<std::string> const& files, std::string const& run, Limits const&);
bool is_dvclive(std::string const& folder, std::vector<std::string> const& files);
Result<Document> read_dvclive(Source&, std::string const& folder, std::vector<std::string> const& files, Limits const&);
bool is_tensorboard(std::vector<std::string> const& files);
Result<Document> read_tensorboard(Source&, std::string const& folder, std::vector<std::string> const& files,
                                  Limits const&);

}  // namespace cml::metrics
