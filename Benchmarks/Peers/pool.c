/* The pool of the floors. */
#include "pool.h"

#include "CBenchmark.h"
#include <pthread.h>
#include <stdlib.h>

static struct {
    pthread_mutex_t lock;
    pthread_cond_t returned;
    void *idle[16];
    int idle_count;
    int64_t count;
    uint64_t (*select_one)(void *, int64_t);
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .returned = PTHREAD_COND_INITIALIZER};

static void *pool_task(void *argument) {
    uint64_t sum = 0;
    for (int64_t i = (int64_t)(intptr_t)argument; i < pool.count; i += 64) {
        pthread_mutex_lock(&pool.lock);
        while (pool.idle_count == 0) pthread_cond_wait(&pool.returned, &pool.lock);
        void *connection = pool.idle[--pool.idle_count];
        pthread_mutex_unlock(&pool.lock);
        sum += pool.select_one(connection, i);
        pthread_mutex_lock(&pool.lock);
        pool.idle[pool.idle_count++] = connection;
        pthread_cond_signal(&pool.returned);
        pthread_mutex_unlock(&pool.lock);
    }
    return (void *)(uintptr_t)sum;
}

uint64_t pooled(const char *url, int64_t count, void *(*open_one)(const char *), uint64_t (*select_one)(void *, int64_t)) {
    pthread_t threads[64];
    uint64_t sum = 0;
    pool.count = count;
    pool.select_one = select_one;
    for (pool.idle_count = 0; pool.idle_count < 16; pool.idle_count++) pool.idle[pool.idle_count] = open_one(url);
    benchmark_start();
    for (intptr_t i = 0; i < 64; i++) {
        if (pthread_create(&threads[i], 0, pool_task, (void *)i) != 0) exit(1);
    }
    for (int i = 0; i < 64; i++) {
        void *part;
        pthread_join(threads[i], &part);
        sum += (uint64_t)(uintptr_t)part;
    }
    benchmark_stop();
    return sum;
}
