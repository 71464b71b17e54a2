// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/template_text.hpp"

#include "decide/rules/predicate.hpp"

namespace bongsu::rules {

Result<TemplateText> TemplateText::Parse(std::string_view text) {
  TemplateText out;
  out.text_ = text;
  const auto letter = [&](char c) {
    if (out.parts_.empty() || !out.parts_.back().name.empty()) out.parts_.emplace_back();
    out.parts_.back().literal += c;
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool twice = at + 1 < text.size() && text[at + 1] == text[at];
    if ((text[at] == '{' || text[at] == '}') && twice) {
      letter(text[at++]);
    } else if (text[at] == '{') {
      const std::size_t end = text.find('}', at);
      const std::string name = end == std::string_view::npos ? "" : FieldName(text.substr(at + 1, end - at - 1));
      if (name.empty())
        return Fail(Code::kInvalidArgument, "rules.bad_template", "\"{}\": a brace is open or empty", text);
      out.parts_.push_back({{}, name});
      at = end;
    } else {
      letter(text[at]);
    }
  }
  return out;
}

std::optional<std::string> TemplateText::Fill(const Lookup& lookup) const {
  std::string out;
  for (const Part& part : parts_) {
    if (part.name.empty()) {
      out += part.literal;
      continue;
    }
    const auto value = lookup(part.name);
    if (!value) return std::nullopt;
    out += *value;
  }
  return out;
}

std::string TemplateText::FillOr(const Lookup& lookup, std::string_view stand_in) const {
  std::string out;
  for (const Part& part : parts_)
    out += part.name.empty() ? part.literal : lookup(part.name).value_or(std::string(stand_in));
  return out;
}

void TemplateText::Names(std::vector<std::string>& out) const {
  for (const Part& part : parts_) {
    if (!part.name.empty()) out.push_back(part.name);
  }
}

}  // namespace bongsu::rules
