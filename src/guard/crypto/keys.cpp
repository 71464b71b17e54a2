// SPDX-License-Identifier: Apache-2.0
#include "guard/crypto/keys.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/id.hpp"
#include "guard/crypto/bytes_text.hpp"

namespace bongsu::crypto {
namespace {

constexpr std::size_t kSignSecretBytes = 64;

tl::unexpected<Error> Io(std::string_view what, const std::string& path) {
  return Fail(Code::kUnavailable, "keys.io", "{} '{}': {}", what, path,
              std::strerror(errno));  // NOLINT(concurrency-mt-unsafe)
}

Result<void> CheckClosed(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return Io("cannot read keys at", path);
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Fail(Code::kPermissionDenied, "keys.too_open",
                "others may read '{}' (mode {:o}); close it with: chmod go-rwx '{}'", path, status.st_mode & 0777U,
                path);
  }
  return {};
}

Result<std::string> ReadHexFile(const std::string& path, std::size_t bytes) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Io("cannot read key", path);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  auto key = FromHex(text);
  if (!key || key->size() != bytes) {
    return Fail(Code::kCorrupt, "keys.bad", "'{}' does not hold {} bytes in hex; restore it from its backup", path,
                bytes);
  }
  return std::move(*key);
}

/// Writes a new file durably; never replaces one.
Result<void> WriteNew(const std::string& path, std::string text, mode_t mode) {
  text += '\n';
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0) return Io("cannot write key", path);
  const ssize_t written = ::write(file, text.data(), text.size());
  const bool ok = written == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
  ::close(file);
  if (!ok) return Io("cannot write key", path);
  return {};
}

bool Exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

Result<void> SyncFolder(const std::string& folder) {
  const int handle = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle < 0) return Io("cannot open", folder);
  ::fsync(handle);
  ::close(handle);
  return {};
}

}  // namespace

Result<Keys> OpenKeys(const std::string& folder, const CryptoPort& crypto) {
  if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) return Io("cannot make keys folder", folder);
  BONGSU_CHECK(CheckClosed(folder));
  const std::string secret_path = folder + "/audit.key";
  const std::string open_path = folder + "/audit.pub";
  const std::string surrogate_path = folder + "/surrogate.key";
  if (!Exists(secret_path)) {
    const SigningKey made = crypto.MakeSigningKey();
    BONGSU_CHECK(WriteNew(secret_path, ToHex(made.secret), S_IRUSR | S_IWUSR));
  }
  if (!Exists(surrogate_path)) {
    BONGSU_CHECK(WriteNew(surrogate_path, ToHex(crypto.RandomBytes(kSecretBytes)), S_IRUSR | S_IWUSR));
  }
  BONGSU_CHECK(CheckClosed(secret_path));
  BONGSU_CHECK(CheckClosed(surrogate_path));
  Keys keys;
  BONGSU_TRY(keys.audit.secret, ReadHexFile(secret_path, kSignSecretBytes));
  // The second half of an Ed25519 secret key, as libsodium and RFC 8032 implementations keep it, is the public key.
  keys.audit.open = keys.audit.secret.substr(kSignSecretBytes - 32);
  if (!Exists(open_path)) BONGSU_CHECK(WriteNew(open_path, ToHex(keys.audit.open), S_IRUSR | S_IWUSR));
  BONGSU_TRY(keys.surrogate, ReadHexFile(surrogate_path, kSecretBytes));
  BONGSU_CHECK(SyncFolder(folder));
  return keys;
}

Result<std::string> ReadAuditPublicKey(const std::string& folder) { return ReadHexFile(folder + "/audit.pub", 32); }

std::string SurrogateOf(const CryptoPort& crypto, const Keys& keys, std::string_view kind, std::string_view value) {
  std::string bytes{kind};
  bytes += '\0';
  bytes += value;
  const std::string hash = crypto.KeyedHash(keys.surrogate, bytes);
  Hash128 id;
  for (std::size_t i = 0; i < 8; ++i) {
    id.high = (id.high << 8U) | static_cast<unsigned char>(hash[i]);
    id.low = (id.low << 8U) | static_cast<unsigned char>(hash[i + 8]);
  }
  return ToText(id);
}

}  // namespace bongsu::crypto
