/* The floor: libpq doing the least that still reads every column. Usage: libpq_peer WORK URL COUNT */
#include "libpq_peer.h"
#include "pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *POINT = "select id, name, price, quantity, at, note from bench_item where id = $1";
static const int64_t EPOCH = INT64_C(946684800000000); /* 2000-01-01, PostgreSQL's zero, in microseconds since 1970 */

void die(PGconn *connection) {
    fprintf(stderr, "libpq: %s\n", PQerrorMessage(connection));
    exit(1);
}

PGconn *connect_to(const char *url) {
    PGconn *connection = PQconnectdb(url);
    if (PQstatus(connection) != CONNECTION_OK) die(connection);
    return connection;
}

void prepare(PGconn *connection, const char *name, const char *sql, int parameters, const Oid *types) {
    PGresult *result = PQprepare(connection, name, sql, parameters, types);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) die(connection);
    PQclear(result);
}

void command(PGconn *connection, const char *sql) {
    PGresult *result = PQexec(connection, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) die(connection);
    PQclear(result);
}

static uint64_t check(const PGresult *r, int row) {
    uint64_t bits = be64(PQgetvalue(r, row, 2));
    double price;
    memcpy(&price, &bits, 8);
    uint64_t sum = be64(PQgetvalue(r, row, 0)) + benchmark_text_check(PQgetvalue(r, row, 1), PQgetlength(r, row, 1)) +
                   benchmark_price_check(price) + be32(PQgetvalue(r, row, 3)) + be64(PQgetvalue(r, row, 4)) + (uint64_t)EPOCH;
    if (!PQgetisnull(r, row, 5)) sum += benchmark_text_check(PQgetvalue(r, row, 5), PQgetlength(r, row, 5));
    return sum;
}

static void send_point(PGconn *connection, int64_t i) {
    uint64_t id = __builtin_bswap64((uint64_t)benchmark_id(i));
    const char *values[1] = {(const char *)&id};
    const int lengths[1] = {8}, formats[1] = {1};
    if (!PQsendQueryPrepared(connection, "point", 1, values, lengths, formats, 1)) die(connection);
}

static uint64_t read_point(PGconn *connection) {
    uint64_t sum = 0;
    PGresult *result;
    while ((result = PQgetResult(connection)) != NULL) {
        if (PQresultStatus(result) != PGRES_TUPLES_OK) die(connection);
        sum += check(result, 0);
        PQclear(result);
    }
    return sum;
}

static PGconn *connect_for_points(const char *url) {
    const Oid types[1] = {20};
    PGconn *connection = connect_to(url);
    prepare(connection, "point", POINT, 1, types);
    return connection;
}

static uint64_t pipelined(PGconn *connection, int64_t count) {
    uint64_t sum = 0;
    if (!PQenterPipelineMode(connection)) die(connection);
    for (int64_t i = 0; i < count;) {
        int64_t n = count - i < 64 ? count - i : 64;
        for (int64_t k = 0; k < n; k++) {
            send_point(connection, i + k);
            PQpipelineSync(connection);
        }
        for (int64_t k = 0; k < n; k++) {
            sum += read_point(connection);
            PQclear(PQgetResult(connection));
        }
        i += n;
    }
    return sum;
}

static uint64_t fetch(PGconn *connection, const char *from, int64_t last) {
    uint64_t sum = 0;
    char text[200];
    snprintf(text, sizeof text, "select id, name, price, quantity, at, note from %s where id <= %lld", from, (long long)last);
    if (!PQsendQueryParams(connection, text, 0, NULL, NULL, NULL, NULL, 1) || !PQsetSingleRowMode(connection)) die(connection);
    PGresult *result;
    while ((result = PQgetResult(connection)) != NULL) {
        if (PQresultStatus(result) != PGRES_SINGLE_TUPLE && PQresultStatus(result) != PGRES_TUPLES_OK) die(connection);
        for (int row = 0; row < PQntuples(result); row++) sum += check(result, row);
        PQclear(result);
    }
    return sum;
}

static void *open_one(const char *url) { return connect_for_points(url); }

static uint64_t select_one(void *connection, int64_t i) {
    send_point(connection, i);
    return read_point(connection);
}

static char *copy_item(char *p, const void *rows, int64_t i) {
    const benchmark_item *item = (const benchmark_item *)rows + i;
    p = put16(p, 6);
    p = put64(put32(p, 8), (uint64_t)item->id);
    p = put_bytes(put32(p, (uint32_t)item->name_length), item->name, item->name_length);
    p = put_double(put32(p, 8), item->price);
    p = put32(put32(p, 4), (uint32_t)item->quantity);
    p = put64(put32(p, 8), (uint64_t)(item->at - EPOCH));
    if (!item->note) return put32(p, UINT32_MAX);
    return put_bytes(put32(p, (uint32_t)item->note_length), item->note, item->note_length);
}

static void bind_item(const void *rows, int64_t i, const char **values, int *lengths, char *scratch) {
    const benchmark_item *item = (const benchmark_item *)rows + i;
    put64(scratch, (uint64_t)item->id);
    put_double(scratch + 8, item->price);
    put64(scratch + 16, (uint64_t)(item->at - EPOCH));
    put32(scratch + 24, (uint32_t)item->quantity);
    values[0] = scratch, lengths[0] = 8;
    values[1] = item->name, lengths[1] = item->name_length;
    values[2] = scratch + 8, lengths[2] = 8;
    values[3] = scratch + 24, lengths[3] = 4;
    values[4] = scratch + 16, lengths[4] = 8;
    values[5] = item->note, lengths[5] = item->note_length;
}

int main(int argc, char **argv) {
    if (argc < 4) return 2;
    const char *work = argv[1], *url = argv[2];
    int64_t count = atoll(argv[3]);
    uint64_t sum = 0;
    if (strcmp(work, "version") == 0) {
        printf("%d.%d\n", PQlibVersion() / 10000, PQlibVersion() % 10000);
        return 0;
    }
    if (strncmp(work, "pgbench_", 8) == 0) {
        answer all = seven_queries(url, atoi(work + 8), count);
        benchmark_report("postgresql", "libpq", work, all.rows, all.sum);
        return 0;
    }
    PGconn *connection = connect_for_points(url);
    if (strncmp(work, "point_select", 12) == 0) {
        benchmark_start();
        for (int64_t i = 0; i < count; i++) {
            send_point(connection, i);
            sum += read_point(connection);
        }
    } else if (strcmp(work, "pipelined_64") == 0) {
        benchmark_start();
        sum = pipelined(connection, count);
    } else if (strcmp(work, "pool16_tasks64") == 0) {
        sum = pooled(url, count, open_one, select_one);
    } else if (strncmp(work, "fetch_1m", 8) == 0) {
        benchmark_start();
        sum = fetch(connection, "bench_item", count);
    } else if (strcmp(work, "stream_5m") == 0) {
        benchmark_start();
        sum = fetch(connection, "generate_series(1, 5), bench_item", count / 5);
    } else if (strcmp(work, "insert_1m") == 0) {
        const Oid types[6] = {20, 25, 701, 23, 1184, 25};
        benchmark_item *items = benchmark_items(count);
        prepare(connection, "insert", "insert into bench_new values ($1, $2, $3, $4, $5, $6)", 6, types);
        benchmark_start();
        insert_pipelined(connection, "insert", 6, count, bind_item, items);
    } else if (strcmp(work, "copy_in_1m") == 0) {
        benchmark_item *items = benchmark_items(count);
        benchmark_start();
        copy_in(connection, "copy bench_new (id, name, price, quantity, at, note) from stdin (format binary)", count, copy_item, items);
    } else {
        return 3;
    }
    benchmark_report("postgresql", "libpq", work, count, sum);
    PQfinish(connection);
    return 0;
}
