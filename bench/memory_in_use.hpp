// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <jemalloc/jemalloc.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace bongsu::bench {

/// Bytes in pages the allocator has in use: what is kept, with what its size classes waste.
inline std::size_t BytesInUse() {
  std::uint64_t epoch = 1;
  std::size_t active = 0;
  std::size_t size = sizeof epoch;
  if (mallctl("epoch", &epoch, &size, &epoch, size) != 0) std::abort();
  size = sizeof active;
  if (mallctl("stats.active", &active, &size, nullptr, 0) != 0) std::abort();
  return active;
}

}  // namespace bongsu::bench
