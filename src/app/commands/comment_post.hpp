// What comment create and comment update share: they differ in the mode alone.
#pragma once

#include <string>

#include <memory>

#include "app/commands.hpp"
#include "app/reporting.hpp"

namespace cml {

struct CommentOptions {
  std::vector<std::string> report;  // One path, or "-"; empty: the report is made from the options below.
  std::shared_ptr<ReportOptions> made = std::make_shared<ReportOptions>();
  std::string target = "auto";
  std::string pr;          // Deprecated --pr, --pr=7.
  std::string commit_sha;  // Deprecated.
  bool publish = true;
  bool native = false;
  std::string publish_url;
  std::string publish_to;
  bool update = false;           // Deprecated.
  bool updates_by_name = false;  // It is `comment update`.
  std::string mode;
  bool rm_watermark = false;
  std::string watermark_title;
  std::string on_oversize = "truncate";
  bool delete_if_empty = false;
  std::string workspace;
  bool step_summary = false;
  std::string fallback = "error";
  bool fail = true;
  std::string watch;  // Empty or a false value: post once.
  std::string trigger_file;
  bool quiet = false;  // The comment's address was printed before.
};

Action declare_comment(Flags&, bool update);
Status post_report(CommentOptions const&, Context&);
// One round; what the report is made of is read through `files`.
Status post_once(CommentOptions, Context&, FileSystem& files);
// Rounds without end (comment_watch.cpp).
Status post_and_watch(CommentOptions, Context&);

}  // namespace cml
