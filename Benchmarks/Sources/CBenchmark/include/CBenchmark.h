#ifndef ROOST_BENCHMARK_H
#define ROOST_BENCHMARK_H

#include <stdint.h>

/* User and system time of this process, in microseconds. */
double benchmark_cpu_us(void);
/* Monotonic time, in microseconds. */
double benchmark_wall_us(void);
/* The most memory this process held, in MiB. */
double benchmark_max_rss_mib(void);
/* One JSON line for the runner. */
void benchmark_report(const char *peer, const char *work, int64_t operations, double cpu_us, double wall_us, uint64_t checksum);

/* The shared data: row i of the table, the same in every peer. */
static inline uint64_t benchmark_mix(uint64_t z) {
    z += 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

#endif
