// From a report with local files to one with addresses, over the destination that the options name.
#pragma once

#include <optional>
#include <string>

#include "app/context.hpp"
#include "app/session.hpp"
#include "asset/store.hpp"
#include "report/publish.hpp"

namespace cml {

// A report is read by people: more than this is a file in the wrong place.
inline constexpr std::size_t kMaxReportBytes = 16u << 20;

// A report that the command line names: a file, pipe or device. One inside the workspace must not lead elsewhere, since
// somebody else may have made the link.
Result<std::string> read_report_file(Context&, Door const&, std::string const& path);

// --publish-to, or one of CML's older spellings of it.
std::string asset_destination(Context&, std::string const& publish_to, std::string const& url, bool native);
// `thread` is where the files will be shown, when that is known.
Result<std::unique_ptr<AssetStore>> open_asset_store(Context&, std::string const& destination, Forge*, bool watermark,
                                                     std::optional<CommentTarget> thread);

}  // namespace cml
