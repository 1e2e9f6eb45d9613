/* The floor: SQLite's C interface doing the least possible. Also makes the shared database: `c_api make PATH ROWS`. */
#include "../Sources/CBenchmark/include/CBenchmark.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(int status, sqlite3 *db) {
    if (status != SQLITE_OK && status != SQLITE_DONE && status != SQLITE_ROW) {
        fprintf(stderr, "c-api: %s\n", sqlite3_errmsg(db));
        exit(1);
    }
}

static const char *DDL = "create table item (id integer primary key, name text not null, price real not null, quantity integer not null,"
                         " at timestamp not null, note text)";

static void fill(sqlite3 *db, sqlite3_int64 rows) {
    sqlite3_stmt *insert;
    check(sqlite3_exec(db, "begin", 0, 0, 0), db);
    check(sqlite3_prepare_v2(db, "insert into item values (?, ?, ?, ?, ?, ?)", -1, &insert, 0), db);
    for (sqlite3_int64 i = 1; i <= rows; i++) {
        uint64_t mixed = benchmark_mix((uint64_t)i);
        char name[64], at[40], note[64];
        int name_length = snprintf(name, sizeof name, "item %llu%s", (unsigned long long)(mixed % 100000), i % 5 == 0 ? " \xc3\xbc" "ber 12345678" : "");
        int at_length = snprintf(at, sizeof at, "2024-%02d-%02d %02d:%02d:%02d.%06d", (int)(mixed % 12) + 1, (int)(mixed >> 8) % 28 + 1 < 1 ? 1 : (int)((mixed >> 8) % 28) + 1,
                                 (int)((mixed >> 16) % 24), (int)((mixed >> 24) % 60), (int)((mixed >> 32) % 60), (int)((mixed >> 36) % 1000000));
        int note_length = snprintf(note, sizeof note, "note %d", (int)((mixed >> 40) % 1000));
        sqlite3_bind_int64(insert, 1, i);
        sqlite3_bind_text(insert, 2, name, name_length, SQLITE_STATIC);
        sqlite3_bind_double(insert, 3, (double)(mixed % 1000000) / 100.0);
        sqlite3_bind_int64(insert, 4, (sqlite3_int64)((mixed >> 20) % 1000));
        sqlite3_bind_text(insert, 5, at, at_length, SQLITE_STATIC);
        if (i % 3 == 0) sqlite3_bind_null(insert, 6); else sqlite3_bind_text(insert, 6, note, note_length, SQLITE_STATIC);
        check(sqlite3_step(insert), db);
        check(sqlite3_reset(insert), db);
    }
    sqlite3_finalize(insert);
    check(sqlite3_exec(db, "commit", 0, 0, 0), db);
}

static uint64_t read_row(sqlite3_stmt *s) {
    uint64_t sum = (uint64_t)sqlite3_column_int64(s, 0);
    const unsigned char *name = sqlite3_column_text(s, 1);
    sum += (uint64_t)sqlite3_column_bytes(s, 1) + name[0];
    sum += (uint64_t)sqlite3_column_double(s, 2);
    sum += (uint64_t)sqlite3_column_int64(s, 3);
    const unsigned char *at = sqlite3_column_text(s, 4);
    sum += (uint64_t)sqlite3_column_bytes(s, 4) - 26 + at[0] - '2';
    if (sqlite3_column_type(s, 5) != SQLITE_NULL) {
        const unsigned char *note = sqlite3_column_text(s, 5);
        sum += (uint64_t)sqlite3_column_bytes(s, 5) + note[0];
    }
    return sum;
}

int main(int argc, char **argv) {
    if (argc < 4) return 2;
    const char *work = argv[1], *path = argv[2];
    sqlite3_int64 count = atoll(argv[3]);
    sqlite3 *db;
    int is_insert = strncmp(work, "insert", 6) == 0;
    check(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, 0), db);
    if (strcmp(work, "make") == 0) {
        check(sqlite3_exec(db, "pragma journal_mode = wal", 0, 0, 0), db);
        check(sqlite3_exec(db, DDL, 0, 0, 0), db);
        fill(db, count);
        check(sqlite3_exec(db, "pragma wal_checkpoint(truncate)", 0, 0, 0), db);
        sqlite3_close(db);
        return 0;
    }
    if (is_insert) {
        check(sqlite3_exec(db, "pragma journal_mode = wal", 0, 0, 0), db);
        check(sqlite3_exec(db, DDL, 0, 0, 0), db);
    }
    sqlite3_stmt *s = 0;
    uint64_t sum = 0;
    double wall = benchmark_wall_us(), cpu = benchmark_cpu_us();
    if (is_insert) {
        fill(db, count);
        sum = (uint64_t)count;
    } else if (strncmp(work, "fetch", 5) == 0) {
        check(sqlite3_prepare_v2(db, "select id, name, price, quantity, at, note from item limit ?", -1, &s, 0), db);
        sqlite3_bind_int64(s, 1, count);
        while (sqlite3_step(s) == SQLITE_ROW) sum += read_row(s);
    } else {
        check(sqlite3_prepare_v2(db, "select id, name, price, quantity, at, note from item where id = ?", -1, &s, 0), db);
        for (sqlite3_int64 i = 0; i < count; i++) {
            sqlite3_bind_int64(s, 1, (sqlite3_int64)(benchmark_mix((uint64_t)i) % 1000000) + 1);
            if (sqlite3_step(s) == SQLITE_ROW) sum += read_row(s);
            sqlite3_reset(s);
        }
    }
    cpu = benchmark_cpu_us() - cpu;
    wall = benchmark_wall_us() - wall;
    benchmark_report("c-api", work, count, cpu, wall, sum);
    return 0;
}
