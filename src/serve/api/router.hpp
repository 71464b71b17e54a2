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

/// One operation as the contract names it.
struct Operation {
  std::string method;
  std::string pattern;
};

struct Route {
  std::string method;   ///< "GET"; "*" for any (NGSI-LD answers 405 itself)
  std::string pattern;  ///< "/api/v1/alarms/{id}/acknowledge"; a last part "**" takes the rest
  guard::Permission permission;
  Handler handler;
  std::vector<Operation> serves{};  ///< What a "**" tells apart by itself, so that it can be listed.
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

  struct Listed {
    Operation operation;
    guard::Permission permission;  ///< Of the route that answers it.
  };
  /// Every operation there is, for the permission matrix: each route, and what a "**" serves below itself.
  std::vector<Listed> List() const;

 private:
  struct Entry {
    Route route;
    std::vector<std::string> parts;
  };
  static bool Matches(const Entry& entry, const std::vector<std::string>& segments, Params* params);
  std::vector<Entry> entries_;
};

}  // namespace bongsu::api
