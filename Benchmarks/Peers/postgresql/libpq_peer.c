/* The floor: libpq doing the least that still reads every column. Usage: libpq_peer WORK CONNINFO COUNT */
#include "CBenchmark.h"
#include <arpa/inet.h>
#include <libpq-fe.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *POINT = "select id, name, price, quantity, at, note from bench_item where id = $1";

static void die(PGconn *connection) {
    fprintf(stderr, "libpq: %s\n", PQerrorMessage(connection));
    exit(1);
}

static uint64_t be64(const char *p) {
    uint64_t v;
    memcpy(&v, p, 8);
    return __builtin_bswap64(v);
}

static uint64_t check(const PGresult *r, int row) {
    uint64_t bits = be64(PQgetvalue(r, row, 2));
    double price;
    memcpy(&price, &bits, 8);
    uint32_t quantity;
    memcpy(&quantity, PQgetvalue(r, row, 3), 4);
    int64_t at = (int64_t)be64(PQgetvalue(r, row, 4)) + INT64_C(946684800000000);
    return be64(PQgetvalue(r, row, 0)) + (uint64_t)PQgetlength(r, row, 1) + (uint64_t)price + ntohl(quantity) +
           (uint64_t)(at / 1000000 % 1000) + (uint64_t)PQgetlength(r, row, 5);
}

static void send_point(PGconn *connection, int64_t i) {
    uint64_t id = __builtin_bswap64(benchmark_mix((uint64_t)i) % 1000000 + 1);
    const char *values[1] = {(const char *)&id};
    const int lengths[1] = {8}, formats[1] = {1};
    if (!PQsendQueryPrepared(connection, "point", 1, values, lengths, formats, 1)) die(connection);
}

int main(int argc, char **argv) {
    if (argc < 4) return 2;
    const char *work = argv[1];
    int64_t count = atoll(argv[3]);
    uint64_t sum = 0;
    PGconn *connection = PQconnectdb(argv[2]);
    if (PQstatus(connection) != CONNECTION_OK) die(connection);
    const Oid types[1] = {20};
    PQclear(PQprepare(connection, "point", POINT, 1, types));
    int64_t wall = benchmark_wall_us(), cpu = benchmark_cpu_us();
    if (strcmp(work, "point_select") == 0) {
        for (int64_t i = 0; i < count; i++) {
            send_point(connection, i);
            PGresult *result;
            while ((result = PQgetResult(connection)) != NULL) {
                if (PQresultStatus(result) != PGRES_TUPLES_OK) die(connection);
                sum += check(result, 0);
                PQclear(result);
            }
        }
    } else if (strcmp(work, "pipelined_64") == 0) {
        if (!PQenterPipelineMode(connection)) die(connection);
        for (int64_t i = 0; i < count;) {
            int64_t n = count - i < 64 ? count - i : 64;
            for (int64_t k = 0; k < n; k++) {
                send_point(connection, i + k);
                PQpipelineSync(connection);
            }
            for (int64_t k = 0; k < n; k++) {
                PGresult *result;
                while ((result = PQgetResult(connection)) != NULL) {
                    if (PQresultStatus(result) != PGRES_TUPLES_OK) die(connection);
                    sum += check(result, 0);
                    PQclear(result);
                }
                PQclear(PQgetResult(connection));
            }
            i += n;
        }
    } else if (strcmp(work, "fetch_1m") == 0) {
        char text[200];
        snprintf(text, sizeof text, "select id, name, price, quantity, at, note from bench_item limit %lld", (long long)count);
        if (!PQsendQueryParams(connection, text, 0, NULL, NULL, NULL, NULL, 1) || !PQsetSingleRowMode(connection)) die(connection);
        PGresult *result;
        while ((result = PQgetResult(connection)) != NULL) {
            for (int row = 0; row < PQntuples(result); row++) sum += check(result, row);
            PQclear(result);
        }
    } else {
        return 3;
    }
    benchmark_report("libpq", work, count, benchmark_cpu_us() - cpu, benchmark_wall_us() - wall, sum);
    PQfinish(connection);
    return 0;
}
