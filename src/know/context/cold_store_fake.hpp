// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>

#include "know/context/context.hpp"

namespace bongsu::context {

/// A store that answers when it is told to, with what was saved when it was asked, but for rows that are gone.
class ColdStoreFake final : public ColdStore {
 public:
  void Save(const Entity& entity) { rows_[entity.id] = Encode(entity); }
  void Forget(const std::string& id) { rows_.erase(id); }
  bool Saved(const Entity& entity) const {
    const auto row = rows_.find(entity.id);
    return row != rows_.end() && row->second == Encode(entity);
  }

  const std::string& row(const std::string& id) const { return rows_.at(id); }

  void Read(std::vector<ColdKey> keys, Each each, std::function<void(Result<void>)> done) override {
    asked.push_back(keys.size());
    waiting_.push_back([this, keys = std::move(keys), then = rows_, each = std::move(each), done = std::move(done)] {
      Result<void> read;
      if (fails) read = Fail(Code::kUnavailable, "state.read", "the disk is gone");
      for (std::size_t i = 0; read && i < keys.size(); ++i) {
        if (then.contains(keys[i].id) && rows_.contains(keys[i].id)) read = each(i, then.at(keys[i].id));
      }
      done(read);
    });
  }

  bool waits() const { return !waiting_.empty(); }
  void AnswerOne() {
    const auto answer = std::move(waiting_.front());
    waiting_.pop_front();
    answer();
  }
  void AnswerAll() {
    while (waits()) AnswerOne();
  }

  std::vector<std::size_t> asked;  ///< Entities of each reading.
  bool fails = false;

 private:
  std::map<std::string, std::string> rows_;
  std::deque<std::function<void()>> waiting_;
};

}  // namespace bongsu::context
