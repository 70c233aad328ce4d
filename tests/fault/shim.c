/* See shim.h. Preloaded, it reads LF_FAULT_MODE (trace, kill, torn, fail, full), LF_FAULT_ROOT, LF_FAULT_AT, LF_FAULT_ERRNO,
 * LF_FAULT_LOG and LF_FAULT_FROM (counting starts at the first path that holds this text) at start. Real calls go straight to the kernel, so no symbol look-up is needed. */
#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static enum lf_fault_mode mode_now = LF_FAULT_OFF;
static char root_path[PATH_MAX];
static size_t root_length;
static long fault_at;
static int fault_error = ENOSPC;
static int log_fd = -1;
static const char* from_text; /* null once a path with it was seen */
static atomic_long calls;
static atomic_int disk_is_full;

enum verdict { GO_ON, REFUSE, HALF };

void lf_fault_arm(enum lf_fault_mode mode, const char* root, long at, int error, const char* log_path) {
  mode_now = LF_FAULT_OFF;
  root_length = root ? strlen(root) : 0;
  if (root_length >= sizeof root_path) abort();
  memcpy(root_path, root ? root : "", root_length + 1);
  fault_at = at;
  fault_error = error;
  atomic_store(&calls, 0);
  atomic_store(&disk_is_full, 0);
  if (log_fd >= 0) syscall(SYS_close, log_fd);
  log_fd = log_path ? (int)syscall(SYS_openat, AT_FDCWD, log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : -1;
  mode_now = mode;
}

long lf_fault_count(void) { return atomic_load(&calls); }

__attribute__((constructor)) static void arm_from_environment(void) {
  static const char* const names[] = {"", "trace", "kill", "torn", "fail", "full"};
  const char* wanted = getenv("LF_FAULT_MODE");
  const char* root = getenv("LF_FAULT_ROOT");
  if (!wanted || !root) return;
  const char* at = getenv("LF_FAULT_AT");
  const char* error = getenv("LF_FAULT_ERRNO");
  from_text = getenv("LF_FAULT_FROM");
  for (int i = 1; i < 6; ++i) {
    if (strcmp(wanted, names[i]) == 0) {
      lf_fault_arm((enum lf_fault_mode)i, root, at ? atol(at) : 0, error ? atoi(error) : ENOSPC, getenv("LF_FAULT_LOG"));
    }
  }
}

static int is_below_root(const char* path) {
  return strncmp(path, root_path, root_length) == 0 && (path[root_length] == '/' || path[root_length] == 0);
}

static const char* path_of_fd(int fd, char* buffer) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = syscall(SYS_readlinkat, AT_FDCWD, link, buffer, PATH_MAX - 1);
  buffer[size > 0 ? size : 0] = 0;
  return buffer;
}

static const char* path_at(int dirfd, const char* path, char* buffer) {
  if (path[0] == '/') return path;
  char folder[PATH_MAX];
  if (dirfd == AT_FDCWD) {
    if (!getcwd(folder, sizeof folder)) return "";
  } else {
    path_of_fd(dirfd, folder);
  }
  if ((size_t)snprintf(buffer, PATH_MAX, "%s/%s", folder, path) >= PATH_MAX) return "";
  return buffer;
}

static void die(void) {
  syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
  for (;;) pause();
}

static enum verdict refuse_full(int creates) {
  if (!creates || !atomic_load(&disk_is_full)) return GO_ON;
  errno = fault_error;
  return REFUSE;
}

/* writes: 1 for calls that write bytes; creates: 1 for calls that need new space. */
static enum verdict judge(const char* name, const char* path, int writes, int creates) {
  if (mode_now == LF_FAULT_OFF || !path[0] || !is_below_root(path)) return GO_ON;
  if (from_text && !strstr(path, from_text)) return GO_ON;
  from_text = NULL;
  const long number = atomic_fetch_add(&calls, 1) + 1;
  if (log_fd >= 0) {
    char line[PATH_MAX + 64];
    const int size = snprintf(line, sizeof line, "%ld %s %s\n", number, name, path);
    syscall(SYS_write, log_fd, line, (size_t)size);
  }
  if (mode_now == LF_FAULT_FULL && number >= fault_at) {
    if (writes && !atomic_exchange(&disk_is_full, 1)) return HALF;
    atomic_store(&disk_is_full, 1);
    return refuse_full(creates);
  }
  if (number != fault_at) return GO_ON;
  if (mode_now == LF_FAULT_KILL) die();
  if (mode_now == LF_FAULT_TORN) {
    if (writes) return HALF;
    die();
  }
  if (mode_now == LF_FAULT_FAIL) {
    errno = fault_error;
    return REFUSE;
  }
  return GO_ON;
}

static ssize_t write_half(int fd, const void* data, size_t size) {
  const ssize_t done = size > 1 ? syscall(SYS_write, fd, data, size / 2) : 0;
  if (mode_now == LF_FAULT_TORN) die();
  if (done > 0) return done;
  errno = fault_error;
  return -1;
}

ssize_t write(int fd, const void* data, size_t size) {
  char buffer[PATH_MAX];
  if (mode_now == LF_FAULT_OFF) return syscall(SYS_write, fd, data, size);
  switch (judge("write", path_of_fd(fd, buffer), 1, 1)) {
    case REFUSE: return -1;
    case HALF: return write_half(fd, data, size);
    default: return syscall(SYS_write, fd, data, size);
  }
}

ssize_t writev(int fd, const struct iovec* pieces, int count) {
  char buffer[PATH_MAX];
  if (mode_now == LF_FAULT_OFF) return syscall(SYS_writev, fd, pieces, count);
  switch (judge("writev", path_of_fd(fd, buffer), 1, 1)) {
    case REFUSE: return -1;
    case HALF: return count > 0 ? write_half(fd, pieces[0].iov_base, pieces[0].iov_len) : 0;
    default: return syscall(SYS_writev, fd, pieces, count);
  }
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) {
  char buffer[PATH_MAX];
  if (mode_now != LF_FAULT_OFF && judge("pwrite", path_of_fd(fd, buffer), 0, 1) == REFUSE) return -1;
  return syscall(SYS_pwrite64, fd, data, size, offset);
}
ssize_t pwrite64(int fd, const void* data, size_t size, off_t offset) { return pwrite(fd, data, size, offset); }

#define FD_CALL(name, number)                                                             \
  int name(int fd) {                                                                      \
    char buffer[PATH_MAX];                                                                \
    if (mode_now != LF_FAULT_OFF && judge(#name, path_of_fd(fd, buffer), 0, 0) == REFUSE) return -1; \
    return (int)syscall(number, fd);                                                      \
  }
FD_CALL(fsync, SYS_fsync)
FD_CALL(fdatasync, SYS_fdatasync)

int ftruncate(int fd, off_t size) {
  char buffer[PATH_MAX];
  if (mode_now != LF_FAULT_OFF && judge("ftruncate", path_of_fd(fd, buffer), 0, 0) == REFUSE) return -1;
  return (int)syscall(SYS_ftruncate, fd, size);
}

int renameat2(int from_fd, const char* from, int to_fd, const char* to, unsigned flags) {
  char buffer[PATH_MAX];
  if (mode_now != LF_FAULT_OFF && judge("rename", path_at(from_fd, from, buffer), 0, 0) == REFUSE) return -1;
  return (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}
int renameat(int from_fd, const char* from, int to_fd, const char* to) { return renameat2(from_fd, from, to_fd, to, 0); }
int rename(const char* from, const char* to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlinkat(int dirfd, const char* path, int flags) {
  char buffer[PATH_MAX];
  const char* name = flags & AT_REMOVEDIR ? "rmdir" : "unlink";
  if (mode_now != LF_FAULT_OFF && judge(name, path_at(dirfd, path, buffer), 0, 0) == REFUSE) return -1;
  return (int)syscall(SYS_unlinkat, dirfd, path, flags);
}
int unlink(const char* path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char* path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int mkdirat(int dirfd, const char* path, mode_t mode) {
  char buffer[PATH_MAX];
  if (mode_now != LF_FAULT_OFF && judge("mkdir", path_at(dirfd, path, buffer), 0, 1) == REFUSE) return -1;
  return (int)syscall(SYS_mkdirat, dirfd, path, mode);
}
int mkdir(const char* path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

static int open_counted(int dirfd, const char* path, int flags, mode_t mode) {
  char buffer[PATH_MAX];
  if (mode_now != LF_FAULT_OFF && (flags & (O_CREAT | O_TRUNC)) &&
      judge("create", path_at(dirfd, path, buffer), 0, 1) == REFUSE) {
    return -1;
  }
  return (int)syscall(SYS_openat, dirfd, path, flags, mode);
}

#define MODE_ARGUMENT(flags, mode)             \
  mode_t mode = 0;                             \
  if ((flags) & (O_CREAT | __O_TMPFILE)) {     \
    va_list arguments;                         \
    va_start(arguments, flags);                \
    mode = (mode_t)va_arg(arguments, unsigned); \
    va_end(arguments);                         \
  }

int open(const char* path, int flags, ...) {
  MODE_ARGUMENT(flags, mode)
  return open_counted(AT_FDCWD, path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  MODE_ARGUMENT(flags, mode)
  return open_counted(AT_FDCWD, path, flags, mode);
}
int openat(int dirfd, const char* path, int flags, ...) {
  MODE_ARGUMENT(flags, mode)
  return open_counted(dirfd, path, flags, mode);
}
int openat64(int dirfd, const char* path, int flags, ...) {
  MODE_ARGUMENT(flags, mode)
  return open_counted(dirfd, path, flags, mode);
}
