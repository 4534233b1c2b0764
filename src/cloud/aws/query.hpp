// The Query protocol of EC2 and STS: form in, XML out, signed by libcurl.
#pragma once

#include <functional>
#include <string>

#include "cloud/aws/credentials.hpp"
#include "cloud/aws/xml.hpp"

namespace cml::cloud::aws {

class Query {
 public:
  // Asked before each request, as keys of a session end. Without a pair the request goes unsigned
  // (AssumeRoleWithWebIdentity).
  using KeySource = std::function<Result<Keys>()>;
  Query(HttpClient& http, std::string service, std::string region, std::string endpoint, KeySource keys);
  // An error's message starts with AWS's code: "InsufficientInstanceCapacity: ...".
  Result<Xml> call(std::string const& action, Pairs const& parameters, Repeat = Repeat::Safe) const;
  std::string const& region() const { return region_; }

 private:
  HttpClient& http_;
  std::string service_, region_, endpoint_;
  KeySource keys_;
};

// AWS's code of an error that came from Query; empty for others.
std::string code_of(Error const&);

}  // namespace cml::cloud::aws
