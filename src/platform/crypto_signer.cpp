#include "platform/crypto_signer.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

#include "platform/shared_library.hpp"

namespace cml {
namespace {

struct Crypto {
  decltype(::BIO_new_mem_buf)* bio_new;
  decltype(::BIO_free)* bio_free;
  decltype(::PEM_read_bio_PrivateKey)* read_key;
  decltype(::EVP_PKEY_free)* key_free;
  decltype(::EVP_MD_CTX_new)* context_new;
  decltype(::EVP_MD_CTX_free)* context_free;
  decltype(::EVP_DigestSignInit)* sign_init;
  decltype(::EVP_DigestSign)* sign;
  decltype(::EVP_sha256)* sha256;
};

Result<Crypto> load_crypto() {
  CML_TRY(library, SharedLibrary::open({"libcrypto.so.3", "libcrypto.so.1.1"}, "libssl3"));
  Crypto crypto{};
  bool const complete =
      library.find("BIO_new_mem_buf", crypto.bio_new) && library.find("BIO_free", crypto.bio_free) &&
      library.find("PEM_read_bio_PrivateKey", crypto.read_key) && library.find("EVP_PKEY_free", crypto.key_free) &&
      library.find("EVP_MD_CTX_new", crypto.context_new) && library.find("EVP_MD_CTX_free", crypto.context_free) &&
      library.find("EVP_DigestSignInit", crypto.sign_init) && library.find("EVP_DigestSign", crypto.sign) &&
      library.find("EVP_sha256", crypto.sha256);
  if (!complete)
    return Error{ErrorKind::Unsupported,
                 "libcrypto is too old (1.1.1 or newer is needed); upgrade the Debian package libssl3"};
  return crypto;
}

}  // namespace

Result<std::string> CryptoSigner::rs256(Secret const& private_key_pem, std::string_view data) {
  static Result<Crypto> const loaded = load_crypto();
  if (!loaded) return Error(loaded.error());
  Crypto const& crypto = loaded.value();
  std::string const& pem = private_key_pem.reveal();
  std::unique_ptr<BIO, decltype(crypto.bio_free)> const bio(crypto.bio_new(pem.data(), static_cast<int>(pem.size())),
                                                            crypto.bio_free);
  std::unique_ptr<EVP_PKEY, decltype(crypto.key_free)> const key(
      bio ? crypto.read_key(bio.get(), nullptr, nullptr, const_cast<char*>("")) : nullptr, crypto.key_free);
  if (!key) return Error{ErrorKind::BadInput, "the private key is no PEM that OpenSSL can read"};
  std::unique_ptr<EVP_MD_CTX, decltype(crypto.context_free)> const context(crypto.context_new(), crypto.context_free);
  std::size_t length = 0;
  auto const* bytes = reinterpret_cast<unsigned char const*>(data.data());
  if (!context || crypto.sign_init(context.get(), nullptr, crypto.sha256(), nullptr, key.get()) != 1 ||
      crypto.sign(context.get(), nullptr, &length, bytes, data.size()) != 1)
    return Error{ErrorKind::BadInput, "the private key cannot sign with SHA-256"};
  std::string signature(length, '\0');
  if (crypto.sign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length, bytes, data.size()) != 1)
    return Error{ErrorKind::BadInput, "the private key cannot sign with SHA-256"};
  signature.resize(length);
  return signature;
}

}  // namespace cml
