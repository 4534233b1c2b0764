#include "platform/crypto_signer.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

namespace cml {
namespace {

struct Free {
  void operator()(BIO* bio) const { ::BIO_free(bio); }
  void operator()(EVP_PKEY* key) const { ::EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { ::EVP_MD_CTX_free(context); }
};

}  // namespace

Result<std::string> CryptoSigner::rs256(Secret const& private_key_pem, std::string_view data) {
  // The host's openssl.cnf may name modules, which a static binary cannot load: it crashes.
  if (::OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr) != 1)
    return Error{ErrorKind::Unsupported, "libcrypto could not be loaded or initialised; install or repair libssl3"};
  std::string const& pem = private_key_pem.reveal();
  std::unique_ptr<BIO, Free> const bio(::BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::unique_ptr<EVP_PKEY, Free> const key(
      bio ? ::PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, const_cast<char*>("")) : nullptr);
  if (!key) return Error{ErrorKind::BadInput, "the private key is not a PEM file that OpenSSL can read"};
  std::unique_ptr<EVP_MD_CTX, Free> const context(::EVP_MD_CTX_new());
  std::size_t length = 0;
  auto const* bytes = reinterpret_cast<unsigned char const*>(data.data());
  if (!context || ::EVP_DigestSignInit(context.get(), nullptr, ::EVP_sha256(), nullptr, key.get()) != 1 ||
      ::EVP_DigestSign(context.get(), nullptr, &length, bytes, data.size()) != 1)
    return Error{ErrorKind::BadInput, "the private key cannot sign with SHA-256"};
  std::string signature(length, '\0');
  if (::EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length, bytes,
                       data.size()) != 1)
    return Error{ErrorKind::BadInput, "the private key cannot sign with SHA-256"};
  signature.resize(length);
  return signature;
}

}  // namespace cml
