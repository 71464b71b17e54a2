// SPDX-License-Identifier: Apache-2.0
#include "decide/rules/context_port.hpp"

namespace bongsu::rules {

const json::Value* FollowPath(const ContextPort& context, std::uint16_t tenant, std::string_view id,
                              std::string_view path) {
  constexpr int kMaxSteps = 4;
  for (int step = 0; step < kMaxSteps; ++step) {
    const auto facts = context.Find(tenant, id);
    if (!facts || facts->attributes == nullptr) return nullptr;
    const std::size_t dot = path.find('.');
    const json::Value* value = facts->attributes->Find(path.substr(0, dot));
    if (value == nullptr || dot == std::string_view::npos) return value;
    if (!value->IsString()) return nullptr;
    id = value->AsString();
    path.remove_prefix(dot + 1);
  }
  return nullptr;
}

}  // namespace bongsu::rules
