// SPDX-License-Identifier: Apache-2.0
#include "app/options.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace bongsu::app {
namespace {

tl::unexpected<Error> Usage(std::string_view what) {
  return Fail(Code::kInvalidArgument, "app.usage", "{} (see bongsu serve --help)", what);
}

Result<void> ReadListen(std::string_view text, ServeOptions& options) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return Usage(fmt::format("--listen '{}' is not ADDRESS:PORT", text));
  options.host = text.substr(0, colon);
  if (options.host.starts_with('[') && options.host.ends_with(']'))
    options.host = options.host.substr(1, options.host.size() - 2);
  if (options.host == "localhost") options.host = "127.0.0.1";
  const std::string_view port = text.substr(colon + 1);
  const auto [rest, error] = std::from_chars(port.data(), port.data() + port.size(), options.port);
  if (error != std::errc{} || rest != port.data() + port.size())
    return Usage(fmt::format("--listen '{}': '{}' is no port", text, port));
  return {};
}

Result<void> ReadClock(std::string_view text, ServeOptions& options) {
  VirtualClock clock;
  bool epoch = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (part.starts_with("scale=")) {
      const std::string_view number = part.substr(6);
      const auto [rest, error] = std::from_chars(number.data(), number.data() + number.size(), clock.scale);
      if (error != std::errc{} || rest != number.data() + number.size() || clock.scale <= 0 || clock.scale > 100'000) {
        return Usage(fmt::format("--clock: scale '{}' is not a number above 0 and at most 100000", number));
      }
    } else if (part.starts_with("epoch=")) {
      BONGSU_TRY(clock.epoch, ParseTime(part.substr(6)));
      epoch = true;
    } else {
      return Usage(fmt::format("--clock: '{}' is neither scale=N nor epoch=TIME", part));
    }
  }
  if (!epoch) return Usage("--clock needs epoch=TIME");
  options.clock = clock;
  return {};
}

Result<void> ReadConfig(ServeOptions& options) {
  if (options.config_file.empty()) return {};
  std::ifstream file(options.config_file, std::ios::binary);
  if (!file) return Fail(Code::kNotFound, "app.no_config", "configuration '{}' cannot be read", options.config_file);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  BONGSU_TRY(const yaml::Node node, yaml::Parse(text, options.config_file));
  return config::Load(node, options.config_file, options.config);
}

bool IsBelow(const std::string& path, const std::string& folder) {
  const auto whole = [](const std::string& text) {
    return std::filesystem::weakly_canonical(std::filesystem::absolute(text)).lexically_normal();
  };
  const std::filesystem::path inner = whole(path);
  const std::filesystem::path outer = whole(folder);
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

Result<void> Validate(ServeOptions& options) {
  if (options.data.empty()) return Usage("--data DIR is needed");
  if (options.keys.empty()) options.keys = options.data + ".keys";
  const bool loopback = options.host.starts_with("127.") || options.host == "::1";
  if (options.open && !loopback)
    return Usage(fmt::format("--open has no sign-in and works on loopback only, not on {}", options.host));
  if (options.config.shards < 1 || options.config.shards > 64)
    return Usage(fmt::format("shards is {}, it must be 1 to 64", options.config.shards));
  if (options.config.partitions < 1 || options.config.partitions > 1024) {
    return Usage(fmt::format("partitions is {}, it must be 1 to 1024", options.config.partitions));
  }
  if (!options.config.seal_folder.empty() && IsBelow(options.config.seal_folder, options.data))
    return Usage(fmt::format("seal_folder '{}' lies in the data directory: whoever cuts the journal cuts its seals",
                             options.config.seal_folder));
  const auto& keep = options.config;
  if (std::min({keep.retention_data_days, keep.retention_data_gb, keep.retention_desk_days, keep.retention_desk_gb}) <
          0 ||
      keep.query_index_mb < 0 || keep.context_memory_mb < 0 || keep.query_entities < 1 || keep.query_memory_mb < 1 ||
      keep.retention_every_s < 1 || keep.checkpoint_records < 1 || keep.waiting_events < 2 ||
      keep.waiting_observations < 2 || keep.slow_disk_ms < 0)
    return Usage(
        "retention limits, query_index_mb, context_memory_mb and slow_disk_ms are 0 or more; query_entities, "
        "query_memory_mb, "
        "retention_every_s and "
        "checkpoint_records at least 1; waiting_* at least 2");
  return {};
}

}  // namespace

Result<ServeOptions> ParseServe(std::span<const std::string> args) {
  ServeOptions options;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const std::string& name = args[i];
    if (name == "--open") {
      options.open = true;
      continue;
    }
    if (name != "--data" && name != "--keys" && name != "--listen" && name != "--config" && name != "--clock") {
      return Usage(fmt::format("unknown option '{}'", name));
    }
    if (i + 1 >= args.size()) return Usage(fmt::format("{} needs a value", name));
    const std::string& value = args[++i];
    if (name == "--data") options.data = value;
    if (name == "--keys") options.keys = value;
    if (name == "--config") options.config_file = value;
    if (name == "--listen") BONGSU_CHECK(ReadListen(value, options));
    if (name == "--clock") BONGSU_CHECK(ReadClock(value, options));
  }
  BONGSU_CHECK(ReadConfig(options));
  BONGSU_CHECK(Validate(options));
  return options;
}

std::string ServeHelp() {
  ServerConfig defaults;
  config::Documenter documenter;
  Describe(documenter, defaults);
  return "usage: bongsu serve --data DIR [options]\n\n"
         "Runs the operation centre. Prints one line {\"event\":\"ready\",...} on standard output when it is ready, "
         "and writes the\n"
         "same to DIR/run/ready.json. Ends on SIGTERM or SIGINT; SIGHUP, not from a terminal, reloads the rules.\n\n"
         "  --data DIR                  where the journal lies; made when it is not there\n"
         "  --keys DIR                  keys folder, outside the data (default DATA.keys)\n"
         "  --listen ADDRESS:PORT       default 127.0.0.1:0 (any free port)\n"
         "  --config FILE               YAML configuration, keys below\n"
         "  --open                      no sign-in; loopback only, for development\n"
         "  --clock scale=N,epoch=TIME  virtual clock: N virtual seconds a second, beginning at TIME\n\n"
         "Exit codes: 0 ok, 1 finding, 2 usage, 3 locked by another process, 4 corrupt.\n\nConfiguration file:\n" +
         documenter.text();
}

}  // namespace bongsu::app
