// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/header_text.hpp"

#include <algorithm>
#include <cctype>

namespace bongsu::ngsi {

std::string_view TrimSpace(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string LowerCase(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::vector<std::string_view> SplitHeader(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  bool quoted = false;
  bool angled = false;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == '<') angled = true;
    if (text[i] == '>') angled = false;
    if (text[i] != separator || quoted || angled) continue;
    parts.push_back(TrimSpace(text.substr(start, i - start)));
    start = i + 1;
  }
  parts.push_back(TrimSpace(text.substr(start)));
  return parts;
}

}  // namespace bongsu::ngsi
