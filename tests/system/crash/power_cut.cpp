// SPDX-License-Identifier: Apache-2.0
#include "power_cut.hpp"

#include <unistd.h>

#include <filesystem>
#include <random>
#include <utility>

namespace bongsu::crash {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

namespace {

class CutFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  CutFile(std::unique_ptr<rocksdb::FSWritableFile>&& base, PowerCutFileSystem& power,
          std::shared_ptr<PowerCutFileSystem::Entry> entry)
      : FSWritableFileOwnerWrapper(std::move(base)), power_{power}, entry_{std::move(entry)} {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* debug) override {
    const std::lock_guard lock(power_.mutex);
    IOStatus status = target()->Append(data, options, debug);
    if (status.ok()) entry_->size += data.size();
    return status;
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    const std::lock_guard lock(power_.mutex);
    IOStatus status = target()->Truncate(size, options, debug);
    if (status.ok()) entry_->size = size;
    return status;
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    const std::lock_guard lock(power_.mutex);
    IOStatus status = target()->Sync(options, debug);
    if (status.ok()) entry_->synced = entry_->size;
    return status;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    const std::lock_guard lock(power_.mutex);
    IOStatus status = target()->Fsync(options, debug);
    if (status.ok()) entry_->synced = entry_->size;
    return status;
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    const std::lock_guard lock(power_.mutex);
    return target()->Close(options, debug);
  }

 private:
  PowerCutFileSystem& power_;
  std::shared_ptr<PowerCutFileSystem::Entry> entry_;
};

}  // namespace

class CutFolder final : public rocksdb::FSDirectoryWrapper {
 public:
  CutFolder(std::unique_ptr<rocksdb::FSDirectory>&& base, PowerCutFileSystem& power, std::string name)
      : FSDirectoryWrapper(std::move(base)),
        power_{power},
        name_{std::filesystem::path(name).lexically_normal().string()} {}

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
    for (auto& [name, entry] : power_.files_) {
      if (std::filesystem::path(name).parent_path() == std::filesystem::path(name_)) entry->linked = true;
    }
  }
  PowerCutFileSystem& power_;
  std::string name_;
};

std::unique_ptr<rocksdb::FSWritableFile> PowerCutFileSystem::Track(const std::string& name,
                                                                   std::unique_ptr<rocksdb::FSWritableFile> file,
                                                                   std::uint64_t size) {
  auto entry = std::make_shared<Entry>(Entry{name, size, size, size > 0});
  files_[name] = entry;
  return std::make_unique<CutFile>(std::move(file), *this, std::move(entry));
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

IOStatus PowerCutFileSystem::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                                        IODebugContext* debug) {
  const std::lock_guard lock(mutex);
  IOStatus status = target()->RenameFile(from, to, options, debug);
  if (!status.ok()) return status;
  if (auto node = files_.extract(from)) {
    node.key() = to;
    node.mapped()->name = to;
    // A journalling file system keeps renames in order; what may be lost is the content, not the old name.
    node.mapped()->linked = true;
    files_.erase(to);
    files_.insert(std::move(node));
  }
  return status;
}

IOStatus PowerCutFileSystem::DeleteFile(const std::string& name, const IOOptions& options, IODebugContext* debug) {
  const std::lock_guard lock(mutex);
  IOStatus status = target()->DeleteFile(name, options, debug);
  if (status.ok()) files_.erase(name);
  return status;
}

void PowerCutFileSystem::Cut(std::uint64_t seed) {
  mutex.lock();  // never given back
  std::mt19937_64 random{seed};
  for (const auto& [name, entry] : files_) {
    std::error_code error;
    if (!entry->linked) {
      std::filesystem::remove(name, error);
      continue;
    }
    const std::uint64_t unsynced = entry->size - std::min(entry->size, entry->synced);
    const std::uint64_t torn = unsynced == 0 ? 0 : random() % (unsynced + 1);
    std::filesystem::resize_file(name, entry->synced + torn, error);
  }
  ::_exit(137);
}

}  // namespace bongsu::crash
