/* Queries of the seven shapes of asyncpg's public benchmark: ten connections, a thread each. An operation is a row. */
#include "libpq_peer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECTIONS = 10, COPY_ROWS = 10000, BATCH_ROWS = 1000 };

typedef struct {
    int32_t a, b, c, f;
    double e;
    char d[16], g[16];
} new_row;

static new_row rows[COPY_ROWS];

static void make_rows(void) {
    for (int i = 1; i <= COPY_ROWS; i++) {
        new_row *row = &rows[i - 1];
        *row = (new_row){.a = i, .b = i + 1, .c = i % 7, .e = i + 0.25, .f = 12000000 + i};
        snprintf(row->d, sizeof row->d, "ROW %d", 10000000 + i);
        snprintf(row->g, sizeof row->g, "%lld", 120000000000ll + i);
    }
}

static char *copy_row(char *p, const void *all, int64_t i) {
    const new_row *row = (const new_row *)all + i;
    p = put16(p, 7);
    p = put32(put32(p, 4), (uint32_t)row->a);
    p = put32(put32(p, 4), (uint32_t)row->b);
    p = put32(put32(p, 4), (uint32_t)row->c);
    p = put_bytes(put32(p, 12), row->d, 12);
    p = put_double(put32(p, 8), row->e);
    p = put32(put32(p, 4), (uint32_t)row->f);
    return put_bytes(put32(p, 12), row->g, 12);
}

static void bind_row(const void *all, int64_t i, const char **values, int *lengths, char *scratch) {
    const new_row *row = (const new_row *)all + i;
    put32(scratch, (uint32_t)row->a);
    put32(scratch + 4, (uint32_t)row->b);
    put32(scratch + 8, (uint32_t)row->c);
    put32(scratch + 12, (uint32_t)row->f);
    put_double(scratch + 16, row->e);
    values[0] = scratch, lengths[0] = 4;
    values[1] = scratch + 4, lengths[1] = 4;
    values[2] = scratch + 8, lengths[2] = 4;
    values[3] = row->d, lengths[3] = 12;
    values[4] = scratch + 16, lengths[4] = 8;
    values[5] = scratch + 12, lengths[5] = 4;
    values[6] = row->g, lengths[6] = 12;
}

/* oid, name, oid, int2, bool, "char", "char", bool, "char", oid, oid, bool */
static uint64_t check_type(const PGresult *r, int i) {
    uint64_t sum = 0;
    static const int oids[] = {0, 2, 9, 10}, booleans[] = {4, 7, 11}, texts[] = {1, 5, 6, 8};
    for (int k = 0; k < 4; k++) sum += be32(PQgetvalue(r, i, oids[k])) + benchmark_text_check(PQgetvalue(r, i, texts[k]), PQgetlength(r, i, texts[k]));
    for (int k = 0; k < 3; k++) sum += (uint64_t)PQgetvalue(r, i, booleans[k])[0];
    return sum + (uint64_t)(int64_t)(int16_t)be16(PQgetvalue(r, i, 3));
}

/* One dimension of int4 without NULLs: five words of head, then length and number for each. */
static uint64_t check_array(const PGresult *r, int i) {
    const char *p = PQgetvalue(r, i, 0);
    int length = PQgetlength(r, i, 0);
    uint64_t sum = 0;
    for (int at = 24; at + 4 <= length; at += 8) sum += be32(p + at);
    return sum;
}

static answer check_result(int number, const PGresult *r) {
    answer found = {PQntuples(r), 0};
    for (int i = 0; i < PQntuples(r); i++) {
        switch (number) {
        case 1: found.sum += check_type(r, i); break;
        case 3: found.sum += benchmark_text_check(PQgetvalue(r, i, 0), PQgetlength(r, i, 0)); break;
        case 4: found.sum += check_array(r, i); break;
        default: found.sum += be32(PQgetvalue(r, i, 0));
        }
    }
    return found;
}

static const char *const QUERIES[] = {
    "",
    "select oid, typname, typnamespace, typlen, typbyval, typtype, typcategory, typispreferred, typdelim, typelem, typarray, typnotnull"
    " from pg_type where typnamespace = 11 and typtypmod = $1 and typisdefined = $2",
    "select n from generate_series(1, $1::integer) n",
    "select data from bench_bytes",
    "select numbers from bench_array",
    "copy bench_rows (a, b, c, d, e, f, g) from stdin (format binary)",
    "insert into bench_rows (a, b, c, d, e, f, g) values ($1, $2, $3, $4, $5, $6, $7)",
    "select 40 + 2",
};
static const Oid TYPES[8][7] = {{0}, {23, 16}, {23}, {0}, {0}, {0}, {23, 23, 23, 25, 701, 23, 25}, {0}};
static const int PARAMETERS[8] = {0, 2, 1, 0, 0, 0, 7, 0};

typedef struct {
    PGconn *connection;
    int number;
    int64_t count;
    answer found;
} task;

static void *run_task(void *argument) {
    task *t = argument;
    char scratch[8];
    const char *values[2] = {scratch, scratch + 4};
    int lengths[2] = {4, 1};
    const int formats[2] = {1, 1};
    put32(scratch, t->number == 1 ? (uint32_t)-1 : 1000);
    scratch[4] = 1;
    for (int64_t i = 0; i < t->count; i++) {
        if (t->number == 5) {
            copy_in(t->connection, QUERIES[5], COPY_ROWS, copy_row, rows);
            t->found.rows += COPY_ROWS;
        } else if (t->number == 6) {
            insert_pipelined(t->connection, "query", 7, BATCH_ROWS, bind_row, rows);
            t->found.rows += BATCH_ROWS;
        } else {
            PGresult *result = PQexecPrepared(t->connection, "query", PARAMETERS[t->number], values, lengths, formats, 1);
            if (PQresultStatus(result) != PGRES_TUPLES_OK) die(t->connection);
            answer found = check_result(t->number, result);
            t->found.rows += found.rows;
            t->found.sum += found.sum;
            PQclear(result);
        }
    }
    return 0;
}

answer seven_queries(const char *url, int number, int64_t count) {
    answer all = {0, 0};
    task tasks[CONNECTIONS];
    pthread_t threads[CONNECTIONS];
    if (number < 1 || number > 7) exit(3);
    make_rows();
    for (int i = 0; i < CONNECTIONS; i++) {
        tasks[i] = (task){connect_to(url), number, (count - i + CONNECTIONS - 1) / CONNECTIONS, {0, 0}};
        if (number != 5) prepare(tasks[i].connection, "query", QUERIES[number], PARAMETERS[number], TYPES[number]);
    }
    benchmark_start();
    for (int i = 0; i < CONNECTIONS; i++) {
        if (pthread_create(&threads[i], 0, run_task, &tasks[i]) != 0) exit(1);
    }
    for (int i = 0; i < CONNECTIONS; i++) {
        pthread_join(threads[i], 0);
        all.rows += tasks[i].found.rows;
        all.sum += tasks[i].found.sum;
        PQfinish(tasks[i].connection);
    }
    benchmark_stop();
    return all;
}
