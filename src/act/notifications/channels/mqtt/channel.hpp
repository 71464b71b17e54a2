// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Notifications over MQTT 3.1.1 and 5: one connection that stays open while there is something to say. With QoS 1 and
/// 2 a notification is delivered when the broker acknowledged it, with QoS 0 when it was written.

#include "act/notifications/channel.hpp"
#include "runtime/shards.hpp"

namespace bongsu::notifications {

std::unique_ptr<Channel> MakeMqttChannel(runtime::Shards& shards, std::size_t shard, const Endpoint& endpoint);

}  // namespace bongsu::notifications
