// The mark by which a comment of ours is found again: an image without text, CML's own form, which DVC Studio reads,
// too. It is the last line; before it stand lines that a comment leaves for its successor.
//
//   The report.
//
//   [cml-notes]: #                                           only below a report whose own last line looks like a note
//   [cml-file-0123...]: https://...                          notes: reference definitions, which no forge shows
//
//   ![](https://cml.dev/watermark.png?part=2#SHA "CML watermark TITLE")
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cml {

struct Watermark {
  std::string sha;       // Of the commit; may be empty.
  std::string title;     // Tells several comments of one thread apart; may be empty.
  std::size_t part = 1;  // Of a report over several comments: it stands in the address, where no title can.
};

// Replaces {workflow} and {run} in a title; without a value they stay, so that the title is not that of another report.
std::string fill_title(std::string title, std::string_view workflow, std::string_view run);
std::string watermark_text(Watermark const&);
// As a mark holds it: UTF-8 on one line. Of a long one the end becomes its hash, so that it stays a title of its own.
std::string normal_title(std::string_view title);
bool same_title(std::string_view one, std::string_view other);

struct MarkedBody {
  std::string content;
  std::vector<std::string> notes;  // Lines "[cml-...]: ...".
  Watermark mark;
};
// Characters that text_of may add below a content that has lines like notes.
inline constexpr std::size_t kNotesStartLength = 17;
// `content` stays byte for byte; what it leaves open (a fence, an HTML comment) is closed before the mark.
std::string text_of(MarkedBody const&);
// Nothing unless the last line is a mark and stands outside quotes and code: people quote comments of ours.
std::optional<MarkedBody> read_marked(std::string_view body);
// A quick look, for long threads: false for all that read_marked takes for nothing but some.
bool may_be_marked(std::string_view body);

}  // namespace cml
