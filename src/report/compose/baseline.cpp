#include "report/compose/baseline.hpp"

#include "base/text.hpp"
#include "metrics/reader.hpp"
#include "report/compose/sources.hpp"
#include "report/trend/trend.hpp"

namespace cml::report {
namespace {

std::string fetch_hint(Git const& git, std::string const& branch) {
  auto const shallow = git.is_shallow();
  if (!shallow) return "; this is not a git clone";
  if (*shallow)
    return "; this clone is shallow: run cml repo prepare (or git fetch --unshallow origin, or fetch-depth: 0 in "
           "actions/checkout) first";
  constexpr std::string_view kRemote = "origin/";
  return "; fetch it first: git fetch origin " + branch.substr(branch.starts_with(kRemote) ? kRemote.size() : 0);
}

// A branch as CI leaves it: often only the remote's name for it is there.
Result<std::string> resolve_branch(Git const& git, std::string const& name) {
  auto here = git.resolve(name);
  if (here) return here;
  auto remote = git.resolve("origin/" + name);
  return remote ? remote : here;
}

// Beside recorded values there are no files: curves, tables and pictures have nothing to stand beside.
class NoFiles : public metrics::Source {
 public:
  FileKind kind(std::string const&) override { return FileKind::Missing; }
  Result<std::string> read(std::string const& path, std::uintmax_t) override {
    return Error{ErrorKind::NotFound, path + ": is not recorded"};
  }
  Result<std::vector<std::string>> list(std::string const& folder) override {
    return Error{ErrorKind::NotFound, folder + ": is not recorded"};
  }
  std::string describe() const override { return "the recorded metrics"; }
};

Result<Baseline> recorded_baseline(RecordedBaseline const& wanted, BaselineRequest const& request) {
  if (request.history == nullptr) return Error{ErrorKind::Bug, "recorded metrics were not loaded"};
  RecordedHistory const& history = *request.history;
  std::string const nothing = "nothing to compare with: ";
  if (history.failure) return Error{ErrorKind::NotFound, nothing + history.failure->message};
  std::vector<BetterRule> const none;
  auto values =
      baseline_values(history.recorded, wanted, request.better != nullptr ? *request.better : none, history.present);
  if (!values) return Error{ErrorKind::NotFound, nothing + values.error().message};
  Baseline baseline;
  baseline.name = std::move(values->name);
  baseline.source = std::make_unique<NoFiles>();
  baseline.recorded = std::move(values->files);
  baseline.below = history.below;
  baseline.commits = std::move(values->commits);
  return baseline;
}

}  // namespace

std::string recorded_name(std::string const& below, std::string const& file) {
  return (std::filesystem::path(below) / file).lexically_normal().generic_string();
}

Result<metrics::Document> document_in(Baseline const& baseline, std::string const& file) {
  if (!baseline.recorded) return metrics::read_document(*baseline.source, path_in(baseline, file));
  auto const found = baseline.recorded->find(recorded_name(baseline.below, file));
  if (found == baseline.recorded->end())
    return Error{ErrorKind::NotFound, one_line(file, 120) + ": is not among the recorded metrics"};
  metrics::Document document;
  document.format = "recorded metrics";
  document.metrics = found->second;
  return document;
}

Result<Baseline> find_baseline(BaselineRequest const& request) {
  std::string const &compare = request.compare, &target_branch = request.target_branch;
  Git const& git = *request.git;
  Baseline baseline;
  if (compare == "none" || (compare == "auto" && target_branch.empty())) return baseline;
  if (compare == "auto") {
    // The remote's branch first: a local one of that name may be old.
    auto tip = git.resolve("origin/" + target_branch);
    if (!tip) tip = git.resolve(target_branch);
    auto base = tip ? git.merge_base("HEAD", *tip) : tip;
    if (!base)
      return Error{ErrorKind::NotFound, "nothing to compare with: the merge base with " + target_branch +
                                            " is not in this clone" + fetch_hint(git, target_branch)};
    baseline.name = target_branch;
    baseline.source = std::make_unique<CommitSource>(git, *request.door, *base, target_branch);
    return baseline;
  }
  if (auto const recorded = parse_recorded_baseline(compare)) return recorded_baseline(*recorded, request);
  baseline.name = compare;
  if (auto const sha = resolve_branch(git, compare)) {
    baseline.source = std::make_unique<CommitSource>(git, *request.door, *sha, compare);
    return baseline;
  }
  // Another run of the same MLflow store: "mlruns:baseline".
  auto beside = std::make_unique<DiskSource>(*request.door, request.here);
  beside->named_by(request.origin);
  if (metrics::run_choice(*beside, compare)) {
    baseline.file = compare;
    baseline.source = std::move(beside);
    return baseline;
  }
  FileKind const kind = request.door->kind(request.here / compare);
  if (kind != FileKind::Regular && kind != FileKind::Directory)
    return Error{ErrorKind::NotFound, "nothing to compare with: \"" + one_line(compare, 80) +
                                          "\" is not a revision, file or folder here" + fetch_hint(git, compare)};
  if (kind == FileKind::Regular) baseline.file = compare;
  std::filesystem::path const folder = kind == FileKind::Regular ? request.here : request.here / compare;
  auto source = std::make_unique<DiskSource>(*request.door, folder);
  source->named_by(request.origin);
  baseline.source = std::move(source);
  return baseline;
}

std::string path_in(Baseline const& baseline, std::string const& file) {
  if (!baseline.file.empty()) return baseline.file;
  if (baseline.source->kind(file) != FileKind::Missing || baseline.source->describe() == baseline.name) return file;
  std::string const leaf = std::filesystem::path(file).filename().string();
  return baseline.source->kind(leaf) != FileKind::Missing ? leaf : file;
}

}  // namespace cml::report
