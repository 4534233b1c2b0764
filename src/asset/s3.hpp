// S3 and what speaks its protocol: MinIO, Cloudflare R2, Google Cloud Storage's interoperability. Signed by libcurl
// (SigV4).
#pragma once

#include <memory>
#include <string_view>

#include "asset/store.hpp"

namespace cml {

// "s3://BUCKET[/PREFIX][?presign=7d][&style=path|host]"; keys, region and endpoint from the AWS_ variables.
Result<std::unique_ptr<AssetStore>> open_s3(StoreRequest const&);

}  // namespace cml
