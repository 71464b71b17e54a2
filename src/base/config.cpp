// SPDX-License-Identifier: Apache-2.0
#include "base/config.hpp"

#include <algorithm>

namespace bongsu::config {

Result<void> Read(const yaml::Node& node, std::string_view file, std::string& into) {
  if (!node.IsScalar()) return yaml::FailAt(file, node, "config.bad_value", "a text is expected here");
  into = node.scalar;
  return {};
}

Result<void> Read(const yaml::Node& node, std::string_view file, bool& into) {
  const json::Value value = yaml::ToJson(node);
  if (!value.IsBool())
    return yaml::FailAt(file, node, "config.bad_value", "true or false is expected, not '{}'", node.scalar);
  into = value.AsBool();
  return {};
}

Result<void> Read(const yaml::Node& node, std::string_view file, std::int64_t& into) {
  const json::Value value = yaml::ToJson(node);
  if (!value.IsInt())
    return yaml::FailAt(file, node, "config.bad_value", "a whole number is expected, not '{}'", node.scalar);
  into = value.AsInt();
  return {};
}

Result<void> Read(const yaml::Node& node, std::string_view file, double& into) {
  const json::Value value = yaml::ToJson(node);
  if (!value.IsNumber())
    return yaml::FailAt(file, node, "config.bad_value", "a number is expected, not '{}'", node.scalar);
  into = value.AsDouble();
  return {};
}

Result<void> Read(const yaml::Node& node, std::string_view file, Duration& into) {
  const auto duration = ParseDuration(node.scalar);
  if (!duration) return yaml::FailAt(file, node, "config.bad_value", "{}", duration.error().message);
  into = *duration;
  return {};
}

Result<void> Read(const yaml::Node& node, std::string_view /*file*/, json::Value& into) {
  into = yaml::ToJson(node);
  return {};
}

Result<void> Read(const yaml::Node& node, std::string_view /*file*/, yaml::Node& into) {
  into = node;
  return {};
}

Result<void> Loader::Finish() const {
  if (!result_) return result_;
  for (const auto& [key, value] : node_.members) {
    if (std::ranges::find(known_, std::string_view{key.scalar}) != known_.end()) continue;
    std::string list;
    for (const std::string_view name : known_) list += (list.empty() ? "" : ", ") + std::string(name);
    return yaml::FailAt(file_, key, "config.unknown_key", "unknown key '{}'; there are: {}", key.scalar, list);
  }
  return {};
}

}  // namespace bongsu::config
