// SPDX-License-Identifier: Apache-2.0
#include "replay/dataset.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <map>

#include "base/id.hpp"
#include "base/json.hpp"
#include "replay/lines.hpp"
#include "sense/ingest/mapping.hpp"

namespace bongsu::replay {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Everything found below the folder, by file name.
using Files = std::vector<fs::path>;
const fs::path* FindFile(const Files& files, std::string_view pattern) {
  const auto found = std::ranges::find_if(
      files, [&](const fs::path& path) { return ingest::GlobMatches(pattern, path.filename().string()); });
  return found == files.end() ? nullptr : &*found;
}

Result<std::size_t> Column(const Table& table, const std::string& file, std::string_view name) {
  const std::size_t column = table.Column(name);
  if (column == table.header.size())
    return Fail(Code::kInvalidArgument, "replay.bad_header", "{} has no column '{}'", file, name);
  return column;
}

/// Fills rows from the times of a table; sorts them by time.
Result<void> TakeTimes(Dataset& set, const Table& table, std::size_t column, std::string_view format) {
  TimePoint last = set.from;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const auto local = ParseLocal(table.Cell(i, column), format, std::chrono::minutes{0});
    if (local) last = set.zone->ToUtc(*local);
    set.rows.push_back({last, local.has_value(), i, {}});
  }
  return {};
}

void SortByTime(Dataset& set) {
  std::ranges::sort(set.rows, {}, [](const Row& row) { return std::pair{row.at, row.number}; });
}

/// Places of stations or detectors: id -> {lat, lon, name}.
struct Spot {
  std::string lat, lon, name;
};
Result<std::map<std::string, Spot>> ReadSpots(const Files& files, std::string_view pattern,
                                              std::string_view id_column) {
  std::map<std::string, Spot> spots;
  const fs::path* const path = FindFile(files, pattern);
  if (path == nullptr) return spots;
  BONGSU_TRY(const Table table, ReadTable(path->string()));
  const std::size_t id = table.Column(id_column);
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    spots[table.Cell(i, id)] = {table.Cell(i, table.Column("latitude")), table.Cell(i, table.Column("longitude")),
                                table.Cell(i, table.Column("name"))};
  }
  return spots;
}

Result<Dataset> SeoulAir(const Files& files, const std::string& file, Dataset set) {
  auto table = std::make_shared<Table>();
  BONGSU_TRY(*table, ReadTable(file));
  BONGSU_TRY(const std::size_t time, Column(*table, file, "datetime"));
  BONGSU_TRY(const std::size_t station, Column(*table, file, "station"));
  BONGSU_TRY(auto spots, ReadSpots(files, "seoul_air_stations*.csv*", "station"));
  BONGSU_CHECK(TakeTimes(set, *table, time, "%Y-%m-%d %H:%M"));
  for (Row& row : set.rows)
    row.identity = fmt::format("{}@{}", table->Cell(row.number, station), table->Cell(row.number, time));
  SortByTime(set);
  set.render = [table, time, station, spots = std::move(spots), zone = set.zone](const Row& row, TimePoint at) {
    json::Writer w;
    w.Object();
    for (std::size_t c = 0; c < table->header.size(); ++c) {
      const std::string& cell = table->Cell(row.number, c);
      if (c == time) {
        w.Key("datetime").String(row.readable ? FormatLocal(at, *zone, "%Y-%m-%d %H:%M") : cell);
      } else if (!cell.empty()) {
        w.Key(table->header[c]).String(cell);
      }
    }
    if (const auto spot = spots.find(table->Cell(row.number, station)); spot != spots.end()) {
      w.Key("latitude")
          .String(spot->second.lat)
          .Key("longitude")
          .String(spot->second.lon)
          .Key("name")
          .String(spot->second.name);
    }
    w.End();
    return w.Take();
  };
  return set;
}

Result<Dataset> MetrLa(const Files& files, const std::string& file, Dataset set) {
  auto table = std::make_shared<Table>();
  BONGSU_TRY(*table, ReadTable(file));
  BONGSU_TRY(const std::size_t time, Column(*table, file, "timestamp"));
  BONGSU_TRY(auto spots, ReadSpots(files, "metr_la_sensors*.csv*", "sensor_id"));
  BONGSU_CHECK(TakeTimes(set, *table, time, "%Y-%m-%d %H:%M"));
  for (Row& row : set.rows) row.identity = table->Cell(row.number, time);
  SortByTime(set);
  set.render = [table, time, spots = std::move(spots)](const Row& row, TimePoint at) {
    json::Writer w;
    w.Object().Key("time").String(row.readable ? FormatUtc(at) : table->Cell(row.number, time)).Key("readings").Array();
    for (std::size_t c = 0; c < table->header.size(); ++c) {
      const std::string& cell = table->Cell(row.number, c);
      if (c == time || cell.empty()) continue;
      w.Object().Key("sensor").String(table->header[c]).Key("mph").String(cell);
      if (const auto spot = spots.find(table->header[c]); spot != spots.end())
        w.Key("lat").String(spot->second.lat).Key("lon").String(spot->second.lon);
      w.End();
    }
    w.End().End();
    return w.Take();
  };
  return set;
}

/// A fire dispatch as a safety-net event. ocrNbr: minute of the call and five digits out of the row's content.
Result<Dataset> Dispatches(const Files& /*files*/, const std::string& file, Dataset set) {
  auto table = std::make_shared<Table>();
  BONGSU_TRY(*table, ReadTable(file));
  BONGSU_TRY(const std::size_t time, Column(*table, file, "911 Date"));
  BONGSU_TRY(const std::size_t code, Column(*table, file, "Inc Type Code"));
  BONGSU_CHECK(TakeTimes(set, *table, time, "%m/%d/%Y %H:%M"));
  const auto number_of = [table](std::size_t row) { return fmt::format("{:05}", Hash64(table->lines[row]) % 100'000); };
  for (Row& row : set.rows) row.identity = fmt::format("{}{}", ToMicros(row.at), number_of(row.number));
  SortByTime(set);
  set.render = [table, number_of, code, zone = set.zone](const Row& row, TimePoint at) {
    const auto cell = [&](std::string_view name) { return table->Cell(row.number, table->Column(name)); };
    // A time that cannot be read goes as it stands: the mapping says what is wrong with it.
    const std::string digits = row.readable ? FormatLocal(at, *zone, "%Y%m%d%H%M%S") : cell("911 Date");
    const bool emergent = cell("Response Type").starts_with("Emergent");
    json::Writer w;
    w.Object();
    for (const auto& [name, text] :
         std::initializer_list<std::pair<std::string_view, std::string_view>>{{"svcTy", "EVENT"},
                                                                              {"hdCnt", "14"},
                                                                              {"dtCnt", "16"},
                                                                              {"cmnMtd", "1"},
                                                                              {"tranTy", "HTTP"},
                                                                              {"sendCd", "F0800000000"},
                                                                              {"rcvCd", "B0800000000"},
                                                                              {"encAt", "N"},
                                                                              {"rrKey", ""},
                                                                              {"reqDate", digits},
                                                                              {"bodyLen", ""},
                                                                              {"sysCd", "SMF"}}) {
      w.Key(name).String(text);
    }
    w.Key("apSeq").Object().Key("apCurrent").String("1").Key("apTotal").String("1").End();
    w.Key("tranSysHis").Array().String("SMF").End();
    w.Key("callBack").Object().Key("useYn").String("N").Key("targetUrl").String("").End();
    w.Key("body")
        .Object()
        .Key("startTag")
        .String("$DA")
        .Key("evtId")
        .String("119UC001")
        .Key("evtNm")
        .String(cell("Inc Type Desc"));
    w.Key("evtGrad")
        .String(emergent ? "10" : "20")
        .Key("ocrNbr")
        .String(digits.substr(0, 12) + number_of(row.number))
        .Key("ocrSts")
        .String("10");
    w.Key("ocrLc")
        .Object()
        .Key("crdntX")
        .String(cell("X"))
        .Key("crdntY")
        .String(cell("Y"))
        .Key("crdntZ")
        .String("0")
        .End();
    w.Key("ocrPlc")
        .String(cell("City"))
        .Key("ocrEvtCn")
        .String(cell("Inc Type Desc 2"))
        .Key("ocrEvtTime")
        .String(digits)
        .Key("ocrEvtStsTime")
        .String(digits);
    w.Key("ocrEvtEndTime")
        .String("")
        .Key("ocrEvtSts")
        .Object()
        .Key("ocrEvtStsCd")
        .String("10")
        .Key("ocrEvtStsDtl")
        .String("")
        .End();
    w.Key("ocrEvtStsUsr")
        .Object()
        .Key("ocrEvtUsrId")
        .String("")
        .Key("ocrEvtUsrNm")
        .String("")
        .End()
        .Key("ocrEvtItemCnt")
        .String("2");
    w.Key("ocrEvtItem").Array();
    w.Object().Key("key").String("STATION").Key("val").String(cell("Station First Due")).End();
    w.Object().Key("key").String("PROPERTY_USE").Key("val").String(cell("Property Use")).End().End();
    w.Key("ocrEvtDtl")
        .Object()
        .Key("ocrEvtDtlCd")
        .String(table->Cell(row.number, code))
        .Key("ocrEvtDtlCdDtl")
        .String(cell("Incident Category"))
        .End();
    w.Key("endTag").String("$DB").Key("finishTag").String("$DF").End().End();
    return w.Take();
  };
  return set;
}

Result<Dataset> DisasterMessages(const Files& /*files*/, const std::string& file, Dataset set) {
  auto table = std::make_shared<Table>();
  BONGSU_TRY(*table, ReadTable(file));
  BONGSU_TRY(const std::size_t time, Column(*table, file, "create_date"));
  BONGSU_TRY(const std::size_t text, Column(*table, file, "msg"));
  BONGSU_CHECK(TakeTimes(set, *table, time, "%Y/%m/%d %H:%M:%S"));
  // The file has no serial number; one is made out of the content, so that a repeated message is the same message.
  const auto serial = [table](std::size_t row) {
    return static_cast<std::int64_t>(Hash64(table->lines[row]) % 1'000'000'000'000);
  };
  for (Row& row : set.rows) row.identity = std::to_string(serial(row.number));
  SortByTime(set);
  set.render = [table, text, time, serial, zone = set.zone](const Row& row, TimePoint at) {
    json::Writer w;
    w.Object()
        .Key("header")
        .Object()
        .Key("resultCode")
        .String("00")
        .Key("resultMsg")
        .String("NORMAL SERVICE")
        .Key("errorMsg")
        .Null()
        .End();
    w.Key("numOfRows").Int(10).Key("pageNo").Int(1).Key("totalCount").Int(1).Key("body").Array().Object();
    w.Key("SN")
        .Int(serial(row.number))
        .Key("CRT_DT")
        .String(row.readable ? FormatLocal(at, *zone, "%Y/%m/%d %H:%M:%S") : table->Cell(row.number, time))
        .Key("MSG_CN")
        .String(table->Cell(row.number, text));
    w.Key("RCPTN_RGN_NM").String(table->Cell(row.number, table->Column("location_name"))).End().End().End();
    return w.Take();
  };
  return set;
}

/// A log as syslog had it (RFC 3164 without priority): the stamp is moved, the rest stays.
Result<Dataset> Log(const Files& /*files*/, const std::string& file, Dataset set) {
  constexpr std::size_t kStampBytes = 15;
  auto lines = std::make_shared<std::vector<std::string>>();
  BONGSU_CHECK(ReadLines(file, [&](std::string line) {
    if (!line.empty()) lines->push_back(std::move(line));
  }));
  const std::string year = fmt::format(
      "{:04}", static_cast<int>(std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(set.from)}.year()));
  TimePoint last = set.from;
  for (std::size_t i = 0; i < lines->size(); ++i) {
    const auto local = ParseLocal(fmt::format("{} {}", year, (*lines)[i].substr(0, kStampBytes)), "%Y %b %d %H:%M:%S",
                                  std::chrono::minutes{0});
    if (local) last = set.zone->ToUtc(*local);
    set.rows.push_back({last, local.has_value(), i, (*lines)[i]});
  }
  SortByTime(set);
  set.render = [lines, zone = set.zone](const Row& row, TimePoint at) {
    const std::string& line = (*lines)[row.number];
    if (!row.readable) return fmt::format("<38>{}", line);
    return fmt::format("<38>{}{}", FormatLocal(at, *zone, "%b %e %H:%M:%S"), line.substr(kStampBytes));
  };
  return set;
}

Result<Dataset> Alerts(const Files& /*files*/, const std::string& file, Dataset set) {
  auto documents = std::make_shared<std::vector<std::pair<json::Value, std::string>>>();
  BONGSU_CHECK(ReadLines(file, [&](std::string line) {
    if (line.empty()) return;
    documents->emplace_back(json::Parse(line).value_or(json::Value{}), line);
  }));
  TimePoint last = set.from;
  for (std::size_t i = 0; i < documents->size(); ++i) {
    const auto time = ParseTime((*documents)[i].first["timestamp"].AsString());
    if (time) last = *time;
    set.rows.push_back({last, time.has_value(), i, (*documents)[i].second});
  }
  SortByTime(set);
  set.render = [documents](const Row& row, TimePoint at) {
    const auto& [document, line] = (*documents)[row.number];
    if (!row.readable || !document.IsObject()) return line;
    json::Value moved = document;
    moved.Set("timestamp", FormatUtc(at));
    return json::ToString(moved);
  };
  return set;
}

using Reader = Result<Dataset> (*)(const Files&, const std::string&, Dataset);

/// What can be played. The windows hold something to see: bad air, a morning rush, a busy day, a cold-caller's night.
struct Kind {
  std::string_view name, pattern, tenant, source;
  Transport transport;
  bool one_by_one;
  std::string_view zone, from;  ///< from: local time of the file
  Duration window;
  Reader read;
};
constexpr auto kDay = std::chrono::hours{24};
const std::array<Kind, 7> kKinds{{
    {"seoul-air", "seoul_air_hourly_*.csv*", "seoul", "seoul-air", Transport::kHttp, false, "Asia/Seoul",
     "2017-01-18 00:00", kDay, SeoulAir},
    {"disaster-messages", "kr_disaster_messages_*.csv*", "seoul", "disaster-message", Transport::kHttp, true,
     "Asia/Seoul", "2020-02-23 00:00", kDay, DisasterMessages},
    {"metr-la", "metr_la_speed_*.csv*", "los-angeles", "metr-la", Transport::kHttp, true, "America/Los_Angeles",
     "2012-03-02 00:00", kDay, MetrLa},
    {"dispatches", "smfr_dispatch_*.csv*", "south-metro", "smfr", Transport::kSafetyNet, true, "America/Denver",
     "2019-05-16 00:00", kDay, Dispatches},
    {"openssh", "loghub_OpenSSH_*.log*", "cyber-range", "openssh", Transport::kSyslog, false, "UTC", "2015-12-10 00:00",
     kDay, Log},
    {"linux", "loghub_Linux_*.log*", "cyber-range", "linux", Transport::kSyslog, false, "UTC", "2005-07-17 00:00", kDay,
     Log},
    {"suricata", "suricata_*_alerts.ndjson*", "cyber-range", "suricata", Transport::kHttp, false, "UTC",
     "2018-03-23 12:00", kDay, Alerts},
}};

}  // namespace

std::string FormatLocal(TimePoint at, const ingest::Zone& zone, std::string_view format) {
  const TimePoint local = at + zone.OffsetAt(at);
  const auto days = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date{days};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(local - days)};
  const unsigned month = static_cast<unsigned>(date.month());
  const unsigned day = static_cast<unsigned>(date.day());
  std::string out;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      out += format[i];
      continue;
    }
    switch (format[++i]) {
      case 'Y':
        out += fmt::format("{:04}", static_cast<int>(date.year()));
        break;
      case 'm':
        out += fmt::format("{:02}", month);
        break;
      case 'd':
        out += fmt::format("{:02}", day);
        break;
      case 'e':
        out += fmt::format("{:>2}", day);
        break;
      case 'b':
        out += kMonths[month - 1];
        break;
      case 'H':
        out += fmt::format("{:02}", clock.hours().count());
        break;
      case 'M':
        out += fmt::format("{:02}", clock.minutes().count());
        break;
      case 'S':
        out += fmt::format("{:02}", clock.seconds().count());
        break;
      default:
        out += format[i];
    }
  }
  return out;
}

std::vector<std::string> DatasetNames() {
  std::vector<std::string> names;
  for (const Kind& kind : kKinds) names.emplace_back(kind.name);
  return names;
}

Result<std::vector<Dataset>> FindDatasets(const std::string& folder, const std::vector<std::string>& only) {
  Files files;
  std::error_code error;
  for (fs::recursive_directory_iterator at{folder, error}, end; !error && at != end; at.increment(error)) {
    if (at->is_regular_file()) files.push_back(at->path());
  }
  if (error)
    return Fail(Code::kInvalidArgument, "replay.bad_file", "cannot read folder {}: {}", folder, error.message());
  std::ranges::sort(files);
  std::vector<Dataset> sets;
  for (const Kind& kind : kKinds) {
    if (!only.empty() && std::ranges::find(only, kind.name) == only.end()) continue;
    std::size_t count = 0;
    for (const fs::path& path : files) {
      if (!ingest::GlobMatches(kind.pattern, path.filename().string())) continue;
      Dataset set;
      set.name = ++count == 1 ? std::string(kind.name) : fmt::format("{}-{}", kind.name, count);
      set.file = path.filename().string();
      set.tenant = kind.tenant;
      set.source = kind.source;
      set.transport = kind.transport;
      set.one_by_one = kind.one_by_one;
      BONGSU_TRY(ingest::Zone zone, ingest::Zone::Load(kind.zone));
      set.zone = std::make_shared<const ingest::Zone>(std::move(zone));
      BONGSU_TRY(const TimePoint local, ParseLocal(kind.from, "%Y-%m-%d %H:%M", std::chrono::minutes{0}));
      set.from = set.zone->ToUtc(local);
      set.window = kind.window;
      BONGSU_TRY(set, kind.read(files, path.string(), std::move(set)));
      sets.push_back(std::move(set));
    }
  }
  return sets;
}

}  // namespace bongsu::replay
