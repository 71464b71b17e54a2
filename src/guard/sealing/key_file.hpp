// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The keys of personal values on disk, KEYS/sealing (docs/formats/sealing.md): each wrapped under the master key, with
/// the scope it seals for once it has one. Spare keys are made ahead, so that no message waits for the disk.
///
///   master.N      32 random bytes, hex, mode 0600; the highest N counts
///   keys.ndjson   {"id":7,"master":3,"wrapped":"…"}   a key
///                 {"id":7,"tenant":0,"scope":"case:…"}  what it seals for
///   erased.ndjson erased_list.hpp                      keys that were destroyed; applied before anything is served
///
/// Destroying keys makes a new master, writes the other keys anew under it and destroys the old one: an old copy of
/// keys.ndjson is of no use any more. Blocks; one call at a time.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "guard/crypto/crypto_port.hpp"
#include "guard/sealing/erased_list.hpp"

namespace bongsu::sealing {

struct SealKey {
  std::string bytes;  ///< 32
  std::uint16_t tenant = 0;
  std::string scope;  ///< "case:SURROGATE", "person:SURROGATE", "day:contact:2026-11-22"; empty: spare
};

class KeyFile {
 public:
  static constexpr std::size_t kMaxKeys = 4'000'000;

  /// Opens the folder, makes what is missing; keys that were erased are destroyed first. A master older than 90 days is
  /// replaced. @param installation  InstallationOf, so that no other one's list is taken
  /// @errors kUnavailable keys.io   kCorrupt keys.bad | erased.bad_list   kConflict erased.other_installation
  static Result<KeyFile> Open(std::string folder, const crypto::CryptoPort& crypto, std::string installation = {});

  const std::map<KeyId, SealKey>& keys() const { return keys_; }
  const ErasedKeys& erased() const { return erased_; }
  const std::string& installation() const { return installation_; }

  /// New spare keys, on disk. @errors kUnavailable keys.io   kTooLarge keys.too_many
  Result<std::vector<KeyId>> Make(std::size_t count);
  /// Notes what a spare key seals for from now on.
  Result<void> Assign(KeyId id, std::uint16_t tenant, const std::string& scope);
  /// Destroys keys for good; those that are not there are noted all the same.
  Result<void> Destroy(const std::set<KeyId>& ids);
  /// Destroys what a list from elsewhere names and this folder does not know of. @returns how many were new
  Result<std::size_t> Take(const ErasedKeys& list);
  /// Wraps every key under a new master and destroys the old one.
  Result<void> Rotate();

 private:
  KeyFile(std::string folder, const crypto::CryptoPort& crypto, std::string installation)
      : folder_{std::move(folder)}, crypto_{&crypto}, installation_{std::move(installation)} {}
  Result<void> Load();
  Result<void> ReadLine(std::string_view line);
  std::string LinesOf(KeyId id, const SealKey& key) const;
  Result<void> Append(const std::string& file, const std::string& lines) const;

  std::string folder_;
  const crypto::CryptoPort* crypto_;
  std::string installation_;
  std::uint32_t master_number_ = 0;
  std::string master_;
  std::map<KeyId, SealKey> keys_;
  ErasedKeys erased_;
  KeyId next_ = 1;
};

/// What names an installation in lists that leave it: 16 characters, the same as long as its surrogates are.
std::string InstallationOf(const crypto::CryptoPort& crypto, std::string_view surrogate_key);

}  // namespace bongsu::sealing
