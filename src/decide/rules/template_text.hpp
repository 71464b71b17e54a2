// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Texts with blanks to fill: "{entity_name} pressed, {count} times". `{{` is a brace.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace bongsu::rules {

class TemplateText {
 public:
  struct Part {
    std::string literal;
    std::string name;  ///< Set: a blank; blanks removed.
  };

  TemplateText() = default;
  /// @errors kInvalidArgument rules.bad_template
  static Result<TemplateText> Parse(std::string_view text);

  using Lookup = std::function<std::optional<std::string>(std::string_view name)>;
  /// Empty when a name has no value.
  std::optional<std::string> Fill(const Lookup& lookup) const;
  /// A name without a value becomes `stand_in`.
  std::string FillOr(const Lookup& lookup, std::string_view stand_in) const;

  void Names(std::vector<std::string>& out) const;
  bool empty() const { return parts_.empty(); }
  const std::vector<Part>& parts() const { return parts_; }
  const std::string& text() const { return text_; }

 private:
  std::vector<Part> parts_;
  std::string text_;
};

}  // namespace bongsu::rules
