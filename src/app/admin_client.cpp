// SPDX-License-Identifier: Apache-2.0
#include "app/admin_client.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "app/socket_path.hpp"

namespace bongsu::app {
namespace {

struct Option {
  std::string_view flag;
  std::string_view member;  ///< Of the request.
  bool needed;
};

struct Verb {
  std::string_view noun;
  std::string_view verb;
  std::string_view positional;  ///< Member that a word without a flag becomes; empty for none.
  std::vector<Option> options;
  std::string_view usage;
  std::string_view what;
};

const std::vector<Verb>& Verbs() {
  static const Option kTenant{"--tenant", "tenant", false};
  static const Option kRole{"--role", "role", true};
  static const Option kReason{"--reason", "reason", true};
  static const std::vector<Verb> kVerbs{
      {"user",
       "add",
       "name",
       {kRole, kTenant, {"--display", "display", false}},
       "NAME --role ROLE [--tenant T] [--display TEXT]",
       "make an account; prints its one-time password, which must be changed at the first sign-in"},
      {"user", "list", "", {kTenant}, "[--tenant T]", "show the accounts of a tenant"},
      {"user", "disable", "name", {kTenant}, "NAME [--tenant T]", "lock an account and end its sessions"},
      {"user", "enable", "name", {kTenant}, "NAME [--tenant T]", "unlock an account"},
      {"user",
       "reset",
       "name",
       {kTenant},
       "NAME [--tenant T]",
       "give an account a new one-time password and end its sessions"},
      {"user",
       "remove",
       "name",
       {kTenant},
       "NAME [--tenant T]",
       "remove an account; its name stays in the audit trail"},
      {"token",
       "create",
       "",
       {kRole, kTenant, {"--note", "note", false}, {"--expires", "expires", false}},
       "--role ROLE [--tenant T] [--note TEXT] [--expires 90d|TIME]",
       "make an access token; prints it this once"},
      {"token", "list", "", {kTenant}, "[--tenant T]", "show the tokens of a tenant, without their secrets"},
      {"token", "revoke", "id", {}, "ID", "revoke a token; it stops working at once"},
      {"tenant",
       "create",
       "id",
       {{"--name", "name", false}, {"--time-zone", "time_zone", false}},
       "ID [--name TEXT] [--time-zone ZONE]",
       "make a tenant (a municipality or an operator)"},
      {"tenant", "list", "", {}, "", "show the tenants"},
      {"outbox",
       "status",
       "",
       {kTenant},
       "[--tenant T]",
       "say whether notices to agencies are held, and how many wait"},
      {"outbox",
       "release",
       "",
       {kTenant},
       "[--tenant T]",
       "let the notices go that are held since a restore; look at them first"},
      {"erase",
       "case",
       "name",
       {kReason, kTenant},
       "NAME --reason TEXT [--tenant T]",
       "destroy the keys of what is personal in a case; it cannot be undone"},
      {"erase",
       "person",
       "name",
       {kReason, kTenant},
       "NAME --reason TEXT [--tenant T]",
       "the same of a person, as mappings name them"},
      {"erase",
       "class",
       "name",
       {{"--day", "day", true}, kReason, kTenant},
       "CLASS --day 2026-11-22 --reason TEXT [--tenant T]",
       "the same of person, case, contact, plate or message of a day (UTC) that belonged to no case and no person"},
      {"hold",
       "place",
       "",
       {{"--case", "case", false},
        {"--person", "person", false},
        {"--class", "class", false},
        {"--day", "day", false},
        kReason,
        kTenant},
       "(--case NAME | --person NAME | --class CLASS --day 2026-11-22) --reason TEXT [--tenant T]",
       "keep what is personal there: it is not erased, and nothing it lies in leaves by retention"},
      {"hold",
       "list",
       "",
       {kTenant},
       "[--tenant T]",
       "show the legal holds in force: id, scope, why, by whom, since when"},
      {"hold",
       "release",
       "id",
       {kReason, kTenant},
       "ID --reason TEXT [--tenant T]",
       "end a legal hold; retention and erasures may take again what it kept"},
      {"rules",
       "reload",
       "",
       {},
       "",
       "read the rules of the packs again; what does not load is said, its running version stays"},
      {"routes", "list", "", {}, "", "show every operation of the HTTP interface with the permission it needs"},
  };
  return kVerbs;
}

tl::unexpected<Error> Usage(std::string_view noun, std::string_view what) {
  return Fail(Code::kInvalidArgument, "app.usage", "{} (see bongsu {} --help)", what, noun);
}

/// Takes one flag with its value, or a word; moves `i` on.
Result<void> TakeWord(const Verb& verb, std::span<const std::string> args, std::size_t& i, AdminWords& words) {
  const std::string& word = args[i];
  if (word == "--json") {
    words.json = true;
    return {};
  }
  if (!word.starts_with("-")) {
    if (verb.positional.empty() || words.request.Find(verb.positional) != nullptr)
      return Usage(verb.noun, fmt::format("'{}' is one word too many", word));
    words.request.Set(verb.positional, word);
    return {};
  }
  const auto option = std::ranges::find(verb.options, word, &Option::flag);
  if (word != "--data" && option == verb.options.end())
    return Usage(verb.noun, fmt::format("unknown option '{}'", word));
  if (i + 1 >= args.size()) return Usage(verb.noun, fmt::format("{} needs a value", word));
  const std::string& value = args[++i];
  if (word == "--data") {
    words.data = value;
  } else {
    words.request.Set(option->member, value);
  }
  return {};
}

Result<std::string> Exchange(int socket, const std::string& line, const std::string& path) {
  const auto failed = [&](std::string_view what) {
    return Fail(Code::kUnavailable, "admin.no_server", "{} '{}': {}", what, path,
                std::strerror(errno));  // NOLINT(concurrency-mt-unsafe)
  };
  std::size_t sent = 0;
  while (sent < line.size()) {
    const ssize_t wrote = ::send(socket, line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
    if (wrote <= 0) return failed("cannot write to");
    sent += static_cast<std::size_t>(wrote);
  }
  std::string answer;
  std::array<char, 4096> buffer{};
  while (!answer.ends_with('\n')) {
    const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (got < 0) return failed("no answer from");
    if (got == 0)
      return Fail(Code::kUnavailable, "admin.refused",
                  "the server at '{}' closed without an answer; run this as the user the server runs as", path);
    answer.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return answer;
}

std::string Cell(const json::Value& value) {
  if (value.IsObject() && value["ko"].IsString()) return std::string(value["ko"].AsString());
  return value.IsNull() ? "-" : json::ToPlainText(value);
}

void PrintNames(std::string_view what, const json::Value& names) {
  std::string line;
  for (const json::Value& name : names.AsArray()) line += fmt::format("{}{}", line.empty() ? "" : ", ", Cell(name));
  if (!line.empty()) fmt::print("{}: {}\n", what, line);
}

void PrintComplaints(const json::Value& complaints) {
  for (const json::Value& one : complaints.AsArray()) {
    fmt::print("{}:{}:{}: {} [{}]\n", Cell(one["file"]), Cell(one["line"]), Cell(one["column"]), Cell(one["message"]),
               Cell(one["code"]));
  }
}

/// An answer as a person reads it: a line an item, a line a member.
void PrintPlain(const json::Value& value) {
  if (value.IsNull()) return (void)fmt::print("done\n");
  if (const json::Value* items = value.Find("items")) {
    for (const json::Value& item : items->AsArray()) {
      std::string line;
      for (const auto& [name, member] : item.AsObject()) {
        if (!member.IsObject() || name == "display" || name == "name")
          line += fmt::format("{}{}={}", line.empty() ? "" : "  ", name, Cell(member));
      }
      fmt::print("{}\n", line);
    }
    if (items->AsArray().empty()) fmt::print("none\n");
    return;
  }
  for (const auto& [name, member] : value.AsObject()) {
    if (name == "complaints") {
      PrintComplaints(member);
    } else if (member.IsArray()) {
      PrintNames(name, member);
    } else if (name == "user") {
      fmt::print("user {} ({})\n", Cell(member["name"]), Cell(member["role"]));
    } else {
      fmt::print("{}: {}\n", name, Cell(member));
    }
  }
}

}  // namespace

std::string AdminHelp(std::string_view noun) {
  std::string text =
      fmt::format("usage: bongsu {} VERB [options]\n\nAsks the server that is running on a data directory.\n\n", noun);
  for (const Verb& verb : Verbs()) {
    if (verb.noun == noun) text += fmt::format("  bongsu {} {} {}\n      {}\n", noun, verb.verb, verb.usage, verb.what);
  }
  text +=
      "\n  --data DIR   data directory of the server (default $BONGSU_DATA, else build/run/demo)\n"
      "  --json       one line of JSON\n\n"
      "Roles: operator, supervisor, administrator, application, privacy. A tenant is 'default' unless it is named.\n"
      "Exit codes: 0 ok, 1 refused, no server, or a rule that does not load, 2 usage.\n";
  return text;
}

Result<AdminWords> ParseAdmin(std::string_view noun, std::span<const std::string> args) {
  AdminWords words;
  words.help = std::ranges::any_of(args, [](const std::string& word) { return word == "--help" || word == "-h"; });
  if (words.help) return words;
  if (args.empty()) return Usage(noun, fmt::format("bongsu {} needs a verb", noun));
  const auto verb =
      std::ranges::find_if(Verbs(), [&](const Verb& one) { return one.noun == noun && one.verb == args.front(); });
  if (verb == Verbs().end()) return Usage(noun, fmt::format("'{}' is no verb of bongsu {}", args.front(), noun));
  const char* data = std::getenv("BONGSU_DATA");  // NOLINT(concurrency-mt-unsafe): before any thread
  words.data = data != nullptr ? data : "build/run/demo";
  words.request.Set("verb", fmt::format("{}.{}", noun, verb->verb));
  for (std::size_t i = 1; i < args.size(); ++i) BONGSU_CHECK(TakeWord(*verb, args, i, words));
  if (!verb->positional.empty() && words.request.Find(verb->positional) == nullptr)
    return Usage(noun, fmt::format("usage: bongsu {} {} {}", noun, verb->verb, verb->usage));
  for (const Option& option : verb->options) {
    if (option.needed && words.request.Find(option.member) == nullptr)
      return Usage(noun, fmt::format("{} is needed", option.flag));
  }
  return words;
}

Result<json::Value> AskServer(const std::string& data, const json::Value& request) {
  const std::string path = data + "/run/admin.sock";
  const SocketPath name{path};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.name().size() >= sizeof address.sun_path)
    return Fail(Code::kInvalidArgument, "admin.no_server", "there is no folder of '{}'", path);
  std::memcpy(address.sun_path, name.name().data(), name.name().size());
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{.tv_sec = 60, .tv_usec = 0};
  if (socket >= 0) ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  Result<std::string> answer;
  if (socket >= 0 && ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {  // NOLINT
    answer = Exchange(socket, json::ToString(request) + "\n", path);
  } else {
    answer = Fail(
        Code::kUnavailable, "admin.no_server",
        "no server is running on '{}' ({}); start one: bongsu serve --data {}, or name its data directory with --data",
        data, std::strerror(errno), data);  // NOLINT(concurrency-mt-unsafe)
  }
  if (socket >= 0) ::close(socket);
  if (!answer) return tl::unexpected<Error>(answer.error());
  BONGSU_TRY(const json::Value line, json::Parse(*answer));
  if (!line["ok"].AsBool()) {
    return tl::unexpected<Error>(
        Error{Code::kConflict, std::string(line["reason"].AsString()), std::string(line["message"].AsString())});
  }
  return line["value"];
}

int RunAdmin(std::string_view noun, std::span<const std::string> args) {
  const auto words = ParseAdmin(noun, args);
  if (!words) {
    fmt::print(stderr, "bongsu: {}\n", words.error().message);
    return 2;
  }
  if (words->help) {
    fmt::print("{}", AdminHelp(noun));
    return 0;
  }
  const auto answer = AskServer(words->data, words->request);
  if (!answer) {
    fmt::print(stderr, "bongsu: {}\n", answer.error().message);
    return 1;
  }
  if (words->json) {
    fmt::print("{}\n", json::ToString(*answer));
  } else {
    PrintPlain(*answer);
  }
  return (*answer)["complaints"].AsArray().empty() ? 0 : 1;
}

}  // namespace bongsu::app
