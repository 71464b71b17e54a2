// SPDX-License-Identifier: Apache-2.0
#include "act/sop/procedure.hpp"

#include <algorithm>
#include <charconv>

#include "act/sop/steps/action.hpp"
#include "base/yaml.hpp"

namespace bongsu::sop {
namespace {

constexpr std::size_t kLongestTitle = 40;
constexpr std::size_t kLongestAnswer = 24;
constexpr auto kLongestDue = std::chrono::hours{24};

bool IsWord(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

Result<void> OnlyKeys(const yaml::Node& map, std::initializer_list<std::string_view> known, std::string_view file) {
  for (const auto& [key, value] : map.members) {
    if (std::ranges::find(known, key.scalar) == known.end()) {
      return FailAt(file, key, "procedure.bad", "unknown key '{}'", key.scalar);
    }
  }
  return {};
}

Result<json::Value> ParseQuestion(const yaml::Node& question, std::string_view file) {
  BONGSU_CHECK(OnlyKeys(question, {"answers"}, file));
  const yaml::Node* answers = question.Find("answers");
  if (answers == nullptr || !answers->IsSequence() || answers->items.size() < 2 || answers->items.size() > 5) {
    return FailAt(file, answers != nullptr ? *answers : question, "procedure.bad", "a question has 2 to 5 answers");
  }
  json::Array list;
  for (const yaml::Node& answer : answers->items) {
    BONGSU_CHECK(OnlyKeys(answer, {"id", "label"}, file));
    const std::string id = answer.Text("id");
    if (!IsWord(id)) return FailAt(file, answer, "procedure.bad", "an answer needs an id of a-z, 0-9, - and _");
    if (std::ranges::any_of(list, [&](const json::Value& other) { return other["id"].AsString() == id; })) {
      return FailAt(file, answer, "procedure.bad", "answer '{}' stands twice", id);
    }
    BONGSU_TRY(json::Value label, steps::ParseText(answer.Find("label"), answer, "label", kLongestAnswer, file));
    list.emplace_back(json::Object{{"id", id}, {"label", std::move(label)}});
  }
  return list;
}

/// `if: {question-id: [answer, …]}`; the question stands above.
Result<Condition> ParseCondition(const yaml::Node& node, const std::vector<StepText>& above, std::string_view file) {
  if (!node.IsMap() || node.members.size() != 1) {
    return FailAt(file, node, "procedure.bad", "'if' names one question: {{id: [answers]}}");
  }
  const yaml::Node& question = node.members.front().key;
  const yaml::Node& answers = node.members.front().value;
  const auto step = std::ranges::find(above, question.scalar, &StepText::id);
  if (step == above.end() || step->answers.IsNull()) {
    return FailAt(file, question, "procedure.bad", "no question '{}' stands above this step", question.scalar);
  }
  Condition condition;
  condition.step = static_cast<std::size_t>(step - above.begin()) + 1;
  if (!answers.IsSequence() || answers.items.empty()) {
    return FailAt(file, answers, "procedure.bad", "'if' needs a list of answers");
  }
  for (const yaml::Node& answer : answers.items) {
    const bool known = std::ranges::any_of(
        step->answers.AsArray(), [&](const json::Value& item) { return item["id"].AsString() == answer.scalar; });
    if (!known) {
      return FailAt(file, answer, "procedure.bad", "question '{}' has no answer '{}'", question.scalar, answer.scalar);
    }
    condition.answers.push_back(answer.scalar);
  }
  return condition;
}

Result<StepText> ParseStep(const yaml::Node& node, const std::vector<StepText>& above, std::string_view file) {
  if (!node.IsMap()) return FailAt(file, node, "procedure.bad", "a step is a map with text");
  BONGSU_CHECK(OnlyKeys(node, {"id", "text", "due", "question", "if", "action"}, file));
  StepText step;
  step.id = node.Text("id");
  if (node.Find("id") != nullptr && !IsWord(step.id)) {
    return FailAt(file, node, "procedure.bad", "a step's id is a-z, 0-9, - and _");
  }
  if (!step.id.empty() && std::ranges::find(above, step.id, &StepText::id) != above.end()) {
    return FailAt(file, node, "procedure.bad", "step id '{}' stands twice", step.id);
  }
  BONGSU_TRY(step.text, steps::ParseText(node.Find("text"), node, "text", kLongestStepText, file));
  if (const yaml::Node* due = node.Find("due")) {
    const auto time = ParseDuration(due->scalar);
    if (!time || *time <= Duration{0} || *time > kLongestDue) {
      return FailAt(file, *due, "procedure.bad",
                    "'due' is a time from the start such as 30s or 10m, at most 24h, not '{}'", due->scalar);
    }
    step.due = *time;
  }
  if (const yaml::Node* question = node.Find("question")) {
    if (step.id.empty()) return FailAt(file, *question, "procedure.bad", "a step with a question needs an id");
    BONGSU_TRY(step.answers, ParseQuestion(*question, file));
  }
  if (const yaml::Node* condition = node.Find("if")) {
    BONGSU_TRY(step.condition, ParseCondition(*condition, above, file));
  }
  if (const yaml::Node* action = node.Find("action")) {
    BONGSU_TRY(step.action, steps::ParseAction(*action, file));
  }
  return step;
}

}  // namespace

Result<Procedure> ParseProcedure(std::string_view text, std::string_view file) {
  BONGSU_TRY(const yaml::Node root, yaml::Parse(text, file));
  if (!root.IsMap())
    return FailAt(file, root, "procedure.bad", "a procedure is a map with id, version, title and steps");
  BONGSU_CHECK(OnlyKeys(root, {"id", "version", "title", "service", "manual", "steps"}, file));
  Procedure procedure;
  procedure.id = root.Text("id");
  if (!IsWord(procedure.id)) return FailAt(file, root, "procedure.bad", "'id' is needed, of a-z, 0-9, - and _");
  const std::string version = root.Text("version");
  const auto [rest, error] = std::from_chars(version.data(), version.data() + version.size(), procedure.version);
  if (error != std::errc{} || rest != version.data() + version.size() || procedure.version < 1) {
    return FailAt(file, root, "procedure.bad", "'version' is a whole number from 1, not '{}'", version);
  }
  BONGSU_TRY(procedure.title, steps::ParseText(root.Find("title"), root, "title", kLongestTitle, file));
  procedure.service = root.Text("service");
  if (const yaml::Node* manual = root.Find("manual")) {
    if (manual->scalar != "true" && manual->scalar != "false") {
      return FailAt(file, *manual, "procedure.bad", "'manual' is true or false");
    }
    procedure.manual = manual->scalar == "true";
  }
  const yaml::Node* steps = root.Find("steps");
  if (steps == nullptr || !steps->IsSequence() || steps->items.size() < kFewestSteps ||
      steps->items.size() > kMostSteps) {
    return FailAt(file, steps != nullptr ? *steps : root, "procedure.bad", "a procedure has {} to {} steps",
                  kFewestSteps, kMostSteps);
  }
  for (const yaml::Node& node : steps->items) {
    BONGSU_TRY(StepText step, ParseStep(node, procedure.steps, file));
    procedure.steps.push_back(std::move(step));
  }
  return procedure;
}

}  // namespace bongsu::sop
