// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/file_drop/connector.hpp"

#include <algorithm>
#include <set>

#include "sense/connectors/file_drop/link.hpp"

namespace bongsu::file_drop {
namespace {

constexpr std::size_t kThreads = 2;      // a folder that hangs holds up its neighbour, not the house
constexpr std::size_t kMaxJobs = 1'000;  // a link has one job at a time

class Connector final : public ingest::Connector {
 public:
  ~Connector() override { Stop(); }

  std::string_view kind() const override { return "file_drop"; }
  std::vector<config::FieldDoc> SourceArguments() const override { return config::FieldsOf<SourceOptions>(); }
  Result<void> ReadSource(const yaml::Node& own, std::string_view file, ingest::SourceConfig& source) const override {
    BONGSU_CHECK(ingest::TakeOptions<SourceOptions>(own, file, source));
    const auto pattern = NamePattern::Parse(ingest::OptionsOf<SourceOptions>(source).files);
    if (!pattern) return ingest::BadSource(source, pattern.error().message);
    return {};
  }

  /// @errors kInvalidArgument source.bad: two sources want the same files
  Result<void> Start() override {
    std::set<std::pair<std::string, std::string>> taken;
    for (const auto& source : Sources()) {
      const auto& options = ingest::OptionsOf<SourceOptions>(source->config);
      if (options.folder.empty()) continue;
      if (!taken.emplace(options.folder, options.files).second)
        return ingest::BadSource(source->config, "another source reads the same files");
      if (!pool_) pool_ = std::make_unique<runtime::BlockingPool>(kThreads, kMaxJobs);
      BONGSU_TRY(NamePattern pattern, NamePattern::Parse(options.files));
      links_.push_back(std::make_shared<Link>(deps(), *pool_, links_.size() % deps().shards.size(), source,
                                              Folder{options.folder, std::move(pattern)}));
    }
    for (const auto& link : links_) link->Start();
    return {};
  }
  void Stop() override {
    for (const auto& link : links_) link->Stop();
    if (pool_) pool_->Stop();
  }

  void Describe(ingest::ConnectorStatus& status) const override {
    const auto link = std::ranges::find_if(links_, [&](const auto& one) {
      return one->source().config.id == status.source && one->source().config.tenant == status.tenant;
    });
    if (link == links_.end()) {
      status.state = "off";
    } else {
      (*link)->Describe(status);
    }
  }

 private:
  std::unique_ptr<runtime::BlockingPool> pool_;
  std::vector<std::shared_ptr<Link>> links_;
};

}  // namespace

std::unique_ptr<ingest::Connector> Make() { return std::make_unique<Connector>(); }

}  // namespace bongsu::file_drop
