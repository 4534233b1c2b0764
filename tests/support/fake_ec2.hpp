// EC2 in memory: enough of the Query API for our calls, strict about parameters it does not know, with faults on
// request. It outlives the process that a test kills.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "ports/http.hpp"
#include "support/http_server.hpp"

namespace cml::test {

struct FakeInstance {
  std::string id, region, zone, type, state = "running", token, launched;
  std::map<std::string, std::string> tags, parameters;
  bool spot = false;
};

class FakeEc2 {
 public:
  // Requests to "https://ec2.REGION.amazonaws.com/".
  Result<HttpResponse> handle(HttpRequest const&);
  std::function<void(FakeInstance const&)> on_start;
  std::function<std::string()> now;  // ISO time.

  std::vector<FakeInstance> instances;
  std::map<std::string, std::map<std::string, std::string>> key_pairs;  // Name to tags.
  std::set<std::string> groups;                                         // "REGION/NAME"
  std::set<std::string> full_zones;  // InsufficientInstanceCapacity there, for spot and on demand.
  bool no_spot = false;              // InsufficientInstanceCapacity for every spot machine.
  int throttle = 0;                  // So many RunInstances are refused.
  int lose_answers = 0;              // So many RunInstances take effect and break off.
  std::string price;                 // Of any machine on demand, in dollars; empty: the price list is not permitted.
  std::pair<std::string, std::string> refusal;  // Code and message that every call is refused with.
  std::string deny;                             // This action is not permitted.
  std::string closed_region;                    // Nothing is permitted there.
  std::vector<std::string> bodies;              // All, in order.
  int count(std::string const& action) const;
  int living() const;
};

// FakeEc2 behind a port; the region comes from the signature, as the endpoint is one for all.
struct Ec2Server {
  Ec2Server();
  // `more` with what makes cml talk to this server.
  std::map<std::string, std::string> variables(std::map<std::string, std::string> more) const;
  std::mutex mutex;
  FakeEc2 ec2;
  HttpServer server;
};

}  // namespace cml::test
