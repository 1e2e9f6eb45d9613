#ifndef LIBPQ_PEER_H
#define LIBPQ_PEER_H

#include "CBenchmark.h"
#include <libpq-fe.h>

typedef struct {
    int64_t rows;
    uint64_t sum;
} answer;

void die(PGconn *connection) __attribute__((noreturn));
PGconn *connect_to(const char *url);
/* Prepares a statement named `name`. */
void prepare(PGconn *connection, const char *name, const char *sql, int parameters, const Oid *types);
/* Runs a command without rows. */
void command(PGconn *connection, const char *sql);

/* Numbers of the binary format. */
static inline uint16_t be16(const char *p) { return (uint16_t)((unsigned char)p[0] << 8 | (unsigned char)p[1]); }
static inline uint32_t be32(const char *p) {
    uint32_t v;
    __builtin_memcpy(&v, p, 4);
    return __builtin_bswap32(v);
}
static inline uint64_t be64(const char *p) {
    uint64_t v;
    __builtin_memcpy(&v, p, 8);
    return __builtin_bswap64(v);
}
static inline char *put16(char *p, uint16_t v) { v = __builtin_bswap16(v); __builtin_memcpy(p, &v, 2); return p + 2; }
static inline char *put32(char *p, uint32_t v) { v = __builtin_bswap32(v); __builtin_memcpy(p, &v, 4); return p + 4; }
static inline char *put64(char *p, uint64_t v) { v = __builtin_bswap64(v); __builtin_memcpy(p, &v, 8); return p + 8; }
static inline char *put_double(char *p, double v) {
    uint64_t bits;
    __builtin_memcpy(&bits, &v, 8);
    return put64(p, bits);
}
static inline char *put_bytes(char *p, const char *bytes, int length) { __builtin_memcpy(p, bytes, (size_t)length); return p + length; }

/* Binary COPY through a buffer of 64 KiB: `row` writes row i, at most 1 KiB, and returns its end. */
void copy_in(PGconn *connection, const char *sql, int64_t count, char *(*row)(char *, const void *, int64_t), const void *rows);

/* Runs a prepared statement for each row, pipelined, in one transaction; `bind` fills the parameters of row i, using the scratch space. */
void insert_pipelined(PGconn *connection, const char *name, int parameters, int64_t count,
                      void (*bind)(const void *, int64_t, const char **, int *, char *), const void *rows);

/* Query `number` of the seven, `count` times over ten connections. */
answer seven_queries(const char *url, int number, int64_t count);

#endif
