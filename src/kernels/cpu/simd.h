// Loops compiled for several instruction sets, chosen when the program starts (ifunc). Sanitizers cannot run such
// resolvers.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define LF_SIMD __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default"), optimize("O3")))
#else
#define LF_SIMD
#endif
