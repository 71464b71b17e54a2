// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/yaml.hpp"
#include "decide/rules/rule_set.hpp"

namespace bongsu::rules {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxFileBytes = 1 << 20;

std::string ReadText(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

bool IsYaml(const fs::path& path) { return path.extension() == ".yml" || path.extension() == ".yaml"; }

/// Rule files below `root`: in a tree with packs only those in a folder `rules`, else all.
void Collect(const fs::path& root, std::vector<fs::path>& out) {
  std::error_code error;
  if (!fs::is_directory(root, error)) {
    out.push_back(root);
    return;
  }
  std::vector<fs::path> all;
  bool packs = false;
  for (fs::recursive_directory_iterator at(root, error), end; at != end; at.increment(error)) {
    if (error || !at->is_regular_file(error)) continue;
    if (at->path().filename() == "pack.yaml") packs = true;
    if (IsYaml(at->path())) all.push_back(at->path());
  }
  for (const fs::path& path : all) {
    const bool in_rules = std::ranges::any_of(path.lexically_relative(root).parent_path(),
                                              [](const fs::path& part) { return part == "rules"; });
    if (path.filename() != "pack.yaml" && (!packs || in_rules)) out.push_back(path);
  }
}

/// `variables:` of the pack a rule file belongs to: the nearest pack.yaml above it.
Variables VariablesOf(const fs::path& file, const Variables& given) {
  Variables out = given;
  fs::path folder = fs::absolute(file).parent_path();
  for (int up = 0; up < 4 && !folder.empty(); ++up, folder = folder.parent_path()) {
    std::error_code error;
    if (!fs::exists(folder / "pack.yaml", error)) continue;
    const auto pack = yaml::Parse(ReadText(folder / "pack.yaml"), "pack.yaml");
    const yaml::Node* variables = pack ? pack->Find("variables") : nullptr;
    if (variables == nullptr) break;
    for (const yaml::Member& member : variables->members) {
      std::vector<std::string> values;
      if (member.value.IsScalar()) values.push_back(member.value.scalar);
      for (const yaml::Node& item : member.value.items) values.push_back(item.scalar);
      out.try_emplace(member.key.scalar, std::move(values));
    }
    break;
  }
  return out;
}

}  // namespace

RuleSet::Loaded RuleSet::Load(const std::vector<std::string>& paths, const Variables& variables) {
  Loaded out;
  std::vector<fs::path> files;
  for (const std::string& path : paths) Collect(path, files);
  std::ranges::sort(files);
  for (const fs::path& file : files) {
    ++out.files;
    std::error_code error;
    const std::uintmax_t size = fs::file_size(file, error);
    if (error || size > kMaxFileBytes) {
      out.complaints.push_back(
          {file.string(), 1, 1, error ? "rules.no_file" : "rules.too_large",
           error ? error.message() : fmt::format("{} bytes; a rule file may have {}", size, kMaxFileBytes)});
      continue;
    }
    ReadRules read = ReadRuleFile(ReadText(file), file.string(), VariablesOf(file, variables));
    std::ranges::move(read.rules, std::back_inserter(out.rules));
    std::ranges::move(read.complaints, std::back_inserter(out.complaints));
  }
  return out;
}

}  // namespace bongsu::rules
