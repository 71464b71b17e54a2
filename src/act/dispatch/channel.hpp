// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A way out of the house. A channel only carries; when, how often and whether again is the outbox's decision.

#include <functional>
#include <optional>

#include "act/dispatch/peer.hpp"
#include "model/event.hpp"
#include "runtime/http_client.hpp"

namespace bongsu::dispatch {

enum class ChannelKind : std::uint8_t {
  kRepeatable,  ///< The receiver drops repeats by the message's identity: may be tried again.
  kAsk,         ///< Never fires twice: an outcome nobody knows becomes a question to an operator.
};

/// One message to be carried.
struct Delivery {
  std::string id;  ///< Notice id: the message's identity, the same at each attempt.
  Peer peer;
  std::string kind;  ///< report | received | finished, or a word of the sender's
  model::LText text;
  TimePoint at{};  ///< When it was intended; the same at each attempt.
  std::string incident;
  json::Value context;                 ///< {title,severity,place,drill} of the incident; null for none.
  std::optional<model::Event> origin;  ///< The agency's newest event that this answers.
};

struct Outcome {
  enum class What : std::uint8_t {
    kDelivered,  ///< The receiver said it has it.
    kRefused,    ///< The receiver said no; trying again changes nothing.
    kNotSent,    ///< It did not get there, surely.
    kUnknown,    ///< It may have got there.
  };
  What what = What::kUnknown;
  std::string error;  ///< For people; empty when delivered.
};

class Channel {
 public:
  virtual ~Channel() = default;
  virtual std::string_view id() const = 0;
  virtual ChannelKind kind() const = 0;
  /// Carries `delivery`; calls `done` once, on the same shard, within the channel's deadline.
  virtual void Send(Delivery delivery, std::function<void(Outcome)> done) = 0;
};

/// Makes an HTTP call on the outbox's shard: runtime::HttpSend, bound by app/.
using SendHttp = std::function<void(runtime::HttpCall, std::function<void(Result<http::Response>)>)>;

}  // namespace bongsu::dispatch
