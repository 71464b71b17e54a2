// SPDX-License-Identifier: Apache-2.0
#include "runtime/side_by_side.hpp"

#include <thread>
#include <vector>

namespace bongsu::runtime {

void SideBySide(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::vector<std::jthread> threads;
  threads.reserve(count);
  for (std::size_t i = 0; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
}

}  // namespace bongsu::runtime
