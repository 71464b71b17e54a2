// SPDX-License-Identifier: Apache-2.0
#include "guard/accounts.hpp"

#include <algorithm>
#include <set>

#include "guard/audit/chain.hpp"

namespace bongsu::guard {
namespace {

constexpr std::size_t kMinPassword = 10;
constexpr std::size_t kMaxPassword = 256;
constexpr std::size_t kMinDifferent = 4;

bool IsName(std::string_view name) {
  const auto plain = [](char letter) { return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9'); };
  return !name.empty() && name.size() <= 64 && plain(name.front()) && std::ranges::all_of(name, [&](char letter) {
    return plain(letter) || letter == '.' || letter == '_' || letter == '-';
  });
}

json::Value Whole(const User& user) {
  json::Value value;
  value.Set("id", user.id);
  value.Set("name", user.name);
  value.Set("display", model::ToJson(user.display));
  value.Set("role", RoleName(user.role));
  value.Set("password", user.password_hash);
  value.Set("must_change", user.must_change);
  value.Set("locked", user.locked);
  value.Set("created_at", FormatUtc(user.created_at));
  return value;
}

json::Value Whole(const Token& token) {
  json::Value value;
  value.Set("id", token.id);
  value.Set("name", token.name);
  value.Set("role", RoleName(token.role));
  value.Set("secret_hash", token.secret_hash);
  value.Set("created_at", FormatUtc(token.created_at));
  if (token.expires_at != kNever) value.Set("expires_at", FormatUtc(token.expires_at));
  return value;
}

void ReadWhole(const json::Value& value, User& user) {
  user.name = value["name"].AsString();
  user.display = model::LTextFromJson(value["display"]);
  user.role = RoleFromName(value["role"].AsString()).value_or(Role::kApplication);
  user.password_hash = value["password"].AsString();
  user.must_change = value["must_change"].AsBool();
  user.locked = value["locked"].AsBool();
  if (const auto at = ParseTime(value["created_at"].AsString())) user.created_at = *at;
}

std::string Op(std::string_view op, std::string_view name, json::Value value) {
  json::Value payload;
  payload.Set("op", op);
  if (!name.empty()) payload.Set(name, std::move(value));
  return json::ToString(payload);
}

bool CanAdminister(const User& user) { return user.role == Role::kAdministrator && !user.removed && !user.locked; }

tl::unexpected<Error> LastAdministrator(const User& user) {
  return Fail(Code::kConflict, "user.last_administrator",
              "{} is the last administrator who can sign in; make another one first", user.name);
}

}  // namespace

const User* Accounts::UserOf(std::string_view id) const {
  const auto found = users.find(id);
  return found == users.end() || found->second.removed ? nullptr : &found->second;
}

const User* Accounts::UserByName(std::string_view name) const {
  const auto found = id_of_name.find(name);
  return found == id_of_name.end() ? nullptr : UserOf(found->second);
}

const Token* Accounts::TokenBySecret(std::string_view secret_hash) const {
  const auto found = id_of_secret.find(secret_hash);
  if (found == id_of_secret.end()) return nullptr;
  const auto token = tokens.find(found->second);
  return token == tokens.end() ? nullptr : &token->second;
}

std::size_t Accounts::Administrators(std::string_view but) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      users, [&](const auto& entry) { return CanAdminister(entry.second) && entry.second.id != but; }));
}

json::Value ToJson(const LastLogin& login) {
  json::Value value;
  value.Set("at", FormatUtc(login.at));
  if (!login.from.empty()) value.Set("from", login.from);
  value.Set("failed_since", login.failed_since);
  return value;
}

json::Value ToJson(const User& user) {
  json::Value value;
  value.Set("id", user.id);
  value.Set("name", user.name);
  value.Set("role", RoleName(user.role));
  value.Set("display", model::ToJson(user.display));
  value.Set("locked", user.locked);
  value.Set("must_change_password", user.must_change);
  json::Value login;
  if (user.last_login) {
    login = ToJson(LastLogin{user.last_login->at, user.last_login->from, user.failed});
  }
  value.Set("last_login", std::move(login));
  return value;
}

void AccountBook::Fold(const model::Record& record) {
  if (record.kind == model::Kind::kUser) FoldUser(record);
  if (record.kind == model::Kind::kToken) FoldToken(record);
  if (record.kind == model::Kind::kAudit && accounts_.users.contains(record.subject)) FoldSignIn(record);
}

void AccountBook::FoldUser(const model::Record& record) {
  const auto payload = json::Parse(record.payload);
  if (!payload) return;
  User& user = accounts_.users[record.subject];
  accounts_.id_of_name.erase(user.name);
  user.id = record.subject;
  if ((*payload)["op"].AsString() == "remove") {
    user.removed = true;
    user.password_hash.clear();
    return;
  }
  ReadWhole((*payload)["user"], user);
  accounts_.id_of_name[user.name] = user.id;
}

void AccountBook::FoldToken(const model::Record& record) {
  const auto payload = json::Parse(record.payload);
  if (!payload) return;
  if (const auto old = accounts_.tokens.find(record.subject); old != accounts_.tokens.end()) {
    accounts_.id_of_secret.erase(old->second.secret_hash);
    accounts_.tokens.erase(old);
  }
  if ((*payload)["op"].AsString() != "put") return;
  PutToken(record.subject, (*payload)["token"]);
}

void AccountBook::PutToken(const std::string& id, const json::Value& value) {
  Token token{id,
              std::string(value["name"].AsString()),
              RoleFromName(value["role"].AsString()).value_or(Role::kApplication),
              std::string(value["secret_hash"].AsString()),
              {},
              kNever};
  if (const auto at = ParseTime(value["created_at"].AsString())) token.created_at = *at;
  if (const auto at = ParseTime(value["expires_at"].AsString())) token.expires_at = *at;
  accounts_.id_of_secret[token.secret_hash] = token.id;
  accounts_.tokens[token.id] = std::move(token);
}

void AccountBook::FoldSignIn(const model::Record& record) {
  const auto link = audit::ReadLink(record.payload);
  const auto body = json::Parse(link ? link->body : std::string_view{record.payload});
  if (!body) return;
  User& user = accounts_.users[record.subject];
  const std::string_view act = (*body)["act"].AsString();
  if (act == "session.start") {
    user.last_login = LastLogin{record.event_time, std::string((*body)["from"].AsString()), 0};
    user.failed = 0;
  } else if (act == "session.refuse") {
    ++user.failed;
  }
}

void AccountBook::Save(const PutRow& put) const {
  for (const auto& [id, user] : accounts_.users) {
    json::Value row;
    row.Set("user", Whole(user));
    row.Set("removed", user.removed);
    row.Set("failed", user.failed);
    if (user.last_login)
      row.Set("last_login",
              json::Array{ToMicros(user.last_login->at), user.last_login->from, user.last_login->failed_since});
    put(json::ToString(row));
  }
  for (const auto& [id, token] : accounts_.tokens) {
    json::Value row;
    row.Set("token", Whole(token));
    put(json::ToString(row));
  }
}

Result<void> AccountBook::Load(const json::Value& row) {
  if (const json::Value* token = row.Find("token")) {
    PutToken(std::string((*token)["id"].AsString()), *token);
    return {};
  }
  const std::string id{row["user"]["id"].AsString()};
  if (id.empty()) return Fail(Code::kCorrupt, "user.bad_row", "a row of accounts has neither a user nor a token");
  User& user = accounts_.users[id];
  user.id = id;
  ReadWhole(row["user"], user);
  user.removed = row["removed"].AsBool();
  user.failed = static_cast<std::uint64_t>(row["failed"].AsInt());
  if (const json::Array& login = row["last_login"].AsArray(); login.size() == 3) {
    user.last_login = LastLogin{FromMicros(login[0].AsInt()), std::string(login[1].AsString()),
                                static_cast<std::uint64_t>(login[2].AsInt())};
  }
  if (!user.removed) accounts_.id_of_name[user.name] = user.id;
  return {};
}

User AccountBook::Put(desk::DeskBatch& batch, const User& user) {
  batch.Add(model::Kind::kUser, user.id, Op("put", "user", Whole(user)));
  return accounts_.users[user.id];
}

Result<User> AccountBook::Need(std::string_view id) const {
  const User* user = accounts_.UserOf(id);
  if (user == nullptr) return Fail(Code::kNotFound, "user.none", "there is no user {}", id);
  return *user;
}

Result<User> AccountBook::AddUser(desk::DeskBatch& batch, NewUser fresh) {
  if (!IsName(fresh.name)) {
    return Fail(Code::kInvalidArgument, "user.bad_name",
                "name '{}': 1 to 64 of a-z, 0-9, '.', '_', '-', beginning with a letter or a digit",
                fresh.name.substr(0, 80));
  }
  if (accounts_.UserByName(fresh.name) != nullptr)
    return Fail(Code::kConflict, "user.exists", "there is a user '{}' already", fresh.name);
  if (accounts_.users.size() >= Accounts::kMaxUsers) {
    return Fail(Code::kTooLarge, "user.too_many", "this tenant has had {} users, the most it can have",
                Accounts::kMaxUsers);
  }
  if (fresh.display.ko.empty() && fresh.display.en.empty()) fresh.display.ko = fresh.name;
  User user;
  user.id = std::move(fresh.id);
  user.name = std::move(fresh.name);
  user.display = std::move(fresh.display);
  user.role = fresh.role;
  user.password_hash = std::move(fresh.password_hash);
  user.must_change = fresh.must_change;
  user.created_at = batch.now();
  user = Put(batch, user);
  json::Value details;
  details.Set("name", user.name);
  details.Set("role", RoleName(user.role));
  batch.Audit("user.add", user.id, details);
  return user;
}

Result<User> AccountBook::ChangeUser(desk::DeskBatch& batch, std::string_view id, const UserChange& change) {
  BONGSU_TRY(User user, Need(id));
  const bool administered = CanAdminister(user);
  json::Value details;
  if (change.display) {
    details.Set("display", model::ToJson(*change.display));
    user.display = *change.display;
  }
  if (change.role) {
    details.Set("role_before", RoleName(user.role));
    details.Set("role", RoleName(*change.role));
    user.role = *change.role;
  }
  if (change.locked) {
    details.Set("locked", *change.locked);
    user.locked = *change.locked;
  }
  if (administered && !CanAdminister(user) && accounts_.Administrators(id) == 0) return LastAdministrator(user);
  user = Put(batch, user);
  batch.Audit("user.change", user.id, details);
  return user;
}

Result<User> AccountBook::SetPassword(desk::DeskBatch& batch, std::string_view id, std::string hash, bool own) {
  BONGSU_TRY(User user, Need(id));
  user.password_hash = std::move(hash);
  user.must_change = !own;
  user = Put(batch, user);
  batch.Audit(own ? "user.change_password" : "user.reset_password", user.id, json::Value{});
  return user;
}

Result<void> AccountBook::RemoveUser(desk::DeskBatch& batch, std::string_view id) {
  BONGSU_TRY(const User user, Need(id));
  if (CanAdminister(user) && accounts_.Administrators(id) == 0) return LastAdministrator(user);
  batch.Add(model::Kind::kUser, user.id, Op("remove", {}, {}));
  json::Value details;
  details.Set("name", user.name);
  batch.Audit("user.remove", user.id, details);
  return {};
}

Result<Token> AccountBook::AddToken(desk::DeskBatch& batch, NewToken fresh) {
  if (accounts_.tokens.size() >= Accounts::kMaxTokens) {
    return Fail(Code::kTooLarge, "token.too_many", "this tenant has {} tokens, the most it can have; revoke some",
                Accounts::kMaxTokens);
  }
  Token token{std::move(fresh.id),          std::move(fresh.name), fresh.role,
              std::move(fresh.secret_hash), batch.now(),           fresh.expires_at};
  batch.Add(model::Kind::kToken, token.id, Op("put", "token", Whole(token)));
  json::Value details;
  details.Set("name", token.name);
  details.Set("role", RoleName(token.role));
  batch.Audit("token.create", token.id, details);
  return token;
}

Result<void> AccountBook::RevokeToken(desk::DeskBatch& batch, std::string_view id) {
  if (!accounts_.tokens.contains(id)) return Fail(Code::kNotFound, "token.none", "there is no token {}", id);
  batch.Add(model::Kind::kToken, std::string(id), Op("revoke", {}, {}));
  batch.Audit("token.revoke", id, json::Value{});
  return {};
}

Result<User> AccountBook::RecordSignIn(desk::DeskBatch& batch, std::string_view id, std::string_view checked_hash,
                                       std::string_view session) {
  const User* user = accounts_.UserOf(id);
  // While the password was being checked the account may have been locked, removed or given another password.
  if (user == nullptr || user->locked || user->password_hash != checked_hash) {
    return Fail(Code::kUnauthenticated, "session.wrong_password", "the name or the password is wrong");
  }
  User before = *user;
  json::Value details;
  details.Set("session", session);
  batch.Audit("session.start", id, details);
  return before;
}

void AccountBook::RecordRefusal(desk::DeskBatch& batch, std::string_view id, std::string_view tried,
                                std::string_view why) {
  json::Value details;
  details.Set("why", why);
  if (id.empty()) details.Set("name_surrogate", tried);
  batch.Audit("session.refuse", id, details);
}

std::optional<Role> RoleFromName(std::string_view name) {
  for (const Role role : kRoles) {
    if (RoleName(role) == name) return role;
  }
  return std::nullopt;
}

Result<void> CheckPassword(std::string_view password, std::string_view name) {
  const auto weak = [](std::string_view rule) {
    return Fail(Code::kInvalidArgument, "user.weak_password", "the password {}", rule);
  };
  if (password.size() < kMinPassword) return weak("needs at least 10 characters");
  if (password.size() > kMaxPassword) return weak("may have at most 256 bytes");
  if (std::set<char>(password.begin(), password.end()).size() < kMinDifferent)
    return weak("needs at least 4 different characters");
  if (name.size() >= 4 && password.find(name) != std::string_view::npos)
    return weak("must not contain the user's name");
  return {};
}

}  // namespace bongsu::guard
