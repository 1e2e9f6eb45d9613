/* What writes many rows. */
#include "libmariadb_peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rows of one execution. */
enum { ROWS = 20000 };

struct columns {
    long long *ids;
    const char **names, **notes;
    unsigned long *name_lengths, *note_lengths;
    double *prices;
    int *quantities;
    /* Of what has no length of its own libmariadb takes pointers. */
    MYSQL_TIME **times;
    char *note_indicators;
};

static void *array(int64_t count, size_t size) {
    void *memory = calloc((size_t)count, size);
    if (!memory) exit(1);
    return memory;
}

static int two(const char *text) { return (text[0] - '0') * 10 + text[1] - '0'; }

static MYSQL_TIME time_of(int64_t at) {
    char text[32];
    MYSQL_TIME time = {0};
    benchmark_time_text(at, text);
    time.year = 2024;
    time.month = (unsigned)two(text + 5);
    time.day = (unsigned)two(text + 8);
    time.hour = (unsigned)two(text + 11);
    time.minute = (unsigned)two(text + 14);
    time.second = (unsigned)two(text + 17);
    time.second_part = (unsigned long)atol(text + 20);
    time.time_type = MYSQL_TIMESTAMP_DATETIME;
    return time;
}

columns *make_columns(int64_t count) {
    benchmark_item *items = benchmark_items(count);
    columns *all = array(1, sizeof *all);
    all->ids = array(count, sizeof *all->ids);
    all->names = array(count, sizeof *all->names);
    all->notes = array(count, sizeof *all->notes);
    all->name_lengths = array(count, sizeof *all->name_lengths);
    all->note_lengths = array(count, sizeof *all->note_lengths);
    all->prices = array(count, sizeof *all->prices);
    all->quantities = array(count, sizeof *all->quantities);
    all->times = array(count, sizeof *all->times);
    all->note_indicators = array(count, 1);
    MYSQL_TIME *times = array(count, sizeof *times);
    for (int64_t i = 0; i < count; i++) {
        all->ids[i] = items[i].id;
        all->names[i] = items[i].name;
        all->name_lengths[i] = (unsigned long)items[i].name_length;
        all->prices[i] = items[i].price;
        all->quantities[i] = items[i].quantity;
        times[i] = time_of(items[i].at);
        all->times[i] = &times[i];
        all->notes[i] = items[i].note;
        all->note_lengths[i] = (unsigned long)items[i].note_length;
        all->note_indicators[i] = items[i].note ? STMT_INDICATOR_NONE : STMT_INDICATOR_NULL;
    }
    return all;
}

void insert_columns(MYSQL *connection, columns *all, int64_t count) {
    MYSQL_STMT *statement = prepare(connection, "insert into bench_new values (?, ?, ?, ?, ?, ?)");
    command(connection, "begin");
    for (int64_t i = 0; i < count; i += ROWS) {
        unsigned int rows = count - i < ROWS ? (unsigned int)(count - i) : ROWS;
        MYSQL_BIND bind[6] = {
            {.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = all->ids + i},
            {.buffer_type = MYSQL_TYPE_STRING, .buffer = all->names + i, .length = all->name_lengths + i},
            {.buffer_type = MYSQL_TYPE_DOUBLE, .buffer = all->prices + i},
            {.buffer_type = MYSQL_TYPE_LONG, .buffer = all->quantities + i},
            {.buffer_type = MYSQL_TYPE_DATETIME, .buffer = all->times + i},
            {.buffer_type = MYSQL_TYPE_STRING, .buffer = all->notes + i, .length = all->note_lengths + i},
        };
        bind[5].u.indicator = all->note_indicators + i;
        if (mysql_stmt_attr_set(statement, STMT_ATTR_ARRAY_SIZE, &rows) || mysql_stmt_bind_param(statement, bind) ||
            mysql_stmt_execute(statement))
            die_of(statement);
    }
    command(connection, "commit");
    mysql_stmt_close(statement);
}

load_text *make_load_text(int64_t count) {
    benchmark_item *items = benchmark_items(count);
    load_text *text = array(1, sizeof *text);
    size_t capacity = (size_t)count * 320;
    char *p = text->bytes = array(1, capacity);
    for (int64_t i = 0; i < count; i++) {
        char at[32];
        benchmark_time_text(items[i].at, at);
        p += sprintf(p, "%lld\t%.*s\t%.2f\t%d\t%s\t", (long long)items[i].id, items[i].name_length, items[i].name, items[i].price,
                     items[i].quantity, at);
        p += items[i].note ? sprintf(p, "%.*s\n", items[i].note_length, items[i].note) : sprintf(p, "\\N\n");
    }
    text->length = (size_t)(p - text->bytes);
    return text;
}

static int load_begin(void **file, const char *name, void *text) {
    (void)name;
    *file = text;
    return 0;
}

static int load_read(void *file, char *buffer, unsigned int size) {
    load_text *text = file;
    size_t length = text->length - text->position < size ? text->length - text->position : size;
    memcpy(buffer, text->bytes + text->position, length);
    text->position += length;
    return (int)length;
}

static void load_end(void *file) { (void)file; }

static int load_error(void *file, char *message, unsigned int size) {
    (void)file;
    snprintf(message, size, "no text");
    return 1;
}

void load(MYSQL *connection, load_text *text) {
    mysql_set_local_infile_handler(connection, load_begin, load_read, load_end, load_error, text);
    command(connection, "load data local infile 'rows' into table bench_new character set utf8mb4");
}
