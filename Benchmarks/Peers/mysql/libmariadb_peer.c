/* The floor: libmariadb doing the least that still reads every column. Usage: libmariadb_peer WORK URL COUNT */
#include "libmariadb_peer.h"
#include "pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS "select id, name, price, quantity, at, note from "

/* A row's columns where libmariadb puts them. */
typedef struct {
    MYSQL_STMT *statement;
    long long parameter, id;
    double price;
    int quantity;
    char name[256], note[256];
    unsigned long name_length, note_length;
    my_bool is_null;
    MYSQL_TIME at;
} selection;

void die(MYSQL *connection) {
    fprintf(stderr, "libmariadb: %s\n", mysql_error(connection));
    exit(1);
}

void die_of(MYSQL_STMT *statement) {
    fprintf(stderr, "libmariadb: %s\n", mysql_stmt_error(statement));
    exit(1);
}

void command(MYSQL *connection, const char *sql) {
    if (mysql_query(connection, sql)) die(connection);
}

MYSQL_STMT *prepare(MYSQL *connection, const char *sql) {
    MYSQL_STMT *statement = mysql_stmt_init(connection);
    if (!statement || mysql_stmt_prepare(statement, sql, strlen(sql))) die(connection);
    return statement;
}

static MYSQL *connect_to(const char *url, char *scheme) {
    char user[128], password[128], host[128], database[128];
    unsigned port;
    if (sscanf(url, "%15[^:]://%127[^:]:%127[^@]@%127[^:]:%u/%127[^?]", scheme, user, password, host, &port, database) != 6) {
        fprintf(stderr, "libmariadb: a URL as scheme://user:password@host:port/database is needed\n");
        exit(1);
    }
    MYSQL *connection = mysql_init(NULL);
    unsigned on = 1;
    mysql_options(connection, MYSQL_OPT_LOCAL_INFILE, &on);
    mysql_options(connection, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_options(connection, MYSQL_INIT_COMMAND, "set time_zone = '+00:00'");
    if (!mysql_real_connect(connection, host, user, password, database, port, NULL, 0)) die(connection);
    return connection;
}

static selection *select_from(MYSQL *connection, const char *sql) {
    selection *s = calloc(1, sizeof *s);
    if (!s) exit(1);
    s->statement = prepare(connection, sql);
    MYSQL_BIND parameter = {.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &s->parameter};
    MYSQL_BIND columns[6] = {
        {.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &s->id},
        {.buffer_type = MYSQL_TYPE_STRING, .buffer = s->name, .buffer_length = sizeof s->name, .length = &s->name_length},
        {.buffer_type = MYSQL_TYPE_DOUBLE, .buffer = &s->price},
        {.buffer_type = MYSQL_TYPE_LONG, .buffer = &s->quantity},
        {.buffer_type = MYSQL_TYPE_TIMESTAMP, .buffer = &s->at, .buffer_length = sizeof s->at},
        {.buffer_type = MYSQL_TYPE_STRING, .buffer = s->note, .buffer_length = sizeof s->note, .length = &s->note_length, .is_null = &s->is_null},
    };
    if (mysql_stmt_bind_param(s->statement, &parameter) || mysql_stmt_bind_result(s->statement, columns)) die_of(s->statement);
    return s;
}

static int64_t microseconds(const MYSQL_TIME *t) {
    /* Days since 1970, counting years from March. */
    int64_t year = (int64_t)t->year - (t->month <= 2), month = (t->month + 9) % 12;
    int64_t days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + (int64_t)t->day - 719469;
    return ((days * 24 + t->hour) * 3600 + t->minute * 60 + t->second) * 1000000 + (int64_t)t->second_part;
}

/* The rows up to, or with, a number. */
static uint64_t run(selection *s, int64_t parameter) {
    uint64_t sum = 0;
    int status;
    s->parameter = parameter;
    if (mysql_stmt_execute(s->statement)) die_of(s->statement);
    while ((status = mysql_stmt_fetch(s->statement)) == 0) {
        sum += (uint64_t)s->id + benchmark_text_check(s->name, (int64_t)s->name_length) + benchmark_price_check(s->price) +
               (uint64_t)s->quantity + (uint64_t)microseconds(&s->at);
        if (!s->is_null) sum += benchmark_text_check(s->note, (int64_t)s->note_length);
    }
    if (status != MYSQL_NO_DATA) die_of(s->statement);
    return sum;
}

static void *open_one(const char *url) {
    char scheme[16];
    return select_from(connect_to(url, scheme), COLUMNS "bench_item where id = ?");
}

static uint64_t select_one(void *selection, int64_t i) { return run(selection, benchmark_id(i)); }

int main(int argc, char **argv) {
    if (argc < 4) return 2;
    const char *work = argv[1], *url = argv[2];
    int64_t count = atoll(argv[3]);
    uint64_t sum = 0;
    char scheme[16];
    if (strcmp(work, "version") == 0) {
        printf("%s\n", mysql_get_client_info());
        return 0;
    }
    MYSQL *connection = connect_to(url, scheme);
    int has_bulk = strcmp(scheme, "mariadb") == 0;
    if (strncmp(work, "point_select", 12) == 0) {
        void *one = open_one(url);
        benchmark_start();
        for (int64_t i = 0; i < count; i++) sum += select_one(one, i);
    } else if (strcmp(work, "pool16_tasks64") == 0) {
        sum = pooled(url, count, open_one, select_one);
    } else if (strncmp(work, "fetch_1m", 8) == 0) {
        selection *all = select_from(connection, COLUMNS "bench_item where id <= ?");
        benchmark_start();
        sum = run(all, count);
    } else if (strcmp(work, "stream_5m") == 0) {
        selection *all = select_from(connection, COLUMNS "(select 1 union all select 2 union all select 3 union all select 4 union all select 5) five, "
                                                         "bench_item where id <= ?");
        benchmark_start();
        sum = run(all, count / 5);
    } else if (strcmp(work, "insert_1m") == 0 && has_bulk) {
        columns *all = make_columns(count);
        benchmark_start();
        insert_columns(connection, all, count);
    } else if (strcmp(work, "insert_1m") == 0 || strcmp(work, "load_1m") == 0) {
        /* A server without a bulk command takes rows fastest by `LOAD DATA`. */
        load_text *text = make_load_text(count);
        benchmark_start();
        load(connection, text);
    } else {
        return 3;
    }
    benchmark_report(scheme, "libmariadb", work, count, sum);
    mysql_close(connection);
    return 0;
}
