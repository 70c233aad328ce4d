#include "hub/transfer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/log.h"
#include "base/strings.h"

namespace lf {
namespace {

namespace fs = std::filesystem;

/// Enough new bytes to say that the connection works: the count of failed tries starts anew.
constexpr uint64_t kProgressBytes = uint64_t{64} << 10;
constexpr uint64_t kMaxUnknownSize = uint64_t{1} << 40;
/// A hub that sends something else than it announced gets one more chance, from the first byte.
constexpr int kMaxBadContents = 2;

/// The content is not what was announced; the partial file is of no use.
struct BadContent {
  std::string message;
};

/// "bytes 100-199/200": first byte and whole size.
struct ContentRange {
  uint64_t first = 0, total = 0;
  bool good = false;
};

ContentRange content_range(const HttpHeaders& headers) {
  const std::string text = headers.get("Content-Range");
  unsigned long long first = 0, last = 0, total = 0;
  int end = 0;
  const bool good = std::sscanf(text.c_str(), "bytes %19llu-%19llu/%19llu%n", &first, &last, &total, &end) == 3 &&
                    static_cast<size_t>(end) == text.size() && first <= last && last < total;
  return {first, total, good};
}

class PartialFile {
 public:
  explicit PartialFile(fs::path path) : path_(std::move(path)) {
    fd_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    LF_CHECK(kIo, fd_ >= 0, "{}: cannot be written: {}", path_.string(), std::strerror(errno));
    struct stat info {};
    LF_CHECK(kIo, fstat(fd_, &info) == 0, "{}: {}", path_.string(), std::strerror(errno));
    size_ = static_cast<uint64_t>(info.st_size);
    lseek(fd_, 0, SEEK_END);
  }
  ~PartialFile() {
    if (fd_ >= 0) close(fd_);
  }
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  uint64_t size() const { return size_; }
  const fs::path& path() const { return path_; }
  void append(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t wrote = write(fd_, bytes.data(), bytes.size());
      if (wrote < 0 && errno == EINTR) continue;
      LF_CHECK(kIo, wrote >= 0, "{}: cannot be written: {}{}", path_.string(), std::strerror(errno),
               errno == ENOSPC || errno == EDQUOT ? "; free some space and run it again, it goes on from here" : "");
      size_ += static_cast<uint64_t>(wrote);
      bytes.remove_prefix(static_cast<size_t>(wrote));
    }
  }
  void clear() {
    LF_CHECK(kIo, ftruncate(fd_, 0) == 0 && lseek(fd_, 0, SEEK_SET) == 0, "{}: cannot be emptied: {}", path_.string(),
             std::strerror(errno));
    size_ = 0;
  }
  void remove() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }

 private:
  fs::path path_;
  int fd_ = -1;
  uint64_t size_ = 0;
};

class Run {
 public:
  Run(HttpClient& client, const Transfer& transfer, DownloadProgress* progress)
      : client_(client), transfer_(transfer), progress_(progress), file_(transfer.partial), size_(transfer.size) {
    report(static_cast<int64_t>(file_.size()), false);
  }

  PartialFile& file() { return file_; }

  /// One request; true when everything is there. BadContent when it cannot become right by going on.
  bool once(Redirected& answer) {
    if (size_ && file_.size() > *size_) restart();
    if (size_ && file_.size() == *size_ && (*size_ > 0 || started_)) return true;
    started_ = true;
    HttpRequest request = transfer_.request;
    request.headers.emplace_back("Accept-Encoding", "identity");
    if (file_.size() > 0) request.headers.emplace_back("Range", fmt::format("bytes={}-", file_.size()));
    const auto always = [](const HttpResponse&, const std::string&) { return true; };
    answer = send_following(
        client_, std::move(request), always, [&](const HttpResponse& head) { return accept(head); },
        [&](std::string_view piece) { return take(piece); });
    if (answer.response.status == 416) {
      if (file_.size() == 0) return false;
      throw BadContent{fmt::format("{} cannot be resumed at byte {}", transfer_.name, file_.size())};
    }
    if (answer.fault || answer.response.status >= 300) return false;
    if (!size_) size_ = file_.size();
    return file_.size() == *size_;
  }

  void verify() {
    if (transfer_.hash.kind == FileHash::Kind::kNone) return;
    if (!hasher_ || hashed_ != file_.size()) rehash();
    const std::string found = hasher_->finish();
    hasher_.reset();
    if (found == transfer_.hash.hex) return;
    throw BadContent{fmt::format("{}: {} {} was announced but the content has {}", transfer_.name,
                                 transfer_.hash.kind == FileHash::Kind::kSha256 ? "SHA-256" : "git hash",
                                 transfer_.hash.hex, found)};
  }

  void restart() {
    report(-static_cast<int64_t>(file_.size()), false);
    file_.clear();
    hasher_.reset();
    size_ = transfer_.size;
  }

 private:
  void report(int64_t bytes, bool received) {
    if (progress_ && bytes != 0) progress_->add(bytes, received);
  }

  void rehash() {
    hasher_.emplace(transfer_.hash.kind, size_.value_or(0));
    hasher_->add_file(file_.path(), file_.size());
    hashed_ = file_.size();
  }

  /// Headers of a content: does it begin where we are, and is it as long as announced?
  bool accept(const HttpResponse& head) {
    if (head.status < 200 || head.status >= 300) return true;  // an error page: read, shown, not stored
    std::optional<uint64_t> total = head.headers.number("Content-Length");
    if (head.status == 206) {
      const ContentRange range = content_range(head.headers);
      if (!range.good || range.first != file_.size()) {
        throw BadContent{fmt::format("{}: asked for byte {} on, the answer is '{}'", transfer_.name, file_.size(),
                                     printable(head.headers.get("Content-Range"), 80))};
      }
      total = range.total;
    } else if (file_.size() > 0) {
      restart();  // the server does not do ranges
    }
    if (size_ && total && *total != *size_) {
      throw BadContent{
          fmt::format("{}: {} bytes were announced but the server has {}", transfer_.name, *size_, *total)};
    }
    if (!size_) size_ = total;
    if (transfer_.hash.kind != FileHash::Kind::kNone && size_ && (!hasher_ || hashed_ != file_.size())) rehash();
    return true;
  }

  bool take(std::string_view piece) {
    if (file_.size() + piece.size() > size_.value_or(kMaxUnknownSize)) {
      throw BadContent{fmt::format("{}: the server sends more than the {} bytes it announced", transfer_.name,
                                   size_.value_or(kMaxUnknownSize))};
    }
    file_.append(piece);
    if (hasher_) {
      hasher_->add(piece);
      hashed_ += piece.size();
    }
    report(static_cast<int64_t>(piece.size()), true);
    return true;
  }

  HttpClient& client_;
  const Transfer& transfer_;
  DownloadProgress* progress_;
  PartialFile file_;
  std::optional<uint64_t> size_;
  std::optional<Hasher> hasher_;
  uint64_t hashed_ = 0;
  bool started_ = false;
};

/// Decides whether to go on after a try that did not finish; throws when not.
void wait_or_give_up(const Redirected& answer, int attempt, const Transfer& transfer, const Subject& subject,
                     const RetryPolicy& policy) {
  const bool refused = !answer.fault && answer.response.status >= 400;
  const bool final_fault = answer.fault && answer.fault->kind == TransferFault::Kind::kCertificate;
  const double wait = wait_before(attempt + 1, policy, refused ? &answer.response : nullptr);
  const bool hopeless = refused && !is_worth_retrying(answer.response.status);
  if (attempt >= policy.attempts || hopeless || final_fault || wait > policy.most_wait) {
    if (refused) throw_status(answer.response, subject);
    const std::string reason = answer.fault ? answer.fault->message : "the connection broke";
    throw_hub(HubTrouble::kUnreachable,
              "{} of {}: {} ({} tries without getting on); what has come is kept, run it again to go on", transfer.name,
              subject.what, reason, attempt);
  }
  log_warn("hub", "{}: {}; trying again", transfer.name,
           answer.fault ? answer.fault->message
           : refused    ? answer.response.text()
                        : "the connection broke");
  wait_seconds(wait);
}

}  // namespace

uint64_t run_transfer(HttpClient& client, const Transfer& transfer, const Subject& subject, const RetryPolicy& policy,
                      DownloadProgress* progress) {
  Run run(client, transfer, progress);
  int bad = 0;
  for (int attempt = 1;; ++attempt) {
    try {
      const uint64_t before = run.file().size();
      Redirected answer;
      if (run.once(answer)) {
        run.verify();
        return run.file().size();
      }
      if (run.file().size() >= before + kProgressBytes) attempt = 1;
      wait_or_give_up(answer, attempt, transfer, subject, policy);
    } catch (const BadContent& content) {
      run.restart();
      if (++bad >= kMaxBadContents) {
        run.file().remove();
        throw_hub(HubTrouble::kBadAnswer, "{} of {}", content.message, subject.what);
      }
      log_warn("hub", "{}; trying once more from the start", content.message);
    }
  }
}

}  // namespace lf
