#include "report/page.hpp"

#include "base/base64.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "forge/local/preview.hpp"
#include "markdown/html.hpp"

namespace cml {
namespace {

// Nothing in a report runs or phones home, whatever its HTML says; our own script alone is allowed, by its hash.
PreviewPolicy policy(std::string_view script, PageSources sources) {
  std::string allowed = "'none'";
  if (!script.empty()) {
    std::string const hex = sha256_hex(script);
    std::string digest;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) digest += percent_decode("%" + hex.substr(i, 2));
    allowed = "'sha256-" + base64_encode(digest) + "'";
  }
  std::string const images = sources == PageSources::Https ? "img-src data: https:" : "img-src data:";
  std::string const reload = script.empty() ? "" : "; connect-src 'self'";
  return {images + "; media-src data:" + reload, "script-src " + allowed};
}

}  // namespace

std::string with_inlined_files(Publication const& publication) {
  std::vector<std::string> urls;
  for (AssetFile const& file : publication.files())
    urls.push_back("data:" + file.mime + ";base64," + base64_encode(file.bytes));
  return publication.markdown(urls);
}

std::string report_page(std::string_view markdown, std::string_view title, std::string_view reload_from,
                        PageSources sources) {
  std::string script;
  if (!reload_from.empty())
    script = "\nlet seen;\nsetInterval(async () => {\n  try {\n    const now = await (await fetch('" +
             std::string(reload_from) +
             "')).text();\n    if (seen !== undefined && now !== seen) location.reload();\n    seen = now;\n  } catch "
             "{}\n}, 500);\n";
  std::string page = preview_head(policy(script, sources), title);
  page += "<article>\n<div class=\"body\">\n" + markdown::to_html(markdown) + "</div>\n</article>\n";
  if (!script.empty()) page += "<script>" + script + "</script>\n";
  return page + "</main>\n</body>\n</html>\n";
}

}  // namespace cml
