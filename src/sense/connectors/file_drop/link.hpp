// SPDX-License-Identifier: Apache-2.0
#pragma once

/// One source with its folder: looks, takes the next file, gives it to the gate, moves it away once it is on disk.
///
///   Look ── list ──▶ Choose ── read ──▶ Give ── gate ──▶ on disk ── move ──▶ Choose … nothing more ── look_every ──▶
///   Look
///
/// Lives on one shard; what blocks runs in the pool and comes back there.

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sense/connectors/file_drop/config.hpp"
#include "sense/connectors/file_drop/sequence.hpp"
#include "sense/connectors/file_drop/session.hpp"
#include "sense/ingest/connector.hpp"

namespace bongsu::file_drop {

class Link : public std::enable_shared_from_this<Link> {
 public:
  Link(const ingest::ConnectorDeps& deps, runtime::BlockingPool& pool, std::size_t shard,
       std::shared_ptr<ingest::Source> source, Folder folder);

  void Start();  ///< Any thread.
  void Stop() { stopped_ = true; }
  /// Any thread: state, address with the next number, files that never came as `dropped`.
  void Describe(ingest::ConnectorStatus& status) const;
  const ingest::Source& source() const { return *source_; }

 private:
  struct Looked {
    std::optional<std::uint64_t> last;
    std::vector<Dropped> files;
  };
  using Messages = Result<std::vector<ingest::Row>>;

  void Look();
  void OnLooked(Result<Looked> looked);
  void Choose();
  void Give(Messages messages);
  void OnSettled(const ingest::Outcome& outcome);
  void MoveTo(const char* folder);
  void OnMoved(const Result<void>& moved, bool done);
  void LookLater();
  void Complain(const Error& error, bool of_folder = false);
  /// `work` in the pool, then `next` with its result here.
  template <class Work, class Next>
  void InPool(Work work, Next next);

  const ingest::ConnectorDeps& deps_;
  runtime::BlockingPool& pool_;
  std::size_t shard_;
  std::shared_ptr<ingest::Source> source_;
  SourceOptions options_;
  Folder folder_;
  Counter& done_;
  Counter& refused_;
  Counter& never_came_;

  bool begun_ = false;  ///< The sequence knows where it stood before the start.
  Sequence sequence_;
  std::map<std::string, Dropped> seen_;  ///< Of the look before: who did not change since is whole. At most kMaxNames.
  std::string told_;                     ///< The file that was looked at last.
  std::deque<Dropped> waiting_;          ///< Whole files of the last look, lowest number first.
  std::atomic<std::uint64_t> next_{0};   ///< 0: nothing came yet.
  std::atomic<std::uint64_t> missing_{0};
  std::atomic<bool> broken_{false};  ///< The folder cannot be worked with.
  std::atomic<bool> stopped_{false};
};

}  // namespace bongsu::file_drop
