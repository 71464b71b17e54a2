// SPDX-License-Identifier: Apache-2.0
#include "act/dispatch/outbox.hpp"

#include <algorithm>

#include "model/payload.hpp"

namespace bongsu::dispatch {

Outbox::Outbox(OutboxBook& book, desk::DeskPort& desk, std::vector<std::unique_ptr<Channel>> channels,
               ReadEvents read_events, Metrics& metrics, Log log)
    : book_{book},
      desk_{desk},
      channels_{std::move(channels)},
      read_events_{std::move(read_events)},
      log_{log},
      delivered_{metrics.Counter("bongsu_dispatch_delivered_total", "Notices their receiver has.")},
      failed_{metrics.Counter("bongsu_dispatch_failed_total", "Notices that were refused or given up.")},
      retried_{metrics.Counter("bongsu_dispatch_retried_total", "Attempts that are to be made again.")} {}

Channel* Outbox::Find(std::string_view id) const {
  const auto found = std::ranges::find_if(channels_, [&](const auto& channel) { return channel->id() == id; });
  return found == channels_.end() ? nullptr : found->get();
}

void Outbox::Start(std::string hold_because) {
  const auto kind_of = [this](std::string_view id) {
    const Channel* channel = Find(id);
    return channel == nullptr ? ChannelKind::kAsk : channel->kind();
  };
  desk_.Act(
      {},
      [this, kind_of, why = std::move(hold_because)](desk::DeskBatch& batch) -> Result<json::Value> {
        if (!why.empty()) book_.Hold(kind_of, why, batch);
        book_.Recover(kind_of, batch);
        return json::Value{};
      },
      [](const Result<json::Value>&) {});
}

void Outbox::OnCommitted(const model::Record& record) {
  if (record.kind != model::Kind::kNotice && record.kind != model::Kind::kNoticeResult) return;
  const auto payload = model::PayloadOf(record);
  if (!payload) return;
  const auto notice = NoticeFromJson(*payload);
  if (!notice || !notice->pending() || notice->next_at) return;
  waiting_.push_back(notice->id);
  Next();
}

void Outbox::Next() {
  while (in_flight_ < kMaxInFlight && !waiting_.empty()) {
    const model::NoticeId id = waiting_.front();
    waiting_.pop_front();
    const Notice* notice = book_.Find(id);
    if (notice == nullptr || !notice->pending() || notice->next_at) continue;  // settled meanwhile
    ++in_flight_;
    Fire(*notice);
  }
}

void Outbox::Fire(const Notice& notice) {
  Channel* channel = Find(notice.channel);
  const auto peer = book_.peers().find(notice.peer);
  if (channel == nullptr || peer == book_.peers().end()) {
    Finish(notice.id, ChannelKind::kRepeatable,
           {Outcome::What::kRefused,
            fmt::format("agency '{}' or channel '{}' is no longer configured", notice.peer, notice.channel)});
    return;
  }
  Delivery delivery;
  delivery.id = bongsu::ToText(notice.id);
  delivery.peer = peer->second;
  delivery.kind = notice.kind;
  delivery.text = notice.text;
  delivery.at = notice.at;
  delivery.incident = notice.incident;
  delivery.context = notice.context;
  if (notice.events.empty()) {
    Carry(*channel, std::move(delivery));
    return;
  }
  read_events_(notice.events, [self = shared_from_this(), channel, id = notice.id,
                               delivery = std::move(delivery)](std::vector<model::Event> events) mutable {
    for (model::Event& event : events) {
      if (event.source == delivery.peer.source) delivery.origin = std::move(event);
    }
    if (delivery.origin) {
      self->Carry(*channel, std::move(delivery));
      return;
    }
    // An answer without the agency's own numbers would be an event of ours.
    self->Finish(id, ChannelKind::kRepeatable, {Outcome::What::kNotSent, "the agency's message could not be read"});
  });
}

void Outbox::Carry(Channel& channel, Delivery delivery) {
  const model::NoticeId id{HashFromText(delivery.id).value_or(Hash128{})};
  channel.Send(std::move(delivery), [self = shared_from_this(), id, kind = channel.kind()](Outcome outcome) {
    self->Finish(id, kind, std::move(outcome));
  });
}

void Outbox::Finish(model::NoticeId id, ChannelKind kind, Outcome outcome) {
  using enum Outcome::What;
  const bool delivered = outcome.what == kDelivered;
  if (!delivered) log_.Warn("dispatch.not_delivered", {{"notice", bongsu::ToText(id)}, {"error", outcome.error}});
  (delivered ? delivered_ : outcome.what == kRefused ? failed_ : retried_).Add();
  desk_.Act(
      {},
      [self = shared_from_this(), id, kind, outcome](desk::DeskBatch& batch) -> Result<json::Value> {
        self->book_.OnOutcome(id, outcome, kind, batch);
        return json::Value{};
      },
      [self = shared_from_this()](const Result<json::Value>& answer) {
        // Without a recorded result the intent stays; the next start takes it up again.
        if (!answer) self->log_.Failure("dispatch.result_not_recorded", answer.error());
        --self->in_flight_;
        self->Next();
      });
}

}  // namespace bongsu::dispatch
