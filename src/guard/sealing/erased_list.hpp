// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Keys that were destroyed, as text: what an erasure leaves, and what every older copy of keys is held against.
///
///   {"id":7,"of":"3f1c…","tenant":0,"scope":"case:…"}    a line a key; `of`: the installation, tenant and scope if
///   known
///
/// It holds no value and no name, so copies may lie anywhere: KEYS/sealing/erased.ndjson, the seal folder of another
/// machine, D/erased.ndjson between a restore and the first start.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace bongsu::sealing {

using KeyId = std::uint32_t;

struct ErasedKey {
  std::uint16_t tenant = 0;
  std::string scope;  ///< Empty: not known.
};
using ErasedKeys = std::map<KeyId, ErasedKey>;

std::string LineOf(KeyId id, const ErasedKey& key, std::string_view installation);

/// A torn last line is left out. @param installation  lines of another one are refused; those that name none are taken
/// @errors kCorrupt erased.bad_list   kConflict erased.other_installation
Result<ErasedKeys> ReadErasedList(std::string_view text, std::string_view installation);

/// The same from a file; empty when there is none. @errors kUnavailable keys.io
Result<ErasedKeys> ReadErasedFile(const std::string& path, std::string_view installation);
/// The whole list in the place of what the file had. @errors kUnavailable keys.io
Result<void> WriteErasedFile(const std::string& path, const ErasedKeys& keys, std::string_view installation);
/// The same with what the file names already: a list never becomes shorter. Nothing is written when it cannot be read.
/// @errors those of ReadErasedFile and WriteErasedFile
Result<void> MergeErasedFile(const std::string& path, ErasedKeys keys, std::string_view installation);

}  // namespace bongsu::sealing
