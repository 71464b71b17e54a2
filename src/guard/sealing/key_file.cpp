// SPDX-License-Identifier: Apache-2.0
#include "guard/sealing/key_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/json.hpp"
#include "guard/crypto/bytes_text.hpp"

namespace bongsu::sealing {
namespace {

namespace fs = std::filesystem;

constexpr std::time_t kMasterLives = 90L * 24 * 3600;  // seconds
constexpr std::string_view kContext = "bongsu.seal.key.1";

tl::unexpected<Error> Io(std::string_view what, const std::string& path) {
  return Fail(Code::kUnavailable, "keys.io", "{} '{}': {}", what, path,
              std::strerror(errno));  // NOLINT(concurrency-mt-unsafe)
}

tl::unexpected<Error> Bad(const std::string& path) {
  return Fail(Code::kCorrupt, "keys.bad", "'{}' does not hold what it should; restore it from the keys' own backup",
              path);
}

Result<void> WriteAll(const std::string& path, std::string_view text, int flags) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, S_IRUSR | S_IWUSR);
  if (file < 0) return Io("cannot write", path);
  const bool ok = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
  ::close(file);
  if (!ok) return Io("cannot write", path);
  return {};
}

void SyncFolder(const std::string& folder) {
  const int handle = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle < 0) return;
  ::fsync(handle);
  ::close(handle);
}

/// Overwrites, then removes. On a disk that moves blocks by itself the overwriting may miss; the folder should lie on
/// an encrypted volume.
void Shred(const std::string& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (!error) (void)WriteAll(path, std::string(size, '0'), 0);
  ::unlink(path.c_str());
}

/// The last line was not written whole; what is put behind it would be none either.
bool EndsTorn(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file || file.tellg() == 0) return false;
  file.seekg(-1, std::ios::end);
  return file.get() != '\n';
}

/// Master that the first key of a file is wrapped under; 0 when there is none.
std::uint32_t MasterOf(const std::string& path) {
  std::ifstream lines(path);
  std::string line;
  std::getline(lines, line);
  const auto value = json::Parse(line);
  return value ? static_cast<std::uint32_t>((*value)["master"].AsInt(0)) : 0;
}

std::string ContextOf(KeyId id) { return fmt::format("{}\n{}", kContext, id); }

}  // namespace

std::string InstallationOf(const crypto::CryptoPort& crypto, std::string_view surrogate_key) {
  return crypto::ToHex(crypto.KeyedHash(surrogate_key, "bongsu.installation.1")).substr(0, 16);
}

Result<KeyFile> KeyFile::Open(std::string folder, const crypto::CryptoPort& crypto, std::string installation) {
  if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) return Io("cannot make", folder);
  KeyFile file{std::move(folder), crypto, std::move(installation)};
  BONGSU_CHECK(file.Load());
  return file;
}

Result<void> KeyFile::Load() {
  for (const auto& entry : fs::directory_iterator(folder_)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("master."))
      master_number_ =
          std::max(master_number_, static_cast<std::uint32_t>(std::strtoul(name.c_str() + 7, nullptr, 10)));
  }
  // Rotate() was stopped behind its first rename: the keys are under the master that has no name yet.
  const std::string staged = folder_ + "/next-master";
  if (fs::exists(staged)) {
    const std::uint32_t of_keys = MasterOf(folder_ + "/keys.ndjson");
    const bool is_next = of_keys > master_number_;
    if (is_next) master_number_ = of_keys;
    const std::string named = fmt::format("{}/master.{}", folder_, master_number_);
    if (is_next && ::rename(staged.c_str(), named.c_str()) != 0) return Io("cannot rename", staged);
    if (!is_next) Shred(staged);
  }
  if (master_number_ == 0) {
    if (fs::exists(folder_ + "/keys.ndjson")) return Bad(folder_ + "/master.*");
    BONGSU_CHECK(Rotate());
  }
  const std::string master_path = fmt::format("{}/master.{}", folder_, master_number_);
  std::ifstream master(master_path);
  std::string text;
  std::getline(master, text);
  const auto bytes = crypto::FromHex(text);
  if (!bytes || bytes->size() != crypto::kSecretBytes) return Bad(master_path);
  master_ = *bytes;
  const std::string erased = folder_ + "/erased.ndjson";
  BONGSU_TRY(erased_, ReadErasedFile(erased, installation_));
  if (EndsTorn(erased)) BONGSU_CHECK(WriteErasedFile(erased, erased_, installation_));
  if (!erased_.empty()) next_ = std::max(next_, erased_.rbegin()->first + 1);  // no number names two keys
  std::ifstream lines(folder_ + "/keys.ndjson");
  std::string line;
  while (std::getline(lines, line)) {
    if (lines.eof() && !line.ends_with('}')) break;  // stopped inside its last line: nothing was sealed under it
    BONGSU_CHECK(ReadLine(line));
  }
  // Rotate() may have been stopped between its steps: masters that are not the newest are of no use.
  for (std::uint32_t number = 1; number < master_number_; ++number) {
    const std::string old = fmt::format("{}/master.{}", folder_, number);
    if (fs::exists(old)) Shred(old);
  }
  std::set<KeyId> left;
  for (const auto& [id, key] : erased_) {
    if (keys_.contains(id)) left.insert(id);
  }
  struct stat status{};
  const bool is_old = ::stat(master_path.c_str(), &status) == 0 && std::time(nullptr) - status.st_mtime > kMasterLives;
  if (!left.empty()) return Destroy(left);
  return is_old || EndsTorn(folder_ + "/keys.ndjson") ? Rotate() : Result<void>{};
}

Result<void> KeyFile::ReadLine(std::string_view line) {
  const auto value = json::Parse(line);
  const auto id = value ? static_cast<KeyId>((*value)["id"].AsInt(0)) : 0;
  if (id == 0) return Bad(folder_ + "/keys.ndjson");
  next_ = std::max(next_, id + 1);
  if (value->Find("scope") != nullptr) {
    const auto key = keys_.find(id);
    if (key == keys_.end()) return {};
    key->second.tenant = static_cast<std::uint16_t>((*value)["tenant"].AsInt(0));
    key->second.scope = (*value)["scope"].AsString();
    return {};
  }
  const auto wrapped = crypto::FromBase64Url((*value)["wrapped"].AsString());
  const auto bytes = wrapped ? crypto_->OpenBytes(master_, *wrapped, ContextOf(id)) : std::nullopt;
  if (!bytes) return Bad(folder_ + "/keys.ndjson");
  keys_[id] = SealKey{.bytes = *bytes, .tenant = 0, .scope = {}};
  return {};
}

std::string KeyFile::LinesOf(KeyId id, const SealKey& key) const {
  json::Writer line;
  line.Object().Key("id").Int(id).Key("master").Int(master_number_).Key("wrapped");
  line.String(crypto::ToBase64Url(crypto_->SealBytes(master_, key.bytes, ContextOf(id)))).End();
  std::string text = line.Take() + "\n";
  if (key.scope.empty()) return text;
  json::Writer scope;
  scope.Object().Key("id").Int(id).Key("tenant").Int(key.tenant).Key("scope").String(key.scope).End();
  return text + scope.Take() + "\n";
}

Result<void> KeyFile::Append(const std::string& file, const std::string& lines) const {
  return WriteAll(folder_ + "/" + file, lines, O_APPEND);
}

Result<std::vector<KeyId>> KeyFile::Make(std::size_t count) {
  if (keys_.size() + count > kMaxKeys)
    return Fail(Code::kTooLarge, "keys.too_many", "there are {} keys of personal values, the limit is {}", keys_.size(),
                kMaxKeys);
  std::string lines;
  std::map<KeyId, SealKey> made;
  std::vector<KeyId> ids;
  for (std::size_t i = 0; i < count; ++i) {
    const KeyId id = next_ + static_cast<KeyId>(i);
    lines +=
        LinesOf(id, made[id] = SealKey{.bytes = crypto_->RandomBytes(crypto::kSecretBytes), .tenant = 0, .scope = {}});
    ids.push_back(id);
  }
  BONGSU_CHECK(Append("keys.ndjson", lines));
  next_ += static_cast<KeyId>(count);
  keys_.merge(made);
  return ids;
}

Result<void> KeyFile::Assign(KeyId id, std::uint16_t tenant, const std::string& scope) {
  const auto key = keys_.find(id);
  if (key == keys_.end() || key->second.scope == scope) return {};
  key->second.tenant = tenant;
  key->second.scope = scope;
  json::Writer line;
  line.Object().Key("id").Int(id).Key("tenant").Int(tenant).Key("scope").String(scope).End();
  return Append("keys.ndjson", line.Take() + "\n");
}

Result<void> KeyFile::Destroy(const std::set<KeyId>& ids) {
  std::string lines;
  for (const KeyId id : ids) {
    const auto key = keys_.find(id);
    const ErasedKey erased = key == keys_.end() ? ErasedKey{} : ErasedKey{key->second.tenant, key->second.scope};
    const auto [at, fresh] = erased_.try_emplace(id, erased);
    if (at->second.scope.empty()) at->second = erased;
    if (fresh || !erased.scope.empty()) lines += LineOf(id, at->second, installation_);
    keys_.erase(id);
    next_ = std::max(next_, id + 1);
  }
  if (!lines.empty()) BONGSU_CHECK(Append("erased.ndjson", lines));
  return Rotate();
}

Result<std::size_t> KeyFile::Take(const ErasedKeys& list) {
  std::set<KeyId> fresh;
  for (const auto& [id, key] : list) {
    if (erased_.contains(id)) continue;
    const auto here = keys_.find(id);
    // Of a number that was given out twice the key here is somebody else's: it must not go unseen.
    const bool named = here != keys_.end() && !here->second.scope.empty() && !key.scope.empty();
    if (named && (here->second.tenant != key.tenant || here->second.scope != key.scope))
      return Fail(Code::kConflict, "erased.other_scope", "a list of erased keys names key {} for another scope", id);
    fresh.insert(id);
    if (here != keys_.end() && here->second.scope.empty()) {
      here->second.tenant = key.tenant;
      here->second.scope = key.scope;
    }
  }
  if (fresh.empty()) return 0;
  BONGSU_CHECK(Destroy(fresh));
  for (const KeyId id : fresh) {
    if (erased_[id].scope.empty()) erased_[id] = list.at(id);
  }
  return fresh.size();
}

/// Order: the new master without a name, the keys under it in the place of the old ones, its name, the old one's end. A
/// start finds out how far it came (Load).
Result<void> KeyFile::Rotate() {
  const std::string old = fmt::format("{}/master.{}", folder_, master_number_);
  const std::string old_bytes = master_;
  const std::string fresh = crypto_->RandomBytes(crypto::kSecretBytes);
  const std::string staged = folder_ + "/next-master";
  BONGSU_CHECK(WriteAll(staged, crypto::ToHex(fresh) + "\n", O_TRUNC));
  ++master_number_;
  master_ = fresh;
  std::string lines;
  for (const auto& [id, key] : keys_) lines += LinesOf(id, key);
  const std::string next_keys = folder_ + "/next-keys";
  auto written = WriteAll(next_keys, lines, O_TRUNC);
  if (!written) {
    --master_number_;
    master_ = old_bytes;
    return written;
  }
  if (::rename(next_keys.c_str(), (folder_ + "/keys.ndjson").c_str()) != 0) return Io("cannot rename", next_keys);
  const std::string named = fmt::format("{}/master.{}", folder_, master_number_);
  if (::rename(staged.c_str(), named.c_str()) != 0) return Io("cannot rename", staged);
  SyncFolder(folder_);
  if (master_number_ > 1) Shred(old);
  SyncFolder(folder_);
  return {};
}

}  // namespace bongsu::sealing
