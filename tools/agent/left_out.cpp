// What the static cml-agent does without: symbols that are defined here are not taken from the archives, with all that
// comes along.
#include <cstddef>
#include <cstdlib>
#include <exception>

// An exception that nobody catches ends the process without its name: libstdc++'s own handler brings a demangler (47
// KB).
namespace __cxxabiv1 {
extern std::terminate_handler __terminate_handler;
std::terminate_handler __terminate_handler = std::abort;
}  // namespace __cxxabiv1

// Certificates of mbedTLS's self-test (54 KB), which nobody calls.
extern "C" {
extern char const mbedtls_test_cli_crt[], mbedtls_test_ca_crt[];
extern std::size_t const mbedtls_test_cli_crt_len, mbedtls_test_ca_crt_len;
char const mbedtls_test_cli_crt[] = "", mbedtls_test_ca_crt[] = "";
std::size_t const mbedtls_test_cli_crt_len = 1, mbedtls_test_ca_crt_len = 1;
}
