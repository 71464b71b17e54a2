// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "act/sop/procedure.hpp"
#include "act/sop/run.hpp"

namespace bongsu::sop {

Result<void> Library::Add(std::string_view text, std::string_view file) {
  BONGSU_TRY(Procedure procedure, ParseProcedure(text, file));
  std::string id = procedure.id;
  if (procedures_.contains(id)) {
    return Fail(Code::kInvalidArgument, "procedure.twice", "{}:1:1: a procedure '{}' was read before", file, id);
  }
  procedures_.emplace(std::move(id), std::move(procedure));
  return {};
}

Result<Library> Library::Load(const std::string& packs) {
  namespace fs = std::filesystem;
  std::error_code error;
  std::vector<fs::path> files;
  for (const auto& pack : fs::directory_iterator(packs, error)) {
    std::error_code none;
    for (const auto& file : fs::directory_iterator(pack.path() / "procedures", none)) {
      if (file.path().extension() == ".yaml") files.push_back(file.path());
    }
  }
  if (error) return Fail(Code::kNotFound, "procedure.no_folder", "cannot read {}: {}", packs, error.message());
  std::ranges::sort(files);
  Library library;
  for (const fs::path& path : files) {
    std::ifstream stream{path, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{stream}, {}};
    BONGSU_CHECK(library.Add(text, path.string()));
  }
  return library;
}

const Procedure* Library::Find(std::string_view id) const {
  const auto found = procedures_.find(id);
  return found == procedures_.end() ? nullptr : &found->second;
}

const Procedure* Library::Manual(std::string_view service) const {
  const Procedure* any = nullptr;
  for (const auto& [id, procedure] : procedures_) {
    if (!procedure.manual) continue;
    if (!service.empty() && procedure.service == service) return &procedure;
    if (procedure.service.empty()) any = &procedure;
  }
  return any;
}

json::Value Library::Start(std::string_view id, std::string_view service, TimePoint at) const {
  const Procedure* procedure = id.empty() ? Manual(service) : Find(id);
  if (procedure == nullptr) return nullptr;
  json::Array steps;
  json::Array conditions;
  for (const StepText& text : procedure->steps) {
    json::Value step = json::Object{{"n", static_cast<std::int64_t>(steps.size() + 1)}, {"text", text.text}};
    if (text.due) step.Set("due_at", FormatUtc(at + *text.due));
    step.Set("state", text.condition ? "skipped" : "open");
    step.Set("late", false);
    if (!text.answers.IsNull()) step.Set("question", json::Object{{"answers", text.answers}});
    if (!text.action.IsNull()) step.Set("action", text.action);
    steps.push_back(std::move(step));
    json::Value condition = json::Object{};
    if (text.condition) {
      const std::vector<std::string>& answers = text.condition->answers;
      condition.Set("if", json::Object{{"step", static_cast<std::int64_t>(text.condition->step)},
                                       {"answers", json::Array(answers.begin(), answers.end())}});
    }
    conditions.push_back(std::move(condition));
  }
  json::Value row = json::Object{
      {"id", procedure->id}, {"version", procedure->version}, {"title", procedure->title}, {"steps", std::move(steps)}};
  const json::Value progress = Run{row, conditions, at}.Progress();
  return json::Object{{"procedure", std::move(row)}, {"run", std::move(conditions)}, {"progress", progress}};
}

}  // namespace bongsu::sop
