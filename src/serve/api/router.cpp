// SPDX-License-Identifier: Apache-2.0
#include "serve/api/router.hpp"

namespace bongsu::api {
namespace {

std::vector<std::string> SplitPattern(std::string_view pattern) {
  std::vector<std::string> parts;
  while (!pattern.empty()) {
    pattern.remove_prefix(pattern.front() == '/' ? 1 : 0);
    const std::size_t end = std::min(pattern.find('/'), pattern.size());
    parts.emplace_back(pattern.substr(0, end));
    pattern.remove_prefix(end);
  }
  return parts;
}

}  // namespace

Router::Router(Routes routes) {
  for (Route& route : routes) {
    std::vector<std::string> parts = SplitPattern(route.pattern);
    entries_.push_back({std::move(route), std::move(parts)});
  }
}

bool Router::Matches(const Entry& entry, const std::vector<std::string>& segments, Params* params) {
  const bool rest = !entry.parts.empty() && entry.parts.back() == "**";
  const std::size_t fixed = entry.parts.size() - (rest ? 1 : 0);
  // A trailing slash gives one empty last segment; it names the same thing.
  std::size_t given = segments.size();
  if (given > 0 && segments.back().empty()) --given;
  if (given < fixed || (!rest && given != fixed)) return false;
  for (std::size_t i = 0; i < fixed; ++i) {
    const std::string& part = entry.parts[i];
    const bool variable = part.size() > 2 && part.front() == '{' && part.back() == '}';
    if (!variable && part != segments[i]) return false;
    if (variable && segments[i].empty()) return false;
    if (variable && params != nullptr) (*params)[part.substr(1, part.size() - 2)] = segments[i];
  }
  return true;
}

Result<Router::Found> Router::Find(std::string_view method, const std::vector<std::string>& segments) const {
  std::string allowed;
  for (const Entry& entry : entries_) {
    if (!Matches(entry, segments, nullptr)) continue;
    const bool head = method == "HEAD" && entry.route.method == "GET";
    if (entry.route.method == method || entry.route.method == "*" || head) {
      Found found{&entry.route, {}};
      Matches(entry, segments, &found.params);
      return found;
    }
    allowed += (allowed.empty() ? "" : ", ") + entry.route.method;
  }
  if (!allowed.empty()) return Fail(Code::kNotSupported, "http.method_not_allowed", "{}", allowed);
  return Fail(Code::kNotFound, "http.no_route", "nothing is at this address");
}

std::vector<Router::Listed> Router::List() const {
  std::vector<Listed> all;
  for (const Entry& entry : entries_) {
    all.push_back({{entry.route.method, entry.route.pattern}, entry.route.permission});
    for (const Operation& served : entry.route.serves) {
      // An earlier route may take it: what counts is the one that answers.
      const auto found = Find(served.method, SplitPattern(served.pattern));
      all.push_back({served, found ? found->route->permission : entry.route.permission});
    }
  }
  return all;
}

}  // namespace bongsu::api
