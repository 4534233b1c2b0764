// Addresses that carry their own permission: AWS Signature Version 4 in the query, for reading one object (S3 and its
// relatives).
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace cml {

struct PresignRequest {
  std::string url;     // "https://HOST/PATH", percent-encoded, without query.
  std::string region;  // "eu-west-1"
  std::string key_id;
  Secret secret_key;
  Secret session;                    // Of temporary keys; it becomes part of the address. May be empty.
  std::chrono::seconds lifetime{0};  // At most kMaxPresignLifetime.
  std::chrono::system_clock::time_point now;
};
// What S3 allows at most.
constexpr std::chrono::hours kMaxPresignLifetime{7 * 24};

// The address at which everyone may read the object until `now` + `lifetime`, or until temporary keys end.
std::string presigned_address(PresignRequest const&);

}  // namespace cml
