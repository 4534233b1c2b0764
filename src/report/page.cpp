#include "report/page.hpp"

#include "base/base64.hpp"
#include "base/text.hpp"
#include "forge/local/preview.hpp"
#include "markdown/html.hpp"

namespace cml {
namespace {

// Nothing in a report runs or phones home, whatever its HTML says; only our own script has the nonce.
constexpr std::string_view kPolicy =
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data: https:; media-src data:; style-src 'unsafe-inline'; "
    "connect-src 'self'; script-src 'nonce-cml-preview'; base-uri 'none'; form-action 'none'\">\n";

}  // namespace

std::string with_inlined_files(Publication const& publication) {
  std::vector<std::string> urls;
  for (AssetFile const& file : publication.files()) urls.push_back("data:" + file.mime + ";base64," + base64_encode(file.bytes));
  return publication.markdown(urls);
}

std::string report_page(std::string_view markdown, std::string_view title, std::string_view reload_from) {
  std::string page = replace_all(std::string(preview_head()), "<meta name=\"viewport\"", std::string(kPolicy) + "<meta name=\"viewport\"");
  page = replace_all(std::move(page), "<title>cml preview</title>", "<title>" + markdown::escape_html(title) + "</title>");
  page += "<article>\n<div class=\"body\">\n" + markdown::to_html(markdown) + "</div>\n</article>\n";
  if (!reload_from.empty())
    page += "<script nonce=\"cml-preview\">\nlet seen;\nsetInterval(async () => {\n  try {\n    const now = await (await fetch('" + std::string(reload_from) +
            "')).text();\n    if (seen !== undefined && now !== seen) location.reload();\n    seen = now;\n  } catch {}\n}, 500);\n</script>\n";
  return page + "</main>\n</body>\n</html>\n";
}

}  // namespace cml
