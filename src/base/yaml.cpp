// SPDX-License-Identifier: Apache-2.0
#include "base/yaml.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <sstream>

namespace bongsu::yaml {
namespace {

constexpr std::size_t kMaxNodes = 100'000;
constexpr int kMaxDepth = 64;

Result<Node> Convert(const YAML::Node& from, std::string_view file, std::size_t& count, int depth) {
  Node node;
  node.line = from.Mark().line + 1;
  node.column = from.Mark().column + 1;
  if (++count > kMaxNodes || depth > kMaxDepth) {
    return FailAt(file, node, "yaml.bad", "more than {} nodes or {} levels", kMaxNodes, kMaxDepth);
  }
  switch (from.Type()) {
    case YAML::NodeType::Undefined:
    case YAML::NodeType::Null:
      return node;
    case YAML::NodeType::Scalar:
      node.kind = Kind::kScalar;
      node.scalar = from.Scalar();
      node.quoted = from.Tag() == "!";
      return node;
    case YAML::NodeType::Sequence:
      node.kind = Kind::kSequence;
      for (const auto& item : from) {
        BONGSU_TRY(Node child, Convert(item, file, count, depth + 1));
        node.items.push_back(std::move(child));
      }
      return node;
    case YAML::NodeType::Map:
      node.kind = Kind::kMap;
      for (const auto& member : from) {
        BONGSU_TRY(Node key, Convert(member.first, file, count, depth + 1));
        if (!key.IsScalar()) return FailAt(file, key, "yaml.bad", "a key must be a plain word");
        if (node.Find(key.scalar) != nullptr) return FailAt(file, key, "yaml.bad", "key '{}' stands twice", key.scalar);
        BONGSU_TRY(Node value, Convert(member.second, file, count, depth + 1));
        node.members.emplace_back(std::move(key), std::move(value));
      }
      return node;
  }
  return node;
}

json::Value ScalarToJson(const Node& node) {
  const std::string& text = node.scalar;
  if (node.quoted) return text;
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  const char* const end = text.data() + text.size();
  std::int64_t whole = 0;
  if (const auto [rest, error] = std::from_chars(text.data(), end, whole); error == std::errc{} && rest == end)
    return whole;
  double number = 0;
  if (const auto [rest, error] = std::from_chars(text.data(), end, number); error == std::errc{} && rest == end)
    return number;
  return text;
}

}  // namespace

const Node* Node::Find(std::string_view key) const {
  for (const auto& [name, value] : members) {
    if (name.scalar == key) return &value;
  }
  return nullptr;
}

std::string Node::Text(std::string_view key, std::string_view otherwise) const {
  const Node* found = Find(key);
  return found != nullptr && found->IsScalar() ? found->scalar : std::string(otherwise);
}

namespace {

/// Remembers where a document began; everything else passes by.
class DocumentStart final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { at = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
  YAML::Mark at = YAML::Mark::null_mark();
};

/// yaml-cpp 0.7 does not move past a word that cannot begin a document (",r"): LoadAll would make documents without
/// end.
Result<void> MovesOn(const std::string& text, std::string_view file) {
  std::istringstream in{text};
  YAML::Parser parser{in};
  DocumentStart start;
  int last = -1;
  while (parser.HandleNextDocument(start)) {
    if (start.at.pos == last) {
      return Fail(Code::kInvalidArgument, "yaml.bad", "{}:{}:{}: nothing can begin here", file, start.at.line + 1,
                  start.at.column + 1);
    }
    last = start.at.pos;
  }
  return {};
}

}  // namespace

Result<std::vector<Node>> ParseAll(std::string_view text, std::string_view file) {
  try {
    std::vector<Node> documents;
    std::size_t count = 0;
    const std::string whole{text};
    BONGSU_CHECK(MovesOn(whole, file));
    for (const YAML::Node& document : YAML::LoadAll(whole)) {
      BONGSU_TRY(Node node, Convert(document, file, count, 0));
      documents.push_back(std::move(node));
    }
    return documents;
  } catch (const YAML::Exception& problem) {
    return Fail(Code::kInvalidArgument, "yaml.bad", "{}:{}:{}: {}", file, problem.mark.line + 1,
                problem.mark.column + 1, problem.msg);
  }
}

Result<Node> Parse(std::string_view text, std::string_view file) {
  BONGSU_TRY(std::vector<Node> documents, ParseAll(text, file));
  if (documents.size() > 1) return FailAt(file, documents[1], "yaml.bad", "one document expected, here begins another");
  if (documents.empty()) return Node{};
  return std::move(documents.front());
}

json::Value ToJson(const Node& node) {
  switch (node.kind) {
    case Kind::kNull:
      return nullptr;
    case Kind::kScalar:
      return ScalarToJson(node);
    case Kind::kSequence: {
      json::Array items;
      for (const Node& item : node.items) items.push_back(ToJson(item));
      return items;
    }
    case Kind::kMap: {
      json::Object members;
      for (const auto& [key, value] : node.members) members.emplace_back(key.scalar, ToJson(value));
      return members;
    }
  }
  return nullptr;
}

}  // namespace bongsu::yaml
