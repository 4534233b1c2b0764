// EC2 in memory: enough of the Query API for our calls, strict about parameters it does not know, with faults on
// request. It outlives the process that a test kills.
#pragma once

#include <chrono>
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
  bool spot = false, reaches_out = true;
  std::chrono::system_clock::time_point made;
};

struct FakeSubnet {
  std::string zone;             // Its letter.
  bool gives_addresses = true;  // MapPublicIpOnLaunch
  std::string route = "igw-1";  // Of 0.0.0.0/0 in its table; empty: there is none.
  bool own_table = false;       // Else it is the main one's, which leads to igw-1.
};

// What cloud-init would run: the user data, unpacked where it is packed.
std::string boot_script_of(FakeInstance const&);

class FakeEc2 {
 public:
  // Requests to "https://ec2.REGION.amazonaws.com/".
  Result<HttpResponse> handle(HttpRequest const&);
  std::function<void(FakeInstance const&)> on_start;
  std::function<std::string()> now;  // ISO time.
  // EC2 is eventually consistent: for so long a new machine is missing in answers about tags, and about its id.
  std::function<std::chrono::system_clock::time_point()> clock;  // None: there is no such time.
  std::chrono::seconds tags_lag{6}, ids_lag{2};

  std::vector<FakeInstance> instances;
  std::map<std::string, std::map<std::string, std::string>> key_pairs;  // Name to tags.
  std::set<std::string> groups, open_groups;                            // "REGION/NAME"; those that let SSH in.
  std::map<std::string, FakeSubnet> subnets{{"subnet-a", {"a"}}, {"subnet-b", {"b"}}, {"subnet-c", {"c"}}};
  int image_gb = 8;                                      // Of every image's snapshot.
  std::map<std::string, std::set<std::string>> only_in;  // Types that only these regions offer.
  std::set<std::string> away;                            // Regions that answer 503.
  std::set<std::string> permitted, used;                 // Actions; nothing permitted: everything is.
  std::set<std::string> full_zones;                      // InsufficientInstanceCapacity there, for spot and on demand.
  bool no_spot = false;                                  // InsufficientInstanceCapacity for every spot machine.
  int throttle = 0;                                      // So many RunInstances are refused.
  int lose_answers = 0;                                  // So many RunInstances take effect and break off.
  std::string price;  // Of any machine on demand, in dollars; empty: the price list is not permitted.
  std::pair<std::string, std::string> refusal;  // Code and message that every call is refused with.
  std::string deny;                             // This action is not permitted.
  std::string closed_region;                    // Nothing is permitted there.
  std::vector<std::string> bodies;              // All, in order.
  int count(std::string const& action) const;
  int living() const;

 private:
  bool knows(std::string const& region, std::string const& id) const;
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
