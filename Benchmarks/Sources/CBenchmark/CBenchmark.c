#include "CBenchmark.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

double benchmark_cpu_us(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec * 1e6 + (double)usage.ru_utime.tv_usec + (double)usage.ru_stime.tv_sec * 1e6 + (double)usage.ru_stime.tv_usec;
}

double benchmark_wall_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

double benchmark_max_rss_mib(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
    return (double)usage.ru_maxrss / (1024.0 * 1024.0);
#else
    return (double)usage.ru_maxrss / 1024.0;
#endif
}

void benchmark_report(const char *peer, const char *work, int64_t operations, double cpu_us, double wall_us, uint64_t checksum) {
    printf("{\"engine\":\"sqlite\",\"work\":\"%s\",\"peer\":\"%s\",\"per_s\":%.0f,\"cpu_us\":%.4f,\"checksum\":\"%" PRIu64 "\",\"max_rss_mib\":%.1f}\n",
           work, peer, (double)operations / (wall_us / 1e6), cpu_us / (double)operations, checksum, benchmark_max_rss_mib());
    fflush(stdout);
}
