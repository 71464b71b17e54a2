// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Work of a start, before the shards run: each piece on a thread of its own.

#include <cstddef>
#include <functional>

namespace bongsu::runtime {

/// Runs work(0) … work(count - 1), each on a thread of its own, and waits for all.
void SideBySide(std::size_t count, const std::function<void(std::size_t)>& work);

}  // namespace bongsu::runtime
