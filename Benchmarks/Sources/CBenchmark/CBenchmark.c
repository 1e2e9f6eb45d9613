#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CBenchmark.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static double wall_us, cpu_us;
static long mallocs;
static int is_running;

/* What count_mallocs.c has counted, where it is preloaded; else -1. */
static long mallocs_now(void) {
    static long (*counter)(void);
    if (!counter) counter = (long (*)(void))dlsym(RTLD_DEFAULT, "roost_benchmark_mallocs");
    return counter ? counter() : -1;
}

static double cpu_now(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec * 1e6 + (double)usage.ru_utime.tv_usec + (double)usage.ru_stime.tv_sec * 1e6 + (double)usage.ru_stime.tv_usec;
}

static double wall_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* The most memory this process held. On Linux getrusage would tell what the program that started this one held, if that was more. */
static double max_rss_mib(void) {
#ifdef __linux__
    char line[256];
    long kib = 0;
    FILE *status = fopen("/proc/self/status", "r");
    if (!status) return 0;
    while (fgets(line, sizeof line, status)) {
        if (sscanf(line, "VmHWM: %ld", &kib) == 1) break;
    }
    fclose(status);
    return (double)kib / 1024.0;
#else
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / (1024.0 * 1024.0);
#endif
}

void benchmark_start(void) {
    is_running = 1;
    mallocs = mallocs_now();
    wall_us = wall_now();
    cpu_us = cpu_now();
}

void benchmark_stop(void) {
    if (!is_running) return;
    cpu_us = cpu_now() - cpu_us;
    wall_us = wall_now() - wall_us;
    if (mallocs >= 0) mallocs = mallocs_now() - mallocs;
    is_running = 0;
}

static int64_t statements = -1;

void benchmark_statements(int64_t count) { statements = count; }

void benchmark_report(const char *engine, const char *peer, const char *work, int64_t operations, uint64_t checksum) {
    benchmark_stop();
    printf("{\"engine\":\"%s\",\"work\":\"%s\",\"peer\":\"%s\",\"operations\":%" PRId64 ",\"per_s\":%.0f,\"cpu_us\":%.4f,\"checksum\":\"%" PRIu64 "\",\"max_rss_mib\":%.1f,\"mallocs\":%ld",
           engine, work, peer, operations, (double)operations / (wall_us / 1e6), cpu_us / (double)operations, checksum, max_rss_mib(), mallocs);
    if (statements >= 0) printf(",\"statements\":%" PRId64, statements);
    printf("}\n");
    fflush(stdout);
}

static void *allocated(size_t size) {
    void *memory = malloc(size);
    if (!memory) exit(1);
    return memory;
}

benchmark_item *benchmark_items(int64_t count) {
    benchmark_item *items = allocated((size_t)count * sizeof *items);
    char *block = 0;
    size_t used = 0;
    const size_t size = 1 << 20;
    for (int64_t id = 1; id <= count; id++) {
        if (!block || size - used < 512) {
            block = allocated(size);
            used = 0;
        }
        benchmark_item *item = &items[id - 1];
        char *name = block + used;
        item->name_length = (int16_t)sprintf(name, "item %d%s", (int)(id % 99991), id % 5 == 0 ? " \xc3\xbc" "ber 12345678" : "");
        used += (size_t)item->name_length;
        item->name = name;
        item->note = 0;
        item->note_length = 0;
        if (id % 3 != 0) {
            char *note = block + used;
            item->note_length = (int16_t)sprintf(note, "note %d", (int)(id % 997));
            if (id % 16 == 1) {
                note[item->note_length] = ' ';
                memset(note + item->note_length + 1, 'x', (size_t)(200 - item->note_length - 1));
                item->note_length = 200;
            }
            used += (size_t)item->note_length;
            item->note = note;
        }
        item->id = id;
        item->price = (double)(id * 7919 % 1000000) / 100.0;
        item->quantity = (int32_t)(id * 31 % 1000);
        item->at = INT64_C(1704067200000000) + id * 37 % 31000000 * 1000000 + id % 1000000;
    }
    return items;
}

static const int days_before[] = {0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335};

static void digits(char *text, int length, int64_t number) {
    for (int i = length - 1; i >= 0; i--, number /= 10) text[i] = (char)('0' + number % 10);
}

void benchmark_time_text(int64_t at, char *text) {
    int64_t left = at - INT64_C(1704067200000000);
    int day = (int)(left / INT64_C(86400000000)), month = 11;
    left %= INT64_C(86400000000);
    while (day < days_before[month]) month--;
    memcpy(text, "2024-00-00 00:00:00.000000", 27);
    digits(text + 5, 2, month + 1);
    digits(text + 8, 2, day - days_before[month] + 1);
    digits(text + 11, 2, left / INT64_C(3600000000));
    digits(text + 14, 2, left / 60000000 % 60);
    digits(text + 17, 2, left / 1000000 % 60);
    digits(text + 20, 6, left % 1000000);
}

static int two(const char *text) { return (text[0] - '0') * 10 + text[1] - '0'; }

uint64_t benchmark_time_check(const char *text) {
    if (memcmp(text, "2024-", 5) != 0) return 0;
    int month = two(text + 5) - 1;
    if (month < 0 || month > 11) return 0;
    int64_t seconds = (((int64_t)days_before[month] + two(text + 8) - 1) * 24 + two(text + 11)) * 3600 + two(text + 14) * 60 + two(text + 17);
    int milliseconds = two(text + 20) * 10 + text[22] - '0';
    return (uint64_t)((seconds + 1704067200) * 1000 + milliseconds);
}

/* Days since 1970-01-01; years begin in March, so that the leap day is the last. */
static int64_t days_since_1970(int year, int month, int day) {
    if (month <= 2) year--;
    int century = year / 100, from_march = month > 2 ? month - 3 : month + 9;
    return 365 * (int64_t)year + year / 4 - century + century / 4 + (153 * from_march + 2) / 5 + day - 1 - 719468;
}

int benchmark_time_read(const char *text, int length, int64_t *at) {
    static const char form[] = "0000-00-00 00:00:00.000000";
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (length != 26) return 0;
    for (int i = 0; i < 26; i++) {
        if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i]) return 0;
    }
    int year = two(text) * 100 + two(text + 2), month = two(text + 5), day = two(text + 8);
    int hour = two(text + 11), minute = two(text + 14), second = two(text + 17);
    int is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (month < 1 || month > 12 || day < 1 || day > days[month - 1] || (month == 2 && day == 29 && !is_leap)) return 0;
    if (hour > 23 || minute > 59 || second > 59) return 0;
    int64_t micros = two(text + 20) * 10000 + two(text + 22) * 100 + two(text + 24);
    *at = ((days_since_1970(year, month, day) * 24 + hour) * 3600 + minute * 60 + second) * 1000000 + micros;
    return 1;
}
