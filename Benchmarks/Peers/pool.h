#ifndef ROOST_BENCHMARK_POOL_H
#define ROOST_BENCHMARK_POOL_H

#include <stdint.h>

/* `pool16_tasks64`: 64 threads take one of 16 connections for each of `count` selects, inside the clock. `open_one` opens and prepares a
   connection before that; `select_one` does the i-th select and gives back what it adds to the checksum. */
uint64_t pooled(const char *url, int64_t count, void *(*open_one)(const char *), uint64_t (*select_one)(void *, int64_t));

#endif
