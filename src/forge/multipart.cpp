#include "forge/multipart.hpp"

#include "base/text.hpp"

namespace cml {

Multipart multipart_file(std::string_view field, std::string_view file_name, AssetFile const& file) {
  // The content's own hash makes a boundary that the content cannot hold by accident.
  std::string const boundary = "cml-" + file.sha256.substr(0, 40);
  std::string const name = replace_all(one_line(file_name, 200), "\"", "%22");
  Multipart result;
  result.content_type = "multipart/form-data; boundary=" + boundary;
  result.body = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + std::string(field) +
                "\"; filename=\"" + name +
                "\"\r\nContent-Type: " + (file.mime.empty() ? "application/octet-stream" : file.mime) + "\r\n\r\n" +
                file.bytes + "\r\n--" + boundary + "--\r\n";
  return result;
}

}  // namespace cml
