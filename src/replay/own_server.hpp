// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A server of one's own in a temporary folder, for a replay without --server.

#include <sys/types.h>

#include <memory>
#include <string>

#include "base/result.hpp"

namespace bongsu::replay {

class OwnServer {
 public:
  /// Starts `program serve` with an open door and a clock of that scale; waits for its ready line.
  /// Call it before there are threads. @errors kUnavailable replay.no_server
  static Result<std::unique_ptr<OwnServer>> Start(const std::string& program, double scale);
  ~OwnServer();  ///< Ends it and removes the folder.
  const std::string& url() const { return url_; }

 private:
  OwnServer() = default;
  std::string folder_;
  std::string url_;
  pid_t pid_ = -1;
};

}  // namespace bongsu::replay
