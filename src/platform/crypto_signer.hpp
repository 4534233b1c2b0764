// Signatures by OpenSSL's libcrypto.
#pragma once

#include "ports/signer.hpp"

namespace cml {

class CryptoSigner : public Signer {
 public:
  Result<std::string> rs256(Secret const& private_key_pem, std::string_view data) override;
};

}  // namespace cml
