// What a comment tells its successor: under which addresses its files are, for places that cannot be asked. Written as
// Markdown reference definitions, which no forge shows.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "asset/store.hpp"

namespace cml {

// Addresses by the first 32 hex digits of the content's SHA-256.
using RememberedFiles = std::map<std::string, std::string>;
RememberedFiles remembered_files(std::vector<std::string> const& notes);  // Of a comment (watermark.hpp).

// The lines for the files whose address is the store's own; empty when there are none.
std::vector<std::string> notes_of(std::vector<AssetFile> const&, std::vector<std::string> const& urls,
                                  AssetStore const&);

// Sends the files that are not remembered at an address of this store; addresses as AssetStore::put gives them.
Result<std::vector<std::string>> put_unknown(AssetStore&, std::vector<AssetFile> const&, RememberedFiles const&);

}  // namespace cml
