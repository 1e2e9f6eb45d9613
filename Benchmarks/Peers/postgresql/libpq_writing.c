/* What writes many rows. */
#include "libpq_peer.h"

#include <string.h>

void copy_in(PGconn *connection, const char *sql, int64_t count, char *(*row)(char *, const void *, int64_t), const void *rows) {
    char buffer[65536 + 1024];
    PGresult *result = PQexec(connection, sql);
    if (PQresultStatus(result) != PGRES_COPY_IN) die(connection);
    PQclear(result);
    char *end = put_bytes(buffer, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
    for (int64_t i = 0; i < count; i++) {
        end = row(end, rows, i);
        if (end - buffer >= 65536) {
            if (PQputCopyData(connection, buffer, (int)(end - buffer)) != 1) die(connection);
            end = buffer;
        }
    }
    end = put16(end, UINT16_MAX);
    if (PQputCopyData(connection, buffer, (int)(end - buffer)) != 1 || PQputCopyEnd(connection, NULL) != 1) die(connection);
    while ((result = PQgetResult(connection)) != NULL) {
        if (PQresultStatus(result) != PGRES_COMMAND_OK) die(connection);
        PQclear(result);
    }
}

void insert_pipelined(PGconn *connection, const char *name, int parameters, int64_t count,
                      void (*bind)(const void *, int64_t, const char **, int *, char *), const void *rows) {
    static const int formats[16] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    const char *values[16];
    int lengths[16];
    char scratch[128];
    command(connection, "begin");
    if (!PQenterPipelineMode(connection)) die(connection);
    for (int64_t i = 0; i < count;) {
        int64_t n = count - i < 500 ? count - i : 500;
        for (int64_t k = 0; k < n; k++) {
            bind(rows, i + k, values, lengths, scratch);
            if (!PQsendQueryPrepared(connection, name, parameters, values, lengths, formats, 1)) die(connection);
        }
        if (!PQpipelineSync(connection)) die(connection);
        for (int64_t k = 0; k < n; k++) {
            PGresult *result = PQgetResult(connection);
            if (PQresultStatus(result) != PGRES_COMMAND_OK) die(connection);
            PQclear(result);
            PQgetResult(connection);
        }
        PQclear(PQgetResult(connection));
        i += n;
    }
    if (!PQexitPipelineMode(connection)) die(connection);
    command(connection, "commit");
}
