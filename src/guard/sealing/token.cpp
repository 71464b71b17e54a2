// SPDX-License-Identifier: Apache-2.0
#include "guard/sealing/token.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "guard/crypto/bytes_text.hpp"

namespace bongsu::sealing {
namespace {

constexpr std::string_view kBegin = "~seal.";
constexpr std::size_t kSurrogate = 26;
constexpr std::array<std::string_view, 5> kNames{"person", "case", "contact", "plate", "message"};

std::optional<DataClass> ClassOf(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<DataClass>(found - kNames.begin());
}

bool IsSurrogate(std::string_view text) {
  return text.size() == kSurrogate && std::ranges::all_of(text, [](char letter) {
           return (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z');
         });
}

/// What stands before the next dot; moves `text` behind it.
std::string_view TakePart(std::string_view& text) {
  const std::size_t dot = std::min(text.find('.'), text.size());
  const std::string_view part = text.substr(0, dot);
  text.remove_prefix(std::min(dot + 1, text.size()));
  return part;
}

/// Reads what stands between "~seal." and "~".
std::optional<Token> ReadToken(std::string_view inside) {
  Token token;
  const auto data_class = ClassOf(TakePart(inside));
  token.surrogate = TakePart(inside);
  if (!data_class || !IsSurrogate(token.surrogate)) return std::nullopt;
  token.data_class = *data_class;
  if (inside.empty()) return token;
  const std::string_view key = TakePart(inside);
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), token.key);
  auto sealed = crypto::FromBase64Url(inside);
  if (error != std::errc{} || end != key.data() + key.size() || token.key == 0 || !sealed || sealed->empty())
    return std::nullopt;
  token.sealed = std::move(*sealed);
  return token;
}

}  // namespace

std::string_view ClassName(DataClass data_class) { return kNames[static_cast<std::size_t>(data_class)]; }

std::optional<DataClass> DeclaredClass(std::string_view name) {
  const auto found = ClassOf(name);
  return found == DataClass::kMessage ? std::nullopt : found;
}

std::string ToText(const Token& token) {
  if (!token.IsWhole()) return fmt::format("{}{}.{}~", kBegin, ClassName(token.data_class), token.surrogate);
  return fmt::format("{}{}.{}.{}.{}~", kBegin, ClassName(token.data_class), token.surrogate, token.key,
                     crypto::ToBase64Url(token.sealed));
}

std::string TokenStart(DataClass data_class, std::string_view surrogate) {
  return fmt::format("{}{}.{}", kBegin, ClassName(data_class), surrogate);
}

std::optional<std::string_view> TokenStartOf(std::string_view text) {
  if (!text.starts_with(kBegin)) return std::nullopt;
  std::string_view rest = text.substr(kBegin.size());
  const auto data_class = ClassOf(TakePart(rest));
  if (!data_class || !IsSurrogate(rest.substr(0, kSurrogate))) return std::nullopt;
  rest.remove_prefix(kSurrogate);
  if (!rest.starts_with('.') && !rest.starts_with('~')) return std::nullopt;
  return text.substr(0, text.size() - rest.size());
}

bool MayHoldToken(std::string_view text) { return text.find(kBegin) != std::string_view::npos; }

std::string ReplaceTokens(std::string_view text, const std::function<std::string(const Token&)>& change) {
  std::string out;
  for (std::size_t at = 0;;) {
    const std::size_t begin = text.find(kBegin, at);
    if (begin == std::string_view::npos) return out.append(text.substr(at));
    out.append(text.substr(at, begin - at));
    const std::size_t inside = begin + kBegin.size();
    const std::size_t end = text.find('~', inside);
    const auto token = end == std::string_view::npos ? std::nullopt : ReadToken(text.substr(inside, end - inside));
    if (token) out += change(*token);
    if (!token) out += kBegin;
    at = token ? end + 1 : inside;
  }
}

std::string Shortened(std::string_view text) {
  return ReplaceTokens(text, [](const Token& token) {
    return ToText(Token{.data_class = token.data_class, .surrogate = token.surrogate, .key = 0, .sealed = {}});
  });
}

json::Value ShortenedValue(json::Value value) {
  if (value.IsString()) return MayHoldToken(value.AsString()) ? json::Value{Shortened(value.AsString())} : value;
  if (value.IsArray()) {
    json::Array items;
    for (const json::Value& item : value.AsArray()) items.push_back(ShortenedValue(item));
    return items;
  }
  if (!value.IsObject()) return value;
  json::Object members;
  for (const auto& [name, member] : value.AsObject()) members.emplace_back(name, ShortenedValue(member));
  return members;
}

std::string Masked(std::string_view text) {
  if (!MayHoldToken(text)) return std::string(text);
  return ReplaceTokens(text, [](const Token& token) { return MaskOf(token.data_class); });
}

std::string MaskOf(DataClass data_class) { return fmt::format("[sealed {}]", ClassName(data_class)); }
std::string ErasedMaskOf(DataClass data_class) { return fmt::format("[erased {}]", ClassName(data_class)); }

}  // namespace bongsu::sealing
