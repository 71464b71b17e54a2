// SPDX-License-Identifier: Apache-2.0
#include "runtime/shards.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

namespace bongsu::runtime {
namespace {

thread_local const void* current_owner = nullptr;
thread_local std::size_t current_index = 0;

/// What waits in one loop may hold sockets and timers of another: all loops drop their work before the first is gone.
class Loop : public boost::asio::io_context {
 public:
  using io_context::io_context;
  void DropWork() { shutdown(); }
};

}  // namespace

struct Shards::State {
  ~State() {
    for (const auto& shard : shards) shard->loop.DropWork();
  }

  struct Shard {
    Loop loop{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> busy{loop.get_executor()};
    std::thread thread;
  };
  std::vector<std::unique_ptr<Shard>> shards;
};

Shards::Shards(std::size_t count) : state_{std::make_unique<State>()} {
  BONGSU_ASSERT(count >= 1);
  for (std::size_t i = 0; i < count; ++i) state_->shards.push_back(std::make_unique<State::Shard>());
}

Shards::~Shards() { Stop(); }

std::size_t Shards::size() const { return state_->shards.size(); }

void Shards::Post(std::size_t shard, std::function<void()> work) {
  boost::asio::post(state_->shards[shard]->loop, std::move(work));
}

void Shards::After(std::size_t shard, std::chrono::milliseconds delay, std::function<void()> work) {
  auto timer = std::make_shared<boost::asio::steady_timer>(state_->shards[shard]->loop, delay);
  timer->async_wait([timer, work = std::move(work)](const boost::system::error_code& error) {
    if (!error) work();
  });
}

std::size_t Shards::Current() const { return current_owner == this ? current_index : size(); }

boost::asio::io_context& Shards::context(std::size_t shard) { return state_->shards[shard]->loop; }

void Shards::Start() {
  for (std::size_t i = 0; i < state_->shards.size(); ++i) {
    State::Shard& shard = *state_->shards[i];
    shard.thread = std::thread([this, i, &shard] {
      current_owner = this;
      current_index = i;
      shard.loop.run();
    });
  }
}

void Shards::Stop() {
  for (const auto& shard : state_->shards) {
    shard->busy.reset();
    shard->loop.stop();
  }
  for (const auto& shard : state_->shards) {
    if (shard->thread.joinable()) shard->thread.join();
  }
}

struct BlockingPool::State {
  State(std::size_t threads, std::size_t most) : pool{threads}, bound{most} {}
  boost::asio::thread_pool pool;
  std::size_t bound;
  std::atomic<std::size_t> waiting{0};
};

BlockingPool::BlockingPool(std::size_t threads, std::size_t bound) : state_{std::make_unique<State>(threads, bound)} {}
BlockingPool::~BlockingPool() { Stop(); }

bool BlockingPool::Run(std::function<void()> job) {
  if (state_->waiting.fetch_add(1) >= state_->bound) {
    state_->waiting.fetch_sub(1);
    return false;
  }
  boost::asio::post(state_->pool, [this, job = std::move(job)] {
    job();
    state_->waiting.fetch_sub(1);
  });
  return true;
}

void BlockingPool::Stop() {
  state_->pool.stop();
  state_->pool.join();
}

}  // namespace bongsu::runtime
