// SPDX-License-Identifier: Apache-2.0
#pragma once

/// YAML as a tree that remembers where each word stood, so that every complaint can name line and column.

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace bongsu::yaml {

enum class Kind : std::uint8_t { kNull, kScalar, kSequence, kMap };

struct Member;

struct Node {
  Kind kind = Kind::kNull;
  std::string scalar;
  bool quoted = false;  ///< A quoted scalar is a string, whatever it looks like.
  std::vector<Node> items;
  std::vector<Member> members;  ///< In file order; keys are scalars.
  int line = 0;                 ///< 1-based
  int column = 0;               ///< 1-based

  bool IsScalar() const { return kind == Kind::kScalar; }
  bool IsSequence() const { return kind == Kind::kSequence; }
  bool IsMap() const { return kind == Kind::kMap; }
  bool IsNull() const { return kind == Kind::kNull; }
  /// Value of the member `key`; nullptr when there is none.
  const Node* Find(std::string_view key) const;
  /// Scalar of the member `key`, or `otherwise`.
  std::string Text(std::string_view key, std::string_view otherwise = {}) const;
};

struct Member {
  Node key;
  Node value;
};

/// A complaint about `node`: "FILE:LINE:COLUMN: message".
template <class... Args>
[[nodiscard]] tl::unexpected<Error> FailAt(std::string_view file, const Node& node, std::string_view reason,
                                           fmt::format_string<Args...> format, Args&&... args) {
  return Fail(Code::kInvalidArgument, reason, "{}:{}:{}: {}", file, node.line, node.column,
              fmt::format(format, std::forward<Args>(args)...));
}

/// @param file  name used in complaints
/// @errors kInvalidArgument yaml.bad (with line and column); aliases that expand past 100,000 nodes are refused
Result<Node> Parse(std::string_view text, std::string_view file);
/// All documents of a stream separated by `---`.
Result<std::vector<Node>> ParseAll(std::string_view text, std::string_view file);

/// As JSON: unquoted numbers, true/false and null become those, everything else a string (YAML 1.2 core schema).
json::Value ToJson(const Node& node);

}  // namespace bongsu::yaml
