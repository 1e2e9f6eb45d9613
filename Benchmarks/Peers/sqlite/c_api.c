/* The floor: SQLite's C interface doing the least possible. Usage: c_api WORK PATH COUNT
   As c_api owned WORK PATH COUNT it makes of each row what a program keeps: copies of its texts, and its time as a number. */
#include "CBenchmark.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *DDL = "create table item (id integer primary key, name text not null, price real not null, quantity integer not null,"
                         " at timestamp not null, note text)";

static void check(int status, sqlite3 *db) {
    if (status != SQLITE_OK && status != SQLITE_DONE && status != SQLITE_ROW) {
        fprintf(stderr, "c-api: %s\n", sqlite3_errmsg(db));
        exit(1);
    }
}

static void insert(sqlite3 *db, const benchmark_item *items, const char (*times)[27], int64_t count) {
    sqlite3_stmt *s;
    check(sqlite3_exec(db, "begin", 0, 0, 0), db);
    check(sqlite3_prepare_v2(db, "insert into item values (?, ?, ?, ?, ?, ?)", -1, &s, 0), db);
    for (int64_t i = 0; i < count; i++) {
        const benchmark_item *item = &items[i];
        sqlite3_bind_int64(s, 1, item->id);
        sqlite3_bind_text(s, 2, item->name, item->name_length, SQLITE_STATIC);
        sqlite3_bind_double(s, 3, item->price);
        sqlite3_bind_int64(s, 4, item->quantity);
        sqlite3_bind_text(s, 5, times[i], 26, SQLITE_STATIC);
        if (item->note) sqlite3_bind_text(s, 6, item->note, item->note_length, SQLITE_STATIC);
        else sqlite3_bind_null(s, 6);
        check(sqlite3_step(s), db);
        check(sqlite3_reset(s), db);
    }
    sqlite3_finalize(s);
    check(sqlite3_exec(db, "commit", 0, 0, 0), db);
}

static uint64_t read_row(sqlite3_stmt *s) {
    uint64_t sum = (uint64_t)sqlite3_column_int64(s, 0);
    const char *name = (const char *)sqlite3_column_text(s, 1);
    sum += benchmark_text_check(name, sqlite3_column_bytes(s, 1));
    sum += benchmark_price_check(sqlite3_column_double(s, 2));
    sum += (uint64_t)sqlite3_column_int64(s, 3);
    const char *at = (const char *)sqlite3_column_text(s, 4);
    if (sqlite3_column_bytes(s, 4) == 26) sum += benchmark_time_check(at);
    if (sqlite3_column_type(s, 5) != SQLITE_NULL) {
        const char *note = (const char *)sqlite3_column_text(s, 5);
        sum += benchmark_text_check(note, sqlite3_column_bytes(s, 5));
    }
    return sum;
}

typedef struct {
    int64_t id, quantity, at;
    double price;
    char *name, *note;
    int name_length, note_length;
} owned_item;

static char *copied(sqlite3_stmt *s, int column, int *length) {
    const unsigned char *text = sqlite3_column_text(s, column);
    *length = sqlite3_column_bytes(s, column);
    char *copy = malloc((size_t)*length + 1);
    if (!copy) exit(1);
    memcpy(copy, text, (size_t)*length);
    copy[*length] = 0;
    return copy;
}

static uint64_t read_owned_row(sqlite3_stmt *s) {
    owned_item item = {0};
    item.id = sqlite3_column_int64(s, 0);
    item.name = copied(s, 1, &item.name_length);
    item.price = sqlite3_column_double(s, 2);
    item.quantity = sqlite3_column_int64(s, 3);
    const char *at = (const char *)sqlite3_column_text(s, 4);
    if (!benchmark_time_read(at, sqlite3_column_bytes(s, 4), &item.at)) exit(4);
    if (sqlite3_column_type(s, 5) != SQLITE_NULL) item.note = copied(s, 5, &item.note_length);
    uint64_t sum = (uint64_t)item.id + benchmark_text_check(item.name, item.name_length) + benchmark_price_check(item.price)
        + (uint64_t)item.quantity + (uint64_t)(item.at / 1000);
    if (item.note) sum += benchmark_text_check(item.note, item.note_length);
    free(item.name);
    free(item.note);
    return sum;
}

static uint64_t point(sqlite3_stmt *s, int64_t i) {
    uint64_t sum = 0;
    sqlite3_bind_int64(s, 1, benchmark_id(i));
    if (sqlite3_step(s) == SQLITE_ROW) sum = read_row(s);
    sqlite3_reset(s);
    return sum;
}

/* Another thread holds the connection; each select is handed over and waited for. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t asked, answered;
    sqlite3_stmt *statement;
    int64_t question; /* -1: none; -2: the end */
    int has_answer;
    uint64_t answer;
} desk = {.lock = PTHREAD_MUTEX_INITIALIZER, .asked = PTHREAD_COND_INITIALIZER, .answered = PTHREAD_COND_INITIALIZER, .question = -1};

static void *clerk(void *unused) {
    (void)unused;
    pthread_mutex_lock(&desk.lock);
    for (;;) {
        while (desk.question == -1) pthread_cond_wait(&desk.asked, &desk.lock);
        if (desk.question == -2) break;
        int64_t question = desk.question;
        desk.question = -1;
        pthread_mutex_unlock(&desk.lock);
        uint64_t answer = point(desk.statement, question);
        pthread_mutex_lock(&desk.lock);
        desk.answer = answer;
        desk.has_answer = 1;
        pthread_cond_signal(&desk.answered);
    }
    pthread_mutex_unlock(&desk.lock);
    return 0;
}

static uint64_t point_by_clerk(int64_t i) {
    pthread_mutex_lock(&desk.lock);
    desk.question = i;
    pthread_cond_signal(&desk.asked);
    if (i == -2) {
        pthread_mutex_unlock(&desk.lock);
        return 0;
    }
    while (!desk.has_answer) pthread_cond_wait(&desk.answered, &desk.lock);
    desk.has_answer = 0;
    uint64_t answer = desk.answer;
    pthread_mutex_unlock(&desk.lock);
    return answer;
}

int main(int argc, char **argv) {
    int is_owned = argc > 1 && strcmp(argv[1], "owned") == 0;
    argc -= is_owned;
    argv += is_owned;
    if (argc < 4) return 2;
    const char *work = argv[1];
    int64_t count = atoll(argv[3]);
    sqlite3 *db;
    sqlite3_stmt *s = 0;
    uint64_t sum = 0;
    check(sqlite3_open_v2(argv[2], &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, 0), db);
    if (strcmp(work, "insert_1m") == 0) {
        check(sqlite3_exec(db, "pragma journal_mode = wal", 0, 0, 0), db);
        check(sqlite3_exec(db, DDL, 0, 0, 0), db);
        benchmark_item *items = benchmark_items(count);
        char(*times)[27] = malloc((size_t)count * 27);
        if (!times) return 1;
        for (int64_t i = 0; i < count; i++) benchmark_time_text(items[i].at, times[i]);
        benchmark_start();
        insert(db, items, (const char(*)[27])times, count);
    } else if (strncmp(work, "fetch", 5) == 0) {
        benchmark_start();
        check(sqlite3_prepare_v2(db, "select id, name, price, quantity, at, note from item where id <= ?", -1, &s, 0), db);
        sqlite3_bind_int64(s, 1, count);
        if (is_owned) {
            while (sqlite3_step(s) == SQLITE_ROW) sum += read_owned_row(s);
        } else {
            while (sqlite3_step(s) == SQLITE_ROW) sum += read_row(s);
        }
    } else {
        check(sqlite3_prepare_v2(db, "select id, name, price, quantity, at, note from item where id = ?", -1, &s, 0), db);
        if (strcmp(work, "point_select_hop") == 0) {
            pthread_t thread;
            desk.statement = s;
            if (pthread_create(&thread, 0, clerk, 0) != 0) return 1;
            benchmark_start();
            for (int64_t i = 0; i < count; i++) sum += point_by_clerk(i);
            benchmark_stop();
            point_by_clerk(-2);
            pthread_join(thread, 0);
        } else {
            benchmark_start();
            for (int64_t i = 0; i < count; i++) sum += point(s, i);
        }
    }
    benchmark_report("sqlite", is_owned ? "c-api-owned" : "c-api", work, count, sum);
    return 0;
}
