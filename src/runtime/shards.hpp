// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Shards: N threads, each with one event loop. A partition lives in one shard, which owns all state of its keys
/// (architecture D4), so state needs no lock. Other folders hand work to a shard; only runtime/ makes threads.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/time.hpp"

namespace boost::asio {
class io_context;  // NOLINT(readability-identifier-naming): not ours
}

namespace bongsu::runtime {

class Shards {
 public:
  /// @param count  threads, >= 1
  explicit Shards(std::size_t count);
  ~Shards();
  Shards(const Shards&) = delete;
  Shards& operator=(const Shards&) = delete;

  std::size_t size() const;
  /// Shard of a data partition or of a desk partition.
  std::size_t ShardOf(std::uint16_t partition) const { return partition % size(); }
  /// Runs `work` on that shard's thread, after what was posted before from this thread.
  void Post(std::size_t shard, std::function<void()> work);
  /// Runs `work` on that shard after `delay` of real time, unless the shards stop first.
  void After(std::size_t shard, std::chrono::milliseconds delay, std::function<void()> work);
  /// Index of the shard this thread is; size() on a thread that is none.
  std::size_t Current() const;
  boost::asio::io_context& context(std::size_t shard);

  void Start();
  /// Lets each loop finish what it is doing and joins the threads. Posted work that did not begin is dropped.
  void Stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Threads for work that blocks (disk, argon2id): at most `threads` at once, a queue of at most `bound` jobs.
class BlockingPool {
 public:
  BlockingPool(std::size_t threads, std::size_t bound);
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;
  /// False when the queue is full: the caller says "overloaded".
  [[nodiscard]] bool Run(std::function<void()> job);
  void Stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace bongsu::runtime
