// SPDX-License-Identifier: Apache-2.0
#include "guard/credentials.hpp"

#include <algorithm>
#include <cctype>

namespace bongsu::guard {
namespace {

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// The part of `text` before `mark`, which is dropped from it.
std::string_view Take(std::string_view& text, char mark) {
  const std::size_t end = std::min(text.find(mark), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

bool StartsWithWord(std::string_view text, std::string_view word) {
  return text.size() >= word.size() && std::ranges::equal(text.substr(0, word.size()), word, [](char a, char b) {
           return std::tolower(static_cast<unsigned char>(a)) == b;
         });
}

std::string_view Bounded(std::string_view value) { return value.size() <= kMaxCredential ? value : std::string_view{}; }

}  // namespace

std::string_view CookieOf(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    std::string_view pair = Take(header, ';');
    const std::string_view key = Trim(Take(pair, '='));
    if (key == name) return Bounded(Trim(pair));
  }
  return {};
}

std::string_view BearerOf(std::string_view authorization) {
  authorization = Trim(authorization);
  if (!StartsWithWord(authorization, "bearer ")) return {};
  return Bounded(Trim(authorization.substr(7)));
}

std::string_view SubProtocolBearerOf(std::string_view protocols) {
  while (!protocols.empty()) {
    const std::string_view protocol = Trim(Take(protocols, ','));
    if (protocol.starts_with("bearer.")) return Bounded(protocol.substr(7));
  }
  return {};
}

std::string_view OriginHost(std::string_view origin) {
  const std::size_t colon = origin.find("://");
  if (colon == std::string_view::npos) return {};
  return origin.substr(colon + 3);
}

bool IsLoopbackHost(std::string_view host) {
  if (host.starts_with("[::1]")) return host.size() == 5 || host[5] == ':';
  std::string_view name = host.substr(0, std::min(host.find(':'), host.size()));
  if (name == "localhost") return true;
  if (!name.starts_with("127.")) return false;
  return std::ranges::all_of(name, [](char letter) { return letter == '.' || (letter >= '0' && letter <= '9'); });
}

std::string SessionCookie(std::string_view secret, std::int64_t max_age_s, bool secure) {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{}", kSessionCookie, secret, max_age_s,
                     secure ? "; Secure" : "");
}

}  // namespace bongsu::guard
