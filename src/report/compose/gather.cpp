#include "report/compose/gather.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "git/glob.hpp"
#include "metrics/reader.hpp"
#include "report/compose/baseline.hpp"
#include "report/compose/escape.hpp"
#include "report/compose/file_options.hpp"
#include "report/compose/history.hpp"
#include "report/compose/measures.hpp"
#include "report/compose/places.hpp"
#include "report/compose/plot.hpp"
#include "report/compose/plot_axes.hpp"
#include "report/compose/plot_records.hpp"
#include "report/compose/sources.hpp"
#include "report/compose/table_request.hpp"
#include "report/compose/text_files.hpp"
#include "report/trend/trend.hpp"
#include "workspace/credential_names.hpp"
#include "workspace/paths.hpp"

namespace cml::report {
namespace {

using metrics::Document;

constexpr std::uintmax_t kMaxTextBytes = 64u << 20;

class Gatherer {
 public:
  Gatherer(Settings const& settings, GatherRequest const& request, Diagnostics& diagnostics)
      : settings_(settings), request_(request), diagnostics_(diagnostics), workspace_(*request.door, request.here) {}

  Result<Model> run() {
    MatchWork const work;
    model_.title = settings_.title;
    model_.new_name = "workspace";
    auto baseline = find_baseline(
        baseline_request(settings_.compare, settings_.compare_from_config ? Origin::Workspace : Origin::CommandLine));
    if (baseline)
      baseline_ = std::move(*baseline);
    else
      CML_CHECK_OK(unreadable("", true, baseline.error()));
    model_.old_name = baseline_.name;
    for (std::string const& revision : settings_.more_compares) {
      auto other = find_baseline(
          baseline_request(revision, settings_.compare_from_config ? Origin::Workspace : Origin::CommandLine));
      if (!other || !other->source) {
        CML_CHECK_OK(trouble(other ? Error{ErrorKind::Usage, "--compare " + one_line(revision, 60) +
                                                                 " cannot be a further column; name a revision, a "
                                                                 "file or a folder"}
                                   : other.error(),
                             true));
        continue;
      }
      model_.other_names.push_back(other->name);
      others_.push_back(std::move(*other));
    }
    for (Item const& item : settings_.items) CML_CHECK_OK(expand(item));
    CML_CHECK_OK(within_limits(items_.size(), rows_));
    CML_CHECK_OK(prefetch());
    for (Item const& item : items_) {
      CML_CHECK_OK(add(item));
      CML_CHECK_OK(within_limits(items_.size(), rows_));
    }
    if (settings_.history > 1) CML_CHECK_OK(add_courses());
    std::vector<std::string> unmatched;
    model_.findings = check(settings_.thresholds, {gate_rows_, model_.unreadable, settings_.allow_missing}, unmatched);
    CML_CHECK_OK(within_limits(items_.size(), rows_));
    if (baseline_.source && !gate_rows_.empty()) model_.verdict = verdict_of(gate_rows_, model_.old_name);
    for (std::string const& pattern : settings_.select)
      if (!answered_.contains(pattern))
        CML_CHECK_OK(trouble({ErrorKind::NotFound, "--select " + one_line(pattern, 60) +
                                                       ": no metric or parameter of "
                                                       "that name"},
                             true));
    for (std::string const& text : unmatched)
      CML_CHECK_OK(trouble({ErrorKind::BadInput, "threshold \"" + text + "\": no metric answers to it"}));
    return std::move(model_);
  }

 private:
  Status trouble(Error const& error, bool show = false) {
    diagnostics_.missed("", error.message);
    if (show) model_.blocks.emplace_back(MissingBlock{error.message});
    return ok();
  }

  // What was recorded tells more than files that git has: metrics are seldom committed.
  Status add_courses() {
    auto const wanted = parse_recorded_baseline(settings_.compare);
    if (wanted && request_.history != nullptr) {
      add_recorded_history(model_, *request_.history, wanted->branch, settings_.history);
    } else if (auto added = add_history(model_, *request_.git, *request_.door, workspace_, settings_.history); !added) {
      return trouble(added.error());
    }
    return ok();
  }

  // Metrics that stand in the report as a line and, as nobody can judge them, in the way of --fail-if.
  Status unreadable(std::string const& file, bool old_side, Error const& error) {
    model_.unreadable.push_back({file, old_side, error.message});
    return trouble(error, true);
  }

  // "models/*/metrics.json" stands for the files it matches, sorted; cml.yaml has no shell that would do it.
  Status expand(Item const& asked) {
    Item item = asked;
    bool const file =
        item.kind != Item::Kind::Section && item.kind != Item::Kind::Text && item.kind != Item::Kind::Details;
    bool const with_options =
        item.kind == Item::Kind::Plot || item.kind == Item::Kind::Image || item.kind == Item::Kind::Table;
    if (file) item.value = in_place(*request_.door, request_.here, item.value);
    auto const end = with_options ? std::min(item.value.find(':'), item.value.size()) : item.value.size();
    std::string const pattern = item.value.substr(0, end);
    auto const star = pattern.find_first_of("*?[{");
    if (!file || star == std::string::npos || workspace_.kind(pattern) != FileKind::Missing)
      return items_.push_back(item), ok();
    workspace_.named_by(item.from_config ? Origin::Workspace : Origin::CommandLine);
    auto const slash = pattern.rfind('/', star);
    auto const filter = PathFilter::make({pattern}, "");
    if (!filter) return trouble(filter.error(), true);
    auto const files = workspace_.list(slash == std::string::npos ? "" : pattern.substr(0, slash));
    if (!files && files.error().kind != ErrorKind::NotFound)
      return trouble({files.error().kind, one_line(pattern, 120) + ": " + files.error().message}, true);
    bool any = false;
    if (item.kind == Item::Kind::Repeats) items_.push_back({item.kind, item.value, item.from_config});
    for (std::string const& path : files ? *files : std::vector<std::string>{}) {
      if (!filter->matches(path)) continue;
      any = true;
      // "*.json" is no word for a login that a step has left.
      bool const unmeant = may_hold_credentials(path) && !may_hold_credentials(pattern);
      if (item.kind == Item::Kind::Repeats) {
        items_.back().files.push_back(path);
        items_.back().from_config = items_.back().from_config || unmeant;
        continue;
      }
      items_.push_back({item.kind, path + item.value.substr(end), item.from_config || unmeant});
    }
    return any ? ok() : trouble({ErrorKind::NotFound, one_line(pattern, 120) + ": matches no file"}, true);
  }

  // All files of the baseline by one git process.
  Status prefetch() {
    auto* commit = dynamic_cast<CommitSource*>(baseline_.source.get());
    if (commit == nullptr) return ok();
    std::vector<std::string> paths;
    for (Item const& item : items_) {
      if (item.kind != Item::Kind::Metrics && item.kind != Item::Kind::Params) continue;
      if (workspace_.kind(item.value) != FileKind::Directory) paths.push_back(item.value);
    }
    if (auto fetched = commit->prefetch(paths, metrics::Limits{}.max_bytes); !fetched) return trouble(fetched.error());
    return ok();
  }

  BaselineRequest baseline_request(std::string const& compare, Origin origin) const {
    return {compare, request_.target_branch, request_.door,    request_.git, request_.here,
            origin,  request_.history,       &settings_.better};
  }

  Status add(Item const& item) {
    workspace_.named_by(item.from_config ? Origin::Workspace : Origin::CommandLine);
    switch (item.kind) {
      case Item::Kind::Metrics:
        return add_values(item.value, false);
      case Item::Kind::Repeats:
        return add_repeats(item);
      case Item::Kind::Params:
        return add_values(item.value, true);
      case Item::Kind::Plot:
        return add_plot(item.value);
      case Item::Kind::Image:
        return add_image(item.value);
      case Item::Kind::Log:
        return add_log(item.value);
      case Item::Kind::Table:
        return add_table(item.value);
      case Item::Kind::Markdown:
        return add_markdown(item.value);
      case Item::Kind::Text:
        return model_.blocks.emplace_back(TextBlock{item.value}), ok();
      case Item::Kind::Section:
      case Item::Kind::Details: {
        auto [text, level] = parse_heading(item.value);
        if (item.kind == Item::Kind::Section)
          model_.blocks.emplace_back(SectionBlock{std::move(text), level});
        else
          model_.blocks.emplace_back(DetailsBlock{std::move(text), level});
        return ok();
      }
    }
    return ok();
  }

  Status add_values(std::string const& path, bool params) {
    CML_CHECK_OK(within_limits(items_.size(), rows_));
    if (metrics::is_dvc_yaml(path)) {
      auto files = dvc_files_of(workspace_, path);
      if (!files) return trouble(files.error(), true);
      auto const& listed = params ? files->params : files->metrics;
      if (listed.empty())
        return trouble({ErrorKind::BadInput, path + ": names no " + (params ? "params" : "metrics")}, true);
      for (std::string const& file : listed) CML_CHECK_OK(add_values(file, params));
      return ok();
    }
    auto after = metrics::read_document(workspace_, path);
    std::optional<Document> before;
    bool lost_before = !baseline_.source && !model_.unreadable.empty() && model_.unreadable[0].file.empty();
    if (baseline_.source) {
      auto read = document_in(baseline_, path);
      if (read) {
        before = std::move(*read);
      } else if (read.error().kind != ErrorKind::NotFound) {
        lost_before = true;
        CML_CHECK_OK(params ? trouble(read.error(), true) : unreadable(path, true, read.error()));
      }
    }
    if (!after) {
      CML_CHECK_OK(params ? trouble(after.error(), true) : unreadable(path, false, after.error()));
      if (!before) return ok();
    } else {
      for (std::string const& note : after->notes)
        CML_CHECK_OK(trouble({ErrorKind::BadInput, one_line(path, 120) + ": " + note}, true));
      if (!params && !after->cut.empty()) model_.unreadable.push_back({path, false, path + ": " + after->cut});
    }
    if (before && !params && !before->cut.empty())
      CML_CHECK_OK(unreadable(path, true, {ErrorKind::BadInput, path + " at " + baseline_.name + ": " + before->cut}));
    if (before) CML_CHECK_OK(settle(*before, params));
    if (after) CML_CHECK_OK(settle(*after, params));
    if (after && after->metrics.empty() && (!before || before->metrics.empty()))
      return trouble({ErrorKind::BadInput, one_line(path, 120) + ": holds no " + (params ? "parameters" : "metrics")},
                     true);
    bool const lost_after = !after && after.error().kind != ErrorKind::NotFound;
    auto const now = after ? std::optional(std::move(*after)) : std::nullopt;
    std::vector<Further> others;
    for (Baseline const& other : others_) {
      auto read = document_in(other, path);
      bool const lost = !read && read.error().kind != ErrorKind::NotFound;
      if (lost) CML_CHECK_OK(trouble(read.error(), true));
      others.push_back({read ? std::optional(std::move(*read)) : std::nullopt, lost});
      if (others.back().document) CML_CHECK_OK(settle(*others.back().document, params));
    }
    return add_rows(path, before, now, others, {params, lost_before, lost_after});
  }

  // Of the values that a file holds, those that are compared here.
  Status settle(Document& document, bool params) {
    if (params) {
      if (document.params) document.metrics = std::move(*document.params);
      return ok();
    }
    std::erase_if(document.metrics, [](metrics::Metric const& metric) { return metric.records; });
    for (metrics::Metric& metric : document.metrics)
      if (metric.last) metric.value = *metric.last;
    std::vector<std::string> best, unknown;
    for (Threshold const& threshold : settings_.thresholds)
      if (is_best(threshold.pattern)) best.push_back(threshold.pattern);
    for (std::string const& pattern : settings_.select)
      if (is_best(pattern)) best.push_back(pattern);
    if (best.empty()) return ok();
    auto values = best_values(document, best, settings_.better, unknown);
    document.metrics.insert(document.metrics.end(), values.begin(), values.end());
    for (std::string const& name : unknown)
      CML_CHECK_OK(
          trouble({ErrorKind::BadInput, "best(" + one_line(name, 60) + "): which way is good is not known; say " +
                                            "--better '" + one_line(name, 60) + "=higher' or lower"},
                  true));
    return ok();
  }

  // Files of one run with several seeds.
  Status add_repeats(Item const& item) {
    std::vector<Document> now, then;
    bool lost_before = false;
    for (std::string const& file : item.files.empty() ? std::vector<std::string>{item.value} : item.files) {
      auto read = metrics::read_document(workspace_, file);
      if (read)
        now.push_back(std::move(*read));
      else
        CML_CHECK_OK(unreadable(item.value, false, read.error()));
      if (!baseline_.source || baseline_.recorded) continue;
      auto old = document_in(baseline_, file);
      if (old) {
        then.push_back(std::move(*old));
      } else if (old.error().kind != ErrorKind::NotFound) {
        lost_before = true;
        CML_CHECK_OK(unreadable(item.value, true, old.error()));
      }
    }
    std::optional<Document> before, after;
    std::vector<PartlyThere> partly, partly_then;
    if (!then.empty()) before.emplace(), before->metrics = mean_values(then, partly_then);
    if (baseline_.recorded)  // Their mean was recorded.
      if (auto recorded = document_in(baseline_, item.value)) before = std::move(*recorded);
    if (!now.empty()) after.emplace(), after->metrics = mean_values(now, partly);
    CML_CHECK_OK(say_partly(item.value, "", partly, now.size()));
    CML_CHECK_OK(say_partly(item.value, " at " + baseline_.name, partly_then, then.size()));
    if (after) after->remarks = {"mean ± standard error of " + std::to_string(now.size()) + " runs"};
    return add_rows(item.value, before, after, {}, {false, lost_before, false});
  }

  // A mean over some of the runs is not that of all: a run that diverged may have written none.
  Status say_partly(std::string const& file, std::string const& at, std::vector<PartlyThere> const& partly,
                    std::size_t runs) {
    for (auto const& [name, files] : partly) {
      std::string const text = one_line(file, 120) + at + ": " + one_line(name, 60) + " is a number in " +
                               std::to_string(files) + " of " + std::to_string(runs) + " runs, whose mean is shown";
      model_.unreadable.push_back({file, !at.empty(), text, name});
      CML_CHECK_OK(trouble({ErrorKind::BadInput, text}, true));
    }
    return ok();
  }

  struct Further {  // What a further revision says.
    std::optional<Document> document;
    bool lost = false;
  };
  struct Lost {
    bool params, before, after;
  };
  Status add_rows(std::string const& path, std::optional<Document> const& before, std::optional<Document> const& after,
                  std::vector<Further> const& others, Lost const& lost) {
    bool const params = lost.params;
    auto rows = pair_up(path, before ? &before->metrics : nullptr, after ? &after->metrics : nullptr);
    for (std::size_t i = 0; i < others.size(); ++i) {
      std::map<std::string_view, metrics::Scalar const*> values;
      if (others[i].document)
        for (auto const& metric : others[i].document->metrics) values[metric.name] = &metric.value;
      for (Row& row : rows) {
        row.others.resize(others.size());
        if (auto const value = values.find(row.name); value != values.end()) row.others[i].value = *value->second;
        row.others[i].unreadable = others[i].lost;
      }
    }
    for (Row& row : rows) {
      row.old_unreadable = lost.before && !row.old_value;
      row.new_unreadable = lost.after;
      row.tolerance = tolerance_of(row, settings_.tolerances);
      std::string const bare = is_best(row.name) ? row.name.substr(5, row.name.size() - 6) : row.name;
      if (!params) row.better = direction_of(bare, settings_.better);
      for (std::string const& pattern : settings_.select)
        if (name_matches(pattern, row.name)) answered_.insert(pattern);
    }
    rows_ += rows.size() * (1 + others.size());
    // A row that is not shown is judged all the same.
    if (!params) gate_rows_.insert(gate_rows_.end(), rows.begin(), rows.end());
    bool const any = !rows.empty();
    std::erase_if(rows, [&](Row const& row) { return !is_selected(row.name, settings_.select, settings_.exclude); });
    if (any && rows.empty()) return ok();
    // Files that stand side by side share a table.
    auto* last = model_.blocks.empty() ? nullptr : std::get_if<DiffBlock>(&model_.blocks.back());
    if (last == nullptr || last->params != params) {
      model_.blocks.emplace_back(DiffBlock{params, {}, baseline_.source != nullptr});
      last = &std::get<DiffBlock>(model_.blocks.back());
    }
    if (after && !params)
      for (std::string const& remark : after->remarks) last->remarks.push_back(one_line(path, 120) + ": " + remark);
    last->rows.insert(last->rows.end(), std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
    return ok();
  }

  Status add_plot(std::string const& text) {
    CML_TRY(request, parse_plot(text));
    if (!metrics::is_dvc_yaml(request.file)) return add_one_plot(std::move(request));
    auto files = dvc_files_of(workspace_, request.file);
    if (!files) return trouble(files.error(), true);
    for (auto const& plot : files->plots) CML_CHECK_OK(add_dvc_plot(plot));
    return ok();
  }

  // A file, a folder of files, a picture, or columns of several files under one name.
  Status add_dvc_plot(metrics::DvcPlot const& plot) {
    if (workspace_.kind(plot.path) == FileKind::Directory && !metrics::run_choice(workspace_, plot.path)) {
      auto const files = workspace_.list(plot.path);
      if (!files) return trouble({files.error().kind, one_line(plot.path, 120) + ": " + files.error().message}, true);
      for (std::string const& file : *files) {
        metrics::DvcPlot one = plot;
        one.path = file;
        // "train/loss" tells one from "eval/loss".
        if (one.title.empty())
          one.title = std::filesystem::path(file).lexically_relative(plot.path).replace_extension().string();
        if (is_picture(file) || has_records(file)) CML_CHECK_OK(add_dvc_plot(one));
      }
      return ok();
    }
    bool const several =
        std::any_of(plot.y.begin(), plot.y.end(), [](auto const& column) { return !column.file.empty(); });
    // DVCLive names its folder of pictures whether there are any or not.
    if (!several && workspace_.kind(plot.path) == FileKind::Missing &&
        !std::filesystem::path(plot.path).has_extension())
      return ok();
    if (is_picture(plot.path)) return add_image(plot.path);
    return add_one_plot(request_of(plot));
  }

  Status add_one_plot(PlotRequest request) {
    std::vector<std::string> notes;
    auto spec = plot_of(request, notes);
    if (!spec) {
      bool const named = contains(spec.error().message, request.file);
      return trouble(
          {spec.error().kind, "plot " + (named ? "" : one_line(request.file, 120) + ": ") + spec.error().message},
          true);
    }
    std::string const name = picture_name(request);
    std::string unique = name;
    for (int n = 2; std::find(plot_names_.begin(), plot_names_.end(), unique) != plot_names_.end(); ++n)
      unique = name + "-" + std::to_string(n);
    plot_names_.push_back(unique);
    model_.blocks.emplace_back(PlotBlock{unique, request.title, std::move(*spec), std::move(notes)});
    return ok();
  }

  // A file that a revision does not have yet has no line there.
  Status add_revision(Baseline const& from, PlotRequest const& request, std::vector<PlotData>& data,
                      std::vector<std::string>& notes) {
    if (!from.source) return ok();
    std::vector<std::string> thinned;  // The workspace says it.
    auto records = plot_records(
        *from.source, request, [&](std::string const& file) { return path_in(from, file); }, thinned);
    if (records)
      data.push_back({from.name, std::move(*records)});
    else if (!from.file.empty())  // One file stands for all, and need not have this curve.
      notes.push_back(from.name + " " + records.error().message);
    else if (records.error().kind != ErrorKind::NotFound)
      return trouble(records.error(), true);
    return ok();
  }

  Result<std::string> plot_of(PlotRequest& request, std::vector<std::string>& notes) {
    CML_TRY(records, plot_records(
                         workspace_, request, [](std::string const& file) { return file; }, notes));
    CML_CHECK_OK(complete(request, records));
    for (std::size_t i = 1; i < request.y.size();) {
      if (records.column(request.y[i]) != nullptr && ++i) continue;
      CML_CHECK_OK(trouble({ErrorKind::BadInput, "plot " + one_line(request.file, 120) + ": has no column \"" +
                                                     one_line(request.y[i], 60) + "\"; it is drawn without it"},
                           true));
      request.y.erase(request.y.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (request.title.empty()) request.title = default_title(request);
    std::vector<PlotData> data;
    if (request.revisions.empty()) CML_CHECK_OK(add_revision(baseline_, request, data, notes));
    for (std::string const& revision : request.revisions) {
      auto other = find_baseline(baseline_request(revision, workspace_.origin()));
      if (other)
        CML_CHECK_OK(add_revision(*other, request, data, notes));
      else
        CML_CHECK_OK(trouble(other.error(), true));
    }
    data.push_back({"workspace", std::move(records)});
    CML_TRY(seen, look_over(request, data));
    notes.insert(notes.end(), seen.begin(), seen.end());
    CML_TRY(text, find_plot_template(workspace_, request.template_name));
    return fill_template(text, request, data);
  }

  Status add_image(std::string const& text) {
    bool const whole = workspace_.kind(text) == FileKind::Regular;  // A file whose name holds a colon.
    CML_TRY(request, whole ? Result<ImageRequest>(ImageRequest{text, {}, {}, {}}) : parse_image(text));
    ImageBlock image{request.file, request.title, request.width, {}, {}, 0};
    if (image.title.empty()) image.title = std::filesystem::path(image.path).stem().string();
    std::string const title = image.title;
    if (!request.revisions.empty()) image.row = ++image_rows_;
    for (std::string const& revision : request.revisions) {
      auto from = find_baseline(baseline_request(revision, workspace_.origin()));
      if (!from) {
        CML_CHECK_OK(trouble(from.error()));
        continue;
      }
      auto bytes =
          from->source ? from->source->read(path_in(*from, image.path), kMaxTextBytes) : Error{ErrorKind::NotFound, ""};
      if (bytes)
        model_.blocks.emplace_back(
            ImageBlock{image.path, title + " (" + revision + ")", image.width, revision, std::move(*bytes), image.row});
      else if (bytes.error().kind != ErrorKind::NotFound)
        CML_CHECK_OK(trouble(
            {bytes.error().kind, one_line(image.path, 120) + " at " + revision + ": " + bytes.error().message}));
    }
    if (workspace_.is_lfs_pointer(image.path))
      return trouble({ErrorKind::BadInput,
                      one_line(image.path, 120) + ": is a pointer of Git LFS, not a picture; run git lfs pull"},
                     true);
    if (workspace_.kind(image.path) != FileKind::Regular)
      return trouble({ErrorKind::NotFound, one_line(image.path, 120) + ": no such file"}, true);
    if (!request.revisions.empty()) image.title += " (workspace)";
    model_.blocks.emplace_back(std::move(image));
    return ok();
  }

  Status add_markdown(std::string const& path) {
    auto text = workspace_.read(path, kMaxTextBytes);
    if (!text) return trouble(file_error(path, text.error()), true);
    auto block = markdown_block(path, std::move(*text));
    return block ? (model_.blocks.emplace_back(std::move(*block)), ok()) : trouble(block.error(), true);
  }

  static Error file_error(std::string const& path, Error const& error) {
    return {error.kind,
            one_line(path, 120) + ": " + (error.kind == ErrorKind::NotFound ? "no such file" : error.message)};
  }

  Status add_log(std::string const& path) {
    auto text = workspace_.read(path, kMaxTextBytes);
    if (!text) return trouble(file_error(path, text.error()), true);
    auto block = log_block(path, *text, settings_.log_lines);
    return block ? (model_.blocks.emplace_back(std::move(*block)), ok()) : trouble(block.error(), true);
  }

  Status add_table(std::string const& text) {
    bool const whole = workspace_.kind(text) == FileKind::Regular;  // A file whose name holds a colon.
    CML_TRY(request, whole ? Result<TableRequest>(TableRequest{text, {}, {}, {}}) : parse_table(text));
    std::string const& path = request.file;
    auto document = metrics::read_document(workspace_, path);
    if (!document) return trouble(document.error(), true);
    bool const tests = lists_failed_tests(*document);
    std::optional<Document> before;
    if (baseline_.source && (tests || !request.keys.empty())) {
      auto read = metrics::read_document(*baseline_.source, path_in(baseline_, path));
      if (read)
        before = std::move(*read);
      else if (read.error().kind != ErrorKind::NotFound)
        CML_CHECK_OK(trouble(read.error(), true));
    }
    if (tests && before && lists_failed_tests(*before)) {
      auto table = with_transitions(document->tables.empty() ? nullptr : &document->tables[0],
                                    before->tables.empty() ? nullptr : &before->tables[0], baseline_.name);
      document->tables.clear();
      if (table.rows() > 0) document->tables.push_back(std::move(table));
    }
    if (tests && document->tables.empty())
      return model_.blocks.emplace_back(TextBlock{"*" + escape_markdown(path) + ": no test fails.*"}), ok();
    if (document->overview) document->tables = {std::move(*document->overview)};
    if (document->tables.empty()) document->tables.push_back(table_of_values(document->metrics));
    for (std::size_t i = 0; i < document->tables.size(); ++i) {
      auto const* old = before && !tests && i < before->tables.size() ? &before->tables[i] : nullptr;
      CML_CHECK_OK(add_one_table(request, std::move(document->tables[i]), old));
    }
    return ok();
  }

  Status add_one_table(TableRequest const& request, metrics::Records table, metrics::Records const* before) {
    std::vector<std::string> notes, missing;
    for (std::string const& key : request.keys)
      if (table.column(key) == nullptr || (before != nullptr && before->column(key) == nullptr)) missing.push_back(key);
    if (before != nullptr && missing.empty())
      table = paired_by_key(table, *before, request.keys, baseline_.name, notes);
    table = arranged(std::move(table), request, notes, missing);
    for (std::string const& name : missing)
      CML_CHECK_OK(trouble({ErrorKind::BadInput,
                            "table " + one_line(request.file, 120) + ": has no column \"" + one_line(name, 60) + "\""},
                           true));
    if (table.columns.size() > 50)
      return trouble({ErrorKind::BadInput, request.file + ": has " + std::to_string(table.columns.size()) +
                                               " columns, and a table for people has at most 50; choose some by " +
                                               "FILE:column=NAME,column=NAME"},
                     true);
    model_.blocks.emplace_back(TableBlock{request.file, std::move(table), std::move(notes)});
    return ok();
  }

  Settings const& settings_;
  GatherRequest const& request_;
  Diagnostics& diagnostics_;
  DiskSource workspace_;
  Baseline baseline_;
  std::vector<Baseline> others_;
  std::vector<Row> gate_rows_;      // Every row of metrics, whether it is shown or not.
  std::set<std::string> answered_;  // Patterns of --select that a row answers to.
  Model model_;
  std::vector<Item> items_;  // Of the settings, with globs expanded.
  std::vector<std::string> plot_names_;
  int image_rows_ = 0;
  std::size_t rows_ = 0;
};

}  // namespace

Result<Model> gather(Settings const& settings, GatherRequest const& request, Diagnostics& diagnostics) {
  return Gatherer(settings, request, diagnostics).run();
}

}  // namespace cml::report
