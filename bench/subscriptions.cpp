// SPDX-License-Identifier: Apache-2.0
// What subscriptions cost and how fast they tell. 20,000 entity updates a second, open loop, appended in batches of 100
// beside 100 and then 100,000 subscriptions of which ten concern one update in a hundred; the receiver is an HTTP
// server in the same process, on shards of its own. Two lines: CPU an update, and the time from the write to the
// receiver. The reference of the first is the same with 100 subscriptions, of the second the write's own commit.
#include <charconv>
#include <mutex>
#include <thread>

#include "app/notifier.hpp"
#include "ngsi_house.hpp"

namespace bongsu::bench {
namespace {

constexpr std::size_t kEntities = 10'000;
constexpr std::size_t kBatch = 100;
constexpr double kPerSecond = 20'000;
constexpr std::size_t kConcerned = 10;  ///< Subscriptions that are told …
constexpr std::size_t kWatched = 100;   ///< … each of the same one in so many entities.
constexpr std::string_view kIri = "https://uri.etsi.org/ngsi-ld/default-context/";

std::int64_t Micros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// Times from a write, which is the value that is written, to its arrival.
class Receiver {
 public:
  Receiver() {
    shards_.Start();
    server_ = runtime::HttpServer::Open(
                  shards_, {},
                  [this](const http::Request& request, const http::Respond& respond) {
                    Take(request.body);
                    respond({204, {}, {}, {}});
                  },
                  [](const http::Request&, const std::function<void(runtime::UpgradeAnswer)>& answer) { answer({}); },
                  metrics_, Log{Log::Level::kWarn})
                  .value();
  }
  ~Receiver() {
    server_->Close();
    shards_.Stop();
  }
  std::string url() const { return fmt::format("http://127.0.0.1:{}/notify", server_->port()); }
  std::vector<std::int64_t> Took() {
    const std::scoped_lock lock{mutex_};
    return std::exchange(took_, {});
  }

 private:
  void Take(std::string_view body) {
    const auto at = body.find("\"value\":");
    std::int64_t sent = 0;
    if (at != std::string_view::npos) std::from_chars(body.data() + at + 8, body.data() + body.size(), sent);
    const std::scoped_lock lock{mutex_};
    took_.push_back(Micros() - sent);
  }
  runtime::Shards shards_{1};
  Metrics metrics_;
  std::unique_ptr<runtime::HttpServer> server_;
  std::mutex mutex_;
  std::vector<std::int64_t> took_;
};

class Room {
 public:
  explicit Room(const std::filesystem::path& folder)
      : state_{store::RocksState::Open({(folder / "state").string()}).value()} {
    journal::EmbeddedOptions options;
    options.folder = folder / "journal";
    options.disk.ballast_bytes = 0;
    journal_ = journal::EmbeddedJournal::Open(options).value();
    committer_ = std::make_unique<runtime::Committer>(*journal_, shards_, clock_, metrics_, log_);
    live_ = std::make_unique<store::LiveContext>(shards_, pool_, *journal_, *state_, metrics_, log_);
    if (!live_->Recover()) std::abort();
    notifier_ = std::make_unique<app::Notifier>(app::Notifier::House{
        shards_, pool_, *committer_, *journal_, *state_, *live_, clock_, metrics_, log_, {}, {}, {}});
    committer_->SetSink([this](std::size_t shard, std::span<const model::Record* const> records) {
      live_->OnCommitted(shard, records);
      notifier_->OnCommitted(shard, records);
    });
    if (!committer_->Start()) std::abort();
    shards_.Start();
    live_->Start();
    notifier_->Start();
  }
  ~Room() {
    committer_->Stop();
    shards_.Stop();
    pool_.Stop();
  }

  void Subscribe(std::size_t number, const std::string& url) {
    notifications::Subscription stored;
    stored.id = fmt::format("urn:ngsi-ld:Subscription:{}", number);
    stored.context = json::Value{ngsi::kCoreContextUrl};
    std::string entity = R"({"type":"Station"})";
    std::string watched;
    if (number < kConcerned) {
      watched = R"("watchedAttributes":["watched"],)";
    } else if (number % 3 == 0) {
      entity = fmt::format(R"({{"type":"Station","id":"urn:ngsi-ld:Nowhere:{}"}})", number);
    } else if (number % 3 == 1) {
      entity = fmt::format(R"({{"type":"Other{}"}})", number);
    } else {
      watched = fmt::format(R"("watchedAttributes":["other{}"],)", number);
    }
    const std::string body =
        fmt::format(R"({{"type":"Subscription","entities":[{}],{}"notification":{{"endpoint":{{"uri":"{}"}}}}}})",
                    entity, watched, url);
    stored.body = json::Parse(body).value();
    auto compiled = ngsi::Compile(stored, contexts_, 0);
    if (!compiled) std::abort();
    notifier_->Put(*compiled, {});
  }
  void Settle() {
    std::promise<void> settled;
    notifier_->WhenSettled([&settled] { settled.set_value(); });
    settled.get_future().wait();
  }

  struct Figures {
    double cpu_us = 0;  ///< An update.
    double per_second = 0;
    std::vector<std::int64_t> committed_us;
  };
  Figures Update(std::size_t batches) {
    Figures figures;
    std::mutex mutex;
    std::atomic<std::size_t> left{batches};
    std::promise<void> all;
    const double cpu = CpuSeconds();
    const double begin = Now();
    for (std::size_t n = 0; n < batches; ++n) {
      const double due = begin + static_cast<double>(n * kBatch) / kPerSecond;
      const double wait = due - Now();
      if (wait > 0) std::this_thread::sleep_for(std::chrono::duration<double>(wait));
      const std::int64_t sent = Micros();
      committer_->Append(BatchOf(sent), [&, sent](const Result<journal::Committed>& done) {
        if (!done) std::abort();
        const std::scoped_lock lock{mutex};
        figures.committed_us.push_back(Micros() - sent);
        if (left.fetch_sub(1) == 1) all.set_value();
      });
    }
    all.get_future().wait();
    const double seconds = Now() - begin;
    figures.per_second = static_cast<double>(batches * kBatch) / seconds;
    figures.cpu_us = (CpuSeconds() - cpu) * 1e6 / static_cast<double>(batches * kBatch);
    return figures;
  }

 private:
  journal::Batch BatchOf(std::int64_t value) {
    journal::Batch batch;
    for (std::size_t i = 0; i < kBatch; ++i) {
      const std::size_t number = next_++ % kEntities;
      const std::string_view name = number % kWatched == 0 ? "watched" : "pm10";
      const std::string body =
          fmt::format(R"({{"type":"{}Station","{}{}":{{"type":"Property","value":{}}}}})", kIri, kIri, name, value);
      const model::EntityPatch patch{model::PatchOp::kUpsert, fmt::format("urn:ngsi-ld:Station:{:07}", number),
                                     json::Parse(body).value()};
      batch.records.push_back({model::ToRecord(patch, 0, clock_.Now(), "bench", committer_->partitions()), {}});
    }
    return batch;
  }

  WallClock clock_;
  Metrics metrics_;
  Log log_{Log::Level::kWarn};
  ngsi::LdContexts contexts_;
  runtime::Shards shards_{2};
  runtime::BlockingPool pool_{2, 1'000};
  std::unique_ptr<journal::EmbeddedJournal> journal_;
  std::unique_ptr<store::RocksState> state_;
  std::unique_ptr<runtime::Committer> committer_;
  std::unique_ptr<store::LiveContext> live_;
  std::unique_ptr<app::Notifier> notifier_;
  std::size_t next_ = 0;
};

double Quantile(std::vector<std::int64_t> values, double quantile) {
  if (values.empty()) return -1;
  std::ranges::sort(values);
  return static_cast<double>(values[static_cast<std::size_t>(static_cast<double>(values.size() - 1) * quantile)]) *
         1e-3;
}

int Main(std::size_t seconds) {
  const auto folder = MakeFolder();
  const std::size_t batches = seconds * static_cast<std::size_t>(kPerSecond) / kBatch;
  {
    Receiver receiver;
    Room room{folder};
    for (std::size_t n = 0; n < 100; ++n) room.Subscribe(n, receiver.url());
    room.Settle();
    (void)room.Update(2 * kEntities / kBatch);  // every entity is there
    receiver.Took();
    const Room::Figures few = room.Update(batches);
    for (std::size_t n = 100; n < 100'000; ++n) room.Subscribe(n, receiver.url());
    room.Settle();
    receiver.Took();
    const Room::Figures many = room.Update(batches);
    std::this_thread::sleep_for(std::chrono::seconds{1});
    const auto took = receiver.Took();

    json::Writer cost;
    cost.Object().Key("bench").String("subscriptions/cost").Key("value").Double(many.cpu_us);
    cost.Key("unit").String("us CPU an update, 100000 subscriptions").Key("budget").Double(2 * few.cpu_us);
    cost.Key("reference").String("100 subscriptions").Key("reference_value").Double(few.cpu_us);
    cost.Key("ratio").Double(many.cpu_us / few.cpu_us).Key("per_second").Double(many.per_second).End();
    fmt::print("{}\n", cost.text());
    json::Writer time;
    time.Object().Key("bench").String("subscriptions/time").Key("value").Double(Quantile(took, 0.99));
    time.Key("unit").String("ms from write to receiver, p99").Key("budget").Int(10);
    time.Key("reference").String("the write's commit, p99").Key("reference_value");
    time.Double(Quantile(many.committed_us, 0.99)).Key("p50").Double(Quantile(took, 0.5));
    time.Key("notifications").Int(static_cast<std::int64_t>(took.size()));
    time.Key("notifications_per_second").Double(static_cast<double>(took.size()) / static_cast<double>(seconds));
    time.Key("updates_per_second").Double(many.per_second).Key("subscriptions").Int(100'000);
    time.Key("seconds").Int(static_cast<std::int64_t>(seconds)).End();
    fmt::print("{}\n", time.text());
  }
  std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace bongsu::bench

int main(int argc, char** argv) { return bongsu::bench::Main(argc > 1 ? std::stoul(argv[1]) : 10); }
