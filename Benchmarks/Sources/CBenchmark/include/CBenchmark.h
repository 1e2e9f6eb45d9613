#ifndef ROOST_BENCHMARK_H
#define ROOST_BENCHMARK_H

#include <stdint.h>

/* Starts the clock: wall time, and user and system time of this process with all its threads. */
void benchmark_start(void);
/* Stops it; benchmark_report does so too. */
void benchmark_stop(void);
/* How many statements an operation, or what the work calls one, sends; reported where it was told. */
void benchmark_statements(int64_t count);
/* One JSON line for the runner: rates are per operation. */
void benchmark_report(const char *engine, const char *peer, const char *work, int64_t operations, uint64_t checksum);

/* Spreads 0, 1, 2 … over all 64-bit numbers, the same way in every peer. */
static inline uint64_t benchmark_mix(uint64_t z) {
    z += 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

/* The id that the i-th point select asks for. */
static inline int64_t benchmark_id(int64_t i) { return (int64_t)(benchmark_mix((uint64_t)i) % 1000000) + 1; }

/* Row `id` of the table; the servers make the same rows with setup.sql. */
typedef struct {
    int64_t id;
    const char *name;
    const char *note; /* NULL for NULL */
    double price;
    int64_t at; /* microseconds since 1970-01-01 00:00 UTC */
    int32_t quantity;
    int16_t name_length, note_length;
} benchmark_item;

/* Rows 1 … count. They are never freed. */
benchmark_item *benchmark_items(int64_t count);

/* What a text, and a price, add to a checksum. */
static inline uint64_t benchmark_text_check(const char *text, int64_t length) {
    return length == 0 ? 0 : (uint64_t)length + (unsigned char)text[0] + (unsigned char)text[length - 1];
}
static inline uint64_t benchmark_price_check(double price) { return (uint64_t)(price * 100 + 0.5); }

/* SQLite has no times: what it holds is "2024-01-31 23:59:59.000000", 26 bytes, always of 2024 here. */
void benchmark_time_text(int64_t at, char *text);
/* What such a text adds to a checksum: whole milliseconds since 1970, for one of the peers keeps no more. */
uint64_t benchmark_time_check(const char *text);
/* Reads such a text of any year into microseconds since 1970, and looks at each character of it; 0 when it is none. */
int benchmark_time_read(const char *text, int length, int64_t *at);

#endif
