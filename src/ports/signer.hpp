#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace cml {

class Signer {
 public:
  virtual ~Signer() = default;
  // RSASSA-PKCS1-v1_5 with SHA-256 (RS256 of JSON Web Tokens). BadInput when the PEM holds no RSA key.
  virtual Result<std::string> rs256(Secret const& private_key_pem, std::string_view data) = 0;
};

}  // namespace cml
