// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include <array>
#include <cstdio>

#include "base/time.hpp"

namespace bongsu {

void Log::Failure(std::string_view event, const bongsu::Error& error) const {
  const bool ours = error.code == Code::kInternal || error.code == Code::kCorrupt || error.code == Code::kDiskFull;
  Write(ours ? Level::kError : Level::kWarn, event, {{"reason", error.reason}, {"message", error.message}});
}

void Log::Write(Level level, std::string_view event, Fields fields) const {
  if (level < least_) return;
  constexpr std::array<std::string_view, 4> kNames{"debug", "info", "warn", "error"};
  json::Writer line;
  line.Object();
  line.Key("at").String(FormatUtc(WallClock{}.Now()));
  line.Key("level").String(kNames[static_cast<std::size_t>(level)]);
  line.Key("event").String(event);
  for (const auto& [name, value] : fields) line.Key(name).Put(value);
  line.End();
  const std::string text = line.Take() + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);  // one write a line: lines of threads do not mix
}

}  // namespace bongsu
