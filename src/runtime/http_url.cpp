// SPDX-License-Identifier: Apache-2.0
#include "runtime/http_url.hpp"

#include <algorithm>
#include <charconv>

namespace bongsu::runtime {

Result<HttpUrl> ParseHttpUrl(std::string_view text) {
  HttpUrl url;
  const auto bad = [whole = std::string(text)] {
    return Fail(Code::kInvalidArgument, "http.bad_url", "address '{}' is not http://host[:port]/path", whole);
  };
  if (text.starts_with("https://")) {
    url.secure = true;
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    text.remove_prefix(7);
  } else {
    return bad();
  }
  const std::size_t slash = std::min(text.find('/'), text.size());
  std::string_view authority = text.substr(0, slash);
  url.target = slash < text.size() ? std::string(text.substr(slash)) : "/";
  url.port = url.secure ? "443" : "80";
  const std::size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
    url.port = authority.substr(colon + 1);
    authority = authority.substr(0, colon);
    int number = 0;
    const auto [rest, error] = std::from_chars(url.port.data(), url.port.data() + url.port.size(), number);
    if (error != std::errc{} || rest != url.port.data() + url.port.size() || number < 1 || number > 65535) return bad();
  }
  if (authority.starts_with('[') && authority.ends_with(']')) authority = authority.substr(1, authority.size() - 2);
  url.host = authority;
  if (url.host.empty()) return bad();
  return url;
}

}  // namespace bongsu::runtime
