#ifndef LIBMARIADB_PEER_H
#define LIBMARIADB_PEER_H

#include "CBenchmark.h"
#include <mysql.h>

void die(MYSQL *connection) __attribute__((noreturn));
void die_of(MYSQL_STMT *statement) __attribute__((noreturn));
/* Runs a command without rows. */
void command(MYSQL *connection, const char *sql);
MYSQL_STMT *prepare(MYSQL *connection, const char *sql);

/* What is made of the rows before the clock starts: columns to bind as arrays, or the text of `LOAD DATA`. */
typedef struct columns columns;
columns *make_columns(int64_t count);
/* MariaDB's bulk command: many rows an execution. */
void insert_columns(MYSQL *connection, columns *all, int64_t count);
typedef struct {
    char *bytes;
    size_t length, position;
} load_text;
load_text *make_load_text(int64_t count);
void load(MYSQL *connection, load_text *text);

#endif
