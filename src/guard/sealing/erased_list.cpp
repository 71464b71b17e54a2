// SPDX-License-Identifier: Apache-2.0
#include "guard/sealing/erased_list.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>

#include "base/json.hpp"

namespace bongsu::sealing {
namespace {

tl::unexpected<Error> Bad(std::size_t line) {
  return Fail(Code::kCorrupt, "erased.bad_list", "line {} of a list of erased keys is none", line);
}

}  // namespace

std::string LineOf(KeyId id, const ErasedKey& key, std::string_view installation) {
  json::Writer line;
  line.Object().Key("id").Int(id);
  if (!installation.empty()) line.Key("of").String(installation);
  if (!key.scope.empty()) line.Key("tenant").Int(key.tenant).Key("scope").String(key.scope);
  line.End();
  return line.Take() + "\n";
}

Result<ErasedKeys> ReadErasedList(std::string_view text, std::string_view installation) {
  ErasedKeys keys;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) break;  // stopped inside its last line: nothing came of it
    const auto line = json::Parse(text.substr(0, end));
    text.remove_prefix(end + 1);
    const std::int64_t id = line ? (*line)["id"].AsInt() : 0;
    if (id < 1 || id > std::numeric_limits<KeyId>::max()) return Bad(number);
    const std::string_view of = (*line)["of"].AsString();
    if (!of.empty() && of != installation)
      return Fail(Code::kConflict, "erased.other_installation",
                  "the list of erased keys is of another installation (line {})", number);
    const std::int64_t tenant = (*line)["tenant"].AsInt();
    if (tenant < 0 || tenant > std::numeric_limits<std::uint16_t>::max()) return Bad(number);
    keys[static_cast<KeyId>(id)] = {static_cast<std::uint16_t>(tenant), std::string((*line)["scope"].AsString())};
  }
  return keys;
}

Result<ErasedKeys> ReadErasedFile(const std::string& path, std::string_view installation) {
  std::error_code error;
  const bool there = std::filesystem::exists(path, error);
  if (error) return Fail(Code::kUnavailable, "keys.io", "cannot look for '{}': {}", path, error.message());
  if (!there) return ErasedKeys{};
  std::ifstream file(path, std::ios::binary);
  if (!file) return Fail(Code::kUnavailable, "keys.io", "cannot read '{}'", path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return ReadErasedList(text, installation);
}

Result<void> WriteErasedFile(const std::string& path, const ErasedKeys& keys, std::string_view installation) {
  const std::string draft = path + ".new";
  std::string text;
  for (const auto& [id, key] : keys) text += LineOf(id, key, installation);
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  bool ok = file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ok = ok && ::fsync(file) == 0;
  if (file >= 0) ::close(file);
  std::error_code error;
  if (ok) std::filesystem::rename(draft, path, error);
  if (!ok || error) return Fail(Code::kUnavailable, "keys.io", "cannot write '{}'", path);
  return {};
}

Result<void> MergeErasedFile(const std::string& path, ErasedKeys keys, std::string_view installation) {
  BONGSU_TRY(ErasedKeys there, ReadErasedFile(path, installation));
  keys.merge(there);
  return WriteErasedFile(path, keys, installation);
}

}  // namespace bongsu::sealing
