#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>

#include "CBenchSupport.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static cpu_set_t allowed;

static void look(void) {
  CPU_ZERO(&allowed);
  sched_getaffinity(0, sizeof allowed, &allowed);
}

int bench_core_count(void) {
  pthread_once(&once, look);
  return CPU_COUNT(&allowed);
}

int bench_core(int index) {
  pthread_once(&once, look);
  for (int core = 0; core < CPU_SETSIZE; core++)
    if (CPU_ISSET(core, &allowed) && index-- == 0) return core;
  return -1;
}

bool bench_pin(int core) {
  pthread_once(&once, look);
  cpu_set_t one;
  CPU_ZERO(&one);
  if (core < 0 || core >= CPU_SETSIZE) return false;
  CPU_SET(core, &one);
  return pthread_setaffinity_np(pthread_self(), sizeof one, &one) == 0;
}

void bench_unpin(void) {
  pthread_once(&once, look);
  pthread_setaffinity_np(pthread_self(), sizeof allowed, &allowed);
}
