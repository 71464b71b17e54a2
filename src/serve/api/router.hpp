// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Routes of the HTTP interface. Each noun's folder gives a list of routes; app/ joins the lists.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "guard/principal.hpp"
#include "runtime/http_message.hpp"

namespace bongsu::api {

/// A request that found its route.
struct Call {
  http::Request request;
  guard::Principal caller;
  std::map<std::string, std::string, std::less<>> params;  ///< {id} -> decoded part
};

/// Runs on the shard that read the request; answers once, at once or later, on that same or any other shard.
using Handler = std::function<void(Call call, http::Respond respond)>;

struct Route {
  std::string method;   ///< "GET"; "*" for any (NGSI-LD answers 405 itself)
  std::string pattern;  ///< "/api/v1/alarms/{id}/acknowledge"; a last part "**" takes the rest
  guard::Permission permission;
  Handler handler;
};

using Routes = std::vector<Route>;
using Params = std::map<std::string, std::string, std::less<>>;

/// Finds the route of a request; the first that fits wins.
class Router {
 public:
  explicit Router(Routes routes);

  struct Found {
    const Route* route;
    Params params;
  };
  /// @errors kNotFound http.no_route   kNotSupported http.method_not_allowed (message: the methods for the Allow
  /// header)
  Result<Found> Find(std::string_view method, const std::vector<std::string>& segments) const;

 private:
  struct Entry {
    Route route;
    std::vector<std::string> parts;
  };
  static bool Matches(const Entry& entry, const std::vector<std::string>& segments, Params* params);
  std::vector<Entry> entries_;
};

}  // namespace bongsu::api
