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

// Usage for a report that is a link inside the workspace to a file outside it, or of git's own: somebody else may have
// made the link. A file that is itself named outside is the user's choice.
Status check_report_place(Context&, std::string const& path, std::string const& workspace);

// --publish-to, or one of CML's older spellings of it.
std::string asset_destination(Context&, std::string const& publish_to, std::string const& url, bool native);
// `thread` is where the files will be shown, when that is known.
Result<std::unique_ptr<AssetStore>> open_asset_store(Context&, std::string const& destination, Forge*, bool watermark,
                                                     std::optional<CommentTarget> thread);

}  // namespace cml
