/* Faults in file-system calls. Linked into a test binary, or preloaded into the program (LD_PRELOAD), it stands before
 * libc's functions, counts the calls that change files below one folder, and at the n-th kills the process or makes the
 * call fail. */
#ifndef LF_FAULT_SHIM_H
#define LF_FAULT_SHIM_H
#ifdef __cplusplus
extern "C" {
#endif

enum lf_fault_mode {
  LF_FAULT_OFF = 0,
  LF_FAULT_TRACE, /* only count and log */
  LF_FAULT_KILL,  /* SIGKILL before the call */
  LF_FAULT_TORN,  /* a write does half of its bytes first; other calls as KILL */
  LF_FAULT_FAIL,  /* the call returns -1 with the given errno, once */
  LF_FAULT_FULL   /* from here on every write (the first does half) and every creation fails: a full disk */
};

/* Counts from 1 again. root: absolute real path. log_path may be null; each call adds a line "n name path". */
void lf_fault_arm(enum lf_fault_mode mode, const char* root, long at, int error, const char* log_path);
/* Calls seen since. */
long lf_fault_count(void);

#ifdef __cplusplus
}
#endif
#endif
