// SPDX-License-Identifier: Apache-2.0
#include "model/desk_act.hpp"

namespace bongsu::model {

json::Value ToJson(const Person& person) { return json::Object{{"id", person.id}, {"name", person.name}}; }

json::Value ToJson(const std::optional<Person>& person) { return person ? ToJson(*person) : json::Value{}; }

std::optional<Person> PersonFromJson(const json::Value& value) {
  if (!value["id"].IsString()) return std::nullopt;
  return Person{std::string(value["id"].AsString()), std::string(value["name"].AsString())};
}

}  // namespace bongsu::model
