// SPDX-License-Identifier: Apache-2.0
#include "power_cut.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <random>
#include <utility>
#include <vector>

namespace bongsu::crash {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

namespace {

std::uint64_t InodeOf(const std::string& name) {
  struct stat about{};
  return ::stat(name.c_str(), &about) == 0 ? about.st_ino : 0;
}

std::string Normal(const std::string& name) { return std::filesystem::path(name).lexically_normal().string(); }

class CutFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  CutFile(std::unique_ptr<rocksdb::FSWritableFile>&& base, PowerCutFileSystem& power,
          std::shared_ptr<PowerCutFileSystem::Content> content)
      : FSWritableFileOwnerWrapper(std::move(base)), power_{power}, content_{std::move(content)} {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* debug) override {
    const std::lock_guard lock(power_.mutex);
    IOStatus status = target()->Append(data, options, debug);
    if (status.ok()) content_->size += data.size();
    return status;
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    const std::lock_guard lock(power_.mutex);
    IOStatus status = target()->Truncate(size, options, debug);
    if (status.ok()) content_->size = size;
    return status;
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    const std::lock_guard lock(power_.mutex);
    IOStatus status = target()->Sync(options, debug);
    if (status.ok()) content_->synced = content_->size;
    return status;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    const std::lock_guard lock(power_.mutex);
    IOStatus status = target()->Fsync(options, debug);
    if (status.ok()) content_->synced = content_->size;
    return status;
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    const std::lock_guard lock(power_.mutex);
    return target()->Close(options, debug);
  }

 private:
  PowerCutFileSystem& power_;
  std::shared_ptr<PowerCutFileSystem::Content> content_;
};

}  // namespace

class CutFolder final : public rocksdb::FSDirectoryWrapper {
 public:
  CutFolder(std::unique_ptr<rocksdb::FSDirectory>&& base, PowerCutFileSystem& power, const std::string& name)
      : FSDirectoryWrapper(std::move(base)), power_{power}, name_{Normal(name)} {}

  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    const std::lock_guard lock(power_.mutex);
    IOStatus status = FSDirectoryWrapper::Fsync(options, debug);
    if (status.ok()) Link();
    return status;
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& how) override {
    const std::lock_guard lock(power_.mutex);
    IOStatus status = FSDirectoryWrapper::FsyncWithDirOptions(options, debug, how);
    if (status.ok()) Link();
    return status;
  }

 private:
  void Link() {
    for (auto& [name, entry] : power_.names_) {
      if (std::filesystem::path(name).parent_path() == name_) entry.linked = true;
    }
  }
  PowerCutFileSystem& power_;
  std::string name_;
};

std::unique_ptr<rocksdb::FSWritableFile> PowerCutFileSystem::Track(const std::string& name,
                                                                   std::unique_ptr<rocksdb::FSWritableFile> file,
                                                                   std::uint64_t size) {
  auto content = std::make_shared<Content>(Content{InodeOf(name), size, size});
  names_[Normal(name)] = {content, size > 0};
  return std::make_unique<CutFile>(std::move(file), *this, std::move(content));
}

IOStatus PowerCutFileSystem::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                             std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) {
  const std::lock_guard lock(mutex);
  std::unique_ptr<rocksdb::FSWritableFile> base;
  IOStatus status = target()->NewWritableFile(name, options, &base, debug);
  if (status.ok()) *file = Track(name, std::move(base), 0);
  return status;
}

IOStatus PowerCutFileSystem::ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                                std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) {
  const std::lock_guard lock(mutex);
  std::error_code error;
  const std::uint64_t size = std::filesystem::exists(name, error) ? std::filesystem::file_size(name, error) : 0;
  std::unique_ptr<rocksdb::FSWritableFile> base;
  IOStatus status = target()->ReopenWritableFile(name, options, &base, debug);
  if (status.ok()) *file = Track(name, std::move(base), size);
  return status;
}

IOStatus PowerCutFileSystem::NewDirectory(const std::string& name, const IOOptions& options,
                                          std::unique_ptr<rocksdb::FSDirectory>* folder, IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> base;
  IOStatus status = target()->NewDirectory(name, options, &base, debug);
  if (status.ok()) *folder = std::make_unique<CutFolder>(std::move(base), *this, name);
  return status;
}

IOStatus PowerCutFileSystem::RenameFile(const std::string& old_name, const std::string& new_name,
                                        const IOOptions& options, IODebugContext* debug) {
  const std::lock_guard lock(mutex);
  IOStatus status = target()->RenameFile(old_name, new_name, options, debug);
  if (!status.ok()) return status;
  const std::string from = Normal(old_name);
  const std::string to = Normal(new_name);
  // A journalling file system keeps renames in order; what may be lost is the content, not the old name.
  if (auto node = names_.extract(from)) {
    node.key() = to;
    node.mapped().linked = true;
    names_.erase(to);
    names_.insert(std::move(node));
    return status;
  }
  for (auto inside = names_.lower_bound(from + "/"); inside != names_.end() && inside->first.starts_with(from + "/");) {
    auto node = names_.extract(inside++);
    node.key() = to + node.key().substr(from.size());
    names_.insert(std::move(node));
  }
  return status;
}

IOStatus PowerCutFileSystem::LinkFile(const std::string& from, const std::string& to, const IOOptions& options,
                                      IODebugContext* debug) {
  const std::lock_guard lock(mutex);
  IOStatus status = target()->LinkFile(from, to, options, debug);
  if (!status.ok()) return status;
  const auto known = names_.find(Normal(from));
  if (known != names_.end()) {
    names_[Normal(to)] = {known->second.content, false};
  } else {  // as it was when the process began
    std::error_code error;
    const std::uint64_t size = std::filesystem::file_size(to, error);
    names_[Normal(to)] = {std::make_shared<Content>(Content{InodeOf(to), size, size}), false};
  }
  return status;
}

IOStatus PowerCutFileSystem::DeleteFile(const std::string& name, const IOOptions& options, IODebugContext* debug) {
  const std::lock_guard lock(mutex);
  IOStatus status = target()->DeleteFile(name, options, debug);
  if (status.ok()) names_.erase(Normal(name));
  return status;
}

void PowerCutFileSystem::Cut(std::uint64_t seed) {
  mutex.lock();  // never given back
  std::mt19937_64 random{seed};
  std::map<std::uint64_t, std::uint64_t> left;  // inode -> bytes
  for (const auto& [name, entry] : names_) {
    const Content& content = *entry.content;
    const std::uint64_t unsynced = content.size - std::min(content.size, content.synced);
    left.emplace(content.inode, content.synced + (unsynced == 0 ? 0 : random() % (unsynced + 1)));
  }
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& file : std::filesystem::recursive_directory_iterator(root_, error))
    if (file.is_regular_file(error)) files.push_back(file.path());
  for (const auto& file : files) {
    const std::uint64_t inode = InodeOf(file.string());
    const auto kept = left.find(inode);
    if (kept == left.end()) continue;
    const auto name = names_.find(file.string());
    if (name != names_.end() && name->second.content->inode == inode && !name->second.linked)
      std::filesystem::remove(file, error);
    else if (std::filesystem::file_size(file, error) > kept->second)
      std::filesystem::resize_file(file, kept->second, error);
  }
  ::_exit(137);
}

}  // namespace bongsu::crash
