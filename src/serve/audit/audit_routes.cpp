// SPDX-License-Identifier: Apache-2.0
#include "serve/audit/audit_routes.hpp"

#include <algorithm>

#include "serve/api/query.hpp"

namespace bongsu::api {
namespace {

constexpr std::uint64_t kWindow = 1'000;
constexpr std::uint64_t kMaxRead = 50'000;

struct Query {
  std::uint16_t tenant = 0;
  std::string actor;
  std::string object;
  TimePoint since{};
  TimePoint until = kNever;
  std::size_t limit = 100;
  std::uint64_t before = 0;  ///< Records with a lower seq; 0: from the newest.

  bool Fits(const model::Record& record) const {
    return record.kind == model::Kind::kAudit && (actor.empty() || record.actor == actor) &&
           (object.empty() || record.subject == object) && record.event_time >= since && record.event_time < until;
  }
};

struct Page {
  std::vector<model::Record> records;  ///< Newest first.
  std::uint64_t next = 0;              ///< Go on before this seq; 0: that was all.
};

Result<Query> QueryOf(const Call& call) {
  Query query;
  query.tenant = call.caller.tenant;
  for (const auto& [name, value] : call.request.query) {
    if (name == "actor") {
      query.actor = value;
    } else if (name == "object") {
      query.object = value;
    } else if (name == "since") {
      BONGSU_TRY(query.since, ParseTime(value));
    } else if (name == "until") {
      BONGSU_TRY(query.until, ParseTime(value));
    } else if (name == "limit") {
      BONGSU_TRY(query.limit, LimitOf(call.request));
    } else if (name == "cursor") {
      BONGSU_TRY(query.before, NumberOf(call.request, name, 0, 1, UINT64_MAX));
    } else {
      return Fail(Code::kInvalidArgument, "http.bad_query",
                  "there is no filter '{}'; there are actor, object, since, until, limit, cursor", name);
    }
  }
  return query;
}

/// Reads backwards in windows until the page is full or enough was read.
Result<Page> Collect(const journal::JournalPort& journal, const Query& query) {
  Page page;
  const std::uint16_t partition = model::DeskPartition(query.tenant);
  const journal::Range range = journal.RangeOf(partition);
  std::uint64_t end = query.before == 0 ? range.last_seq + 1 : std::min(query.before, range.last_seq + 1);
  for (std::uint64_t read = 0; end > range.first_seq && read < kMaxRead; read += kWindow) {
    const std::uint64_t begin = std::max(range.first_seq, end > kWindow ? end - kWindow : 1);
    std::vector<model::Record> window;
    bool before_since = false;
    const auto walked = journal.Read(partition, begin, [&](const model::Record& record) {
      if (record.position.seq >= end) return false;
      before_since = before_since || record.event_time < query.since;
      if (query.Fits(record)) window.push_back(record);
      return record.position.seq + 1 < end;
    });
    if (!walked) return tl::unexpected<Error>(walked.error());
    for (auto record = window.rbegin(); record != window.rend(); ++record) {
      page.records.push_back(std::move(*record));
      if (page.records.size() == query.limit) {
        page.next = page.records.back().position.seq;
        return page;
      }
    }
    end = begin;
    if (before_since) return page;
  }
  if (end > range.first_seq) page.next = end;
  return page;
}

json::Value ActorJson(const guard::Accounts* accounts, const std::string& id) {
  json::Value actor;
  actor.Set("kind", id.empty() ? "system" : "user");
  if (id.empty()) return actor;
  actor.Set("id", id);
  if (accounts == nullptr) return actor;
  if (const auto user = accounts->users.find(id); user != accounts->users.end()) {
    const guard::User& known = user->second;
    actor.Set("name", known.display.ko.empty() ? known.name : known.display.ko);
  } else if (const auto token = accounts->tokens.find(id); token != accounts->tokens.end()) {
    actor.Set("kind", "token");
    actor.Set("name", token->second.name);
  }
  return actor;
}

json::Value RecordJson(const guard::Accounts* accounts, const model::Record& record) {
  json::Value value;
  value.Set("seq", record.position.seq);
  value.Set("at", FormatUtc(record.event_time));
  value.Set("actor", ActorJson(accounts, record.actor));
  const auto link = audit::ReadLink(record.payload);
  const auto body = json::Parse(link ? link->body : std::string_view{"{}"});
  for (const std::string_view name : {"from", "act", "what", "reason", "result"}) {
    if (body && body->Find(name) != nullptr) value.Set(name, (*body)[name]);
  }
  if (!record.subject.empty()) value.Set("object", record.subject);
  // A record that does not read any more is shown all the same: it is what an auditor looks for.
  if (!link || !body) {
    value.Set("act", "unreadable");
    value.Set("result", "refused");
  }
  value.Set("hash", link ? link->hash : "");
  return value;
}

http::Response Answer(const guard::Accounts* accounts, const Page& page, const audit::ChainState& chain) {
  json::Array items;
  for (const model::Record& record : page.records) items.push_back(RecordJson(accounts, record));
  json::Value list;
  list.Set("items", std::move(items));
  if (page.next != 0) list.Set("next", std::to_string(page.next));
  list.Set("chain", ToJson(chain));
  return http::JsonResponse(200, list);
}

void List(const std::shared_ptr<const AuditHouse>& house, const Call& call, http::Respond respond) {
  auto query = QueryOf(call);
  if (!query) return respond(http::ProblemResponse(query.error()));
  const auto watch = house->watch(query->tenant);
  if (!watch)
    return respond(
        http::ProblemResponse({Code::kUnavailable, "audit.no_watch", "the audit chain of this tenant is not open"}));
  const std::size_t here = house->shards.Current();
  watch->Ask([house, here, query = *query, respond = std::move(respond)](const Result<audit::ChainState>& chain) {
    if (!chain) return respond(http::ProblemResponse(chain.error()));
    const bool queued = house->pool.Run([house, here, query, chain = *chain, respond] {
      auto page = Collect(house->journal, query);
      house->shards.Post(here, [house, query, chain, respond, page = std::move(page)] {
        if (!page) return respond(http::ProblemResponse(page.error()));
        const guard::Directory::Entry* entry = house->directory.Find(query.tenant);
        respond(Answer(entry == nullptr ? nullptr : entry->accounts.get(), *page, chain));
      });
    });
    if (!queued)
      respond(http::ProblemResponse(
          {Code::kOverloaded, "audit.busy", "too much work is waiting; try again in a few seconds"}));
  });
}

}  // namespace

Routes AuditRoutes(AuditHouse parts) {
  const auto house = std::make_shared<const AuditHouse>(std::move(parts));
  return {{"GET", "/api/v1/audit", guard::Permission::kReadAudit,
           [house](const Call& call, http::Respond respond) { List(house, call, std::move(respond)); }}};
}

}  // namespace bongsu::api
