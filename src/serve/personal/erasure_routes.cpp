// SPDX-License-Identifier: Apache-2.0
#include "serve/personal/erasure_routes.hpp"

#include "serve/api/body.hpp"

namespace bongsu::api {
namespace {

constexpr std::size_t kMaxName = 512;
constexpr std::size_t kMaxReason = 500;

struct Ask {
  std::string scope;
  std::string reason;
};

/// {"case"} or {"person"} or {"class","day"}, with a reason. The name itself goes no further: its surrogate does.
Result<Ask> AskOf(const ErasureHouse& house, std::uint16_t tenant, const json::Value& body) {
  BONGSU_TRY(std::string reason, TextOf(body, "reason", kMaxReason));
  if (reason.empty()) return Fail(Code::kInvalidArgument, "http.bad_member", "'reason' may not be empty");
  BONGSU_TRY(const auto of_case, OptionalTextOf(body, "case", kMaxName));
  BONGSU_TRY(const auto of_person, OptionalTextOf(body, "person", kMaxName));
  BONGSU_TRY(const auto of_class, OptionalTextOf(body, "class", kMaxName));
  BONGSU_TRY(const auto day, OptionalTextOf(body, "day", 10));
  const auto scope = [&](const sealing::Belongs& belongs, sealing::DataClass data_class, std::string_view of_day) {
    return Ask{house.ring.ScopeOf(tenant, data_class, belongs, of_day), reason};
  };
  using To = sealing::Belongs::To;
  if (of_case && !of_person && !of_class) return scope({To::kCase, *of_case}, sealing::DataClass::kCase, {});
  if (of_person && !of_case && !of_class) return scope({To::kPerson, *of_person}, sealing::DataClass::kPerson, {});
  if (!of_class || of_case || of_person)
    return Fail(Code::kInvalidArgument, "http.bad_member", "name one: 'case', 'person', or 'class' with 'day'");
  const auto declared = sealing::DeclaredClass(*of_class);
  if (!declared && *of_class != "message")
    return Fail(Code::kInvalidArgument, "http.bad_member",
                "'class' is '{}', it must be person, case, contact, plate or message", *of_class);
  if (!day || !ParseTime(*day + "T00:00:00Z"))
    return Fail(Code::kInvalidArgument, "http.bad_member", "'day' is '{}', with 'class' it must be a date: 2026-11-22",
                day.value_or(""));
  return scope({}, declared.value_or(sealing::DataClass::kMessage), *day);
}

/// Runs `act` with the tenant's book on the desk's shard.
void OnDesk(const ErasureHouse& house, std::uint16_t tenant, std::string actor,
            std::function<Result<json::Value>(const sealing::ErasureBook&, desk::DeskBatch&)> act,
            desk::DeskPort::Answer answer) {
  const guard::Directory::Entry* entry = house.directory.Find(tenant);
  const sealing::ErasureBook* book = house.book(tenant);
  if (entry == nullptr || book == nullptr)
    return answer(Fail(Code::kNotFound, "guard.no_tenant", "there is no such tenant"));
  house.shards.Post(entry->desk.shard, [desk = entry->desk.desk, book, actor = std::move(actor), act = std::move(act),
                                        answer = std::move(answer)]() mutable {
    desk->Act(
        std::move(actor), [book, act = std::move(act)](desk::DeskBatch& batch) { return act(*book, batch); },
        std::move(answer));
  });
}

desk::DeskPort::Answer Reply(http::Respond respond, int status) {
  return [respond = std::move(respond), status](const Result<json::Value>& done) {
    http::Response response = done ? http::JsonResponse(status, *done) : http::ProblemResponse(done.error());
    if (done && status == 204) response.body.clear();
    respond(std::move(response));
  };
}

void Erase(const ErasureHouse& house, const Call& call, const http::Respond& respond) {
  const auto body = ObjectOf(call.request);
  if (!body) return respond(http::ProblemResponse(body.error()));
  ErasePersonal(house, call.caller.tenant, guard::ActorOf(call.caller), *body, Reply(respond, 201));
}

/// What `list` makes of the book, on the desk's shard.
void List(const ErasureHouse& house, std::uint16_t tenant, json::Array (*list)(const sealing::ErasureBook&),
          const desk::DeskPort::Answer& answer) {
  const guard::Directory::Entry* entry = house.directory.Find(tenant);
  const sealing::ErasureBook* book = house.book(tenant);
  if (entry == nullptr || book == nullptr)
    return answer(Fail(Code::kNotFound, "guard.no_tenant", "there is no such tenant"));
  house.shards.Post(entry->desk.shard,
                    [book, answer, list] { answer(json::Value{json::Object{{"items", list(*book)}}}); });
}

json::Array Erasures(const sealing::ErasureBook& book) {
  json::Array items;
  for (auto one = book.erasures().rbegin(); one != book.erasures().rend() && items.size() < 1'000; ++one)
    items.push_back(ToJson(*one));
  return items;
}

json::Array Holds(const sealing::ErasureBook& book) {
  json::Array items;
  for (const auto& [id, hold] : book.holds()) items.push_back(ToJson(hold));
  return items;
}

void Place(const ErasureHouse& house, const Call& call, const http::Respond& respond) {
  const auto body = ObjectOf(call.request);
  if (!body) return respond(http::ProblemResponse(body.error()));
  PlaceHold(house, call.caller.tenant, guard::ActorOf(call.caller), *body, Reply(respond, 201));
}

void Lift(const ErasureHouse& house, const Call& call, const http::Respond& respond) {
  const std::string reason{call.request.Query("reason").value_or("")};
  LiftHold(house, call.caller.tenant, guard::ActorOf(call.caller), call.params.at("id"), reason, Reply(respond, 204));
}

}  // namespace

void ErasePersonal(const ErasureHouse& house, std::uint16_t tenant, const std::string& actor, const json::Value& body,
                   const desk::DeskPort::Answer& answer) {
  const auto ask = AskOf(house, tenant, body);
  if (!ask) return answer(tl::unexpected<Error>(ask.error()));
  house.ring.Retire(tenant, ask->scope,
                    [&house, tenant, actor, ask = *ask, answer](const std::set<sealing::KeyId>& keys) {
                      const auto destroy = [&house, keys, answer](const Result<json::Value>& done) {
                        if (!done) return answer(done);
                        house.ring.Destroy(keys, [answer, shown = *done](const Result<void>& destroyed) {
                          answer(destroyed ? Result<json::Value>{shown} : tl::unexpected<Error>(destroyed.error()));
                        });
                      };
                      OnDesk(
                          house, tenant, actor,
                          [ask, keys](const sealing::ErasureBook& book, desk::DeskBatch& batch) {
                            return book.Erase(batch, ask.scope, keys, ask.reason);
                          },
                          destroy);
                    });
}

void PlaceHold(const ErasureHouse& house, std::uint16_t tenant, const std::string& actor, const json::Value& body,
               const desk::DeskPort::Answer& answer) {
  const auto ask = AskOf(house, tenant, body);
  if (!ask) return answer(tl::unexpected<Error>(ask.error()));
  OnDesk(
      house, tenant, actor,
      [ask = *ask](const sealing::ErasureBook& book, desk::DeskBatch& batch) {
        return book.Place(batch, ask.scope, ask.reason);
      },
      answer);
}

void LiftHold(const ErasureHouse& house, std::uint16_t tenant, const std::string& actor, const std::string& id,
              const std::string& reason, const desk::DeskPort::Answer& answer) {
  if (reason.size() > kMaxReason)
    return answer(Fail(Code::kInvalidArgument, "http.bad_member", "'reason' has {} bytes, at most {} are allowed",
                       reason.size(), kMaxReason));
  OnDesk(
      house, tenant, actor,
      [id, reason](const sealing::ErasureBook& book, desk::DeskBatch& batch) { return book.Lift(batch, id, reason); },
      answer);
}

void ListHolds(const ErasureHouse& house, std::uint16_t tenant, const desk::DeskPort::Answer& answer) {
  List(house, tenant, Holds, answer);
}

Routes ErasureRoutes(const ErasureHouse& house) {
  constexpr auto kErase = guard::Permission::kErasePersonal;
  const auto with = [&house](void (*run)(const ErasureHouse&, const Call&, const http::Respond&)) -> Handler {
    return [&house, run](const Call& call, const http::Respond& respond) { run(house, call, respond); };
  };
  return {{"POST", "/api/v1/erasures", kErase, with(Erase)},
          {"GET", "/api/v1/erasures", kErase,
           [&house](const Call& call, const http::Respond& respond) {
             List(house, call.caller.tenant, Erasures, Reply(respond, 200));
           }},
          {"POST", "/api/v1/holds", kErase, with(Place)},
          {"GET", "/api/v1/holds", kErase,
           [&house](const Call& call, const http::Respond& respond) {
             ListHolds(house, call.caller.tenant, Reply(respond, 200));
           }},
          {"DELETE", "/api/v1/holds/{id}", kErase, with(Lift)}};
}

}  // namespace bongsu::api
