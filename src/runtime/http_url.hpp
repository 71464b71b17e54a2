// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The address of an HTTP server, taken apart.

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace bongsu::runtime {

struct HttpUrl {
  bool secure = false;
  std::string host;
  std::string port;
  std::string target;  ///< Path and query; "/" when there is none.
};

/// @errors kInvalidArgument http.bad_url
Result<HttpUrl> ParseHttpUrl(std::string_view text);

}  // namespace bongsu::runtime
