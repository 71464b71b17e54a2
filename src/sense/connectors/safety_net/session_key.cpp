// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/safety_net/session_key.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>

namespace bongsu::safety_net {
namespace {

std::string Mac(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), out.data(), &size);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", out[i]);
  return hex;
}

std::int64_t SecondsOf(TimePoint time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace

bool SameSecret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string MakeSessionKey(std::string_view api_key, std::string_view source, TimePoint now) {
  const std::string issued = fmt::format("{:x}", SecondsOf(now));
  return fmt::format("{}.{}", issued, Mac(api_key, fmt::format("{}|{}", source, issued)));
}

bool CheckSessionKey(std::string_view session, std::string_view api_key, std::string_view source, TimePoint now) {
  const std::size_t dot = session.find('.');
  if (dot == std::string_view::npos || dot > 16) return false;
  std::int64_t issued = 0;
  const auto [end, error] = std::from_chars(session.data(), session.data() + dot, issued, 16);
  if (error != std::errc{} || end != session.data() + dot) return false;
  const std::int64_t age = SecondsOf(now) - issued;
  if (age < -60 || age > std::chrono::duration_cast<std::chrono::seconds>(kSessionLife).count()) return false;
  return SameSecret(session.substr(dot + 1), Mac(api_key, fmt::format("{}|{}", source, session.substr(0, dot))));
}

}  // namespace bongsu::safety_net
