// Montgomery products of six words with MULX, ADCX and ADOX: as in product_portable.h, with two
// chains of carries side by side.

// t0..t6 += word * factor, the word in rdx. Ends with both carries clear: t6 stays far below 2^64.
#define ROW(t0, t1, t2, t3, t4, t5, t6, factor)                                                    \
  "xorl %%eax, %%eax\n\t"                                                                          \
  "mulxq 0" factor ", %%rax, %%rcx\n\tadoxq %%rax, " t0 "\n\tadcxq %%rcx, " t1 "\n\t"              \
  "mulxq 8" factor ", %%rax, %%rcx\n\tadoxq %%rax, " t1 "\n\tadcxq %%rcx, " t2 "\n\t"              \
  "mulxq 16" factor ", %%rax, %%rcx\n\tadoxq %%rax, " t2 "\n\tadcxq %%rcx, " t3 "\n\t"             \
  "mulxq 24" factor ", %%rax, %%rcx\n\tadoxq %%rax, " t3 "\n\tadcxq %%rcx, " t4 "\n\t"             \
  "mulxq 32" factor ", %%rax, %%rcx\n\tadoxq %%rax, " t4 "\n\tadcxq %%rcx, " t5 "\n\t"             \
  "mulxq 40" factor ", %%rax, %%rcx\n\tadoxq %%rax, " t5 "\n\tadcxq %%rcx, " t6 "\n\t"             \
  "movl $0, %%eax\n\tadoxq %%rax, " t6 "\n\t"

// t0..t6 += m p with m such that t0 becomes zero.
#define REDUCE(t0, t1, t2, t3, t4, t5, t6)                                                         \
  "movq " t0 ", %%rdx\n\timulq %[inverse], %%rdx\n\t"                                              \
  ROW(t0, t1, t2, t3, t4, t5, t6, "+%[p]")

#define A(offset) "movq " offset "(%[a]), %%rdx\n\t"
// The fourth pointer waits in memory: with a frame pointer there are no more registers.
#define C(offset) "movq %[c], %%rdx\n\tmovq " offset "(%%rdx), %%rdx\n\t"
#define STEP(offset, t0, t1, t2, t3, t4, t5, t6)                                                   \
  A(offset) ROW(t0, t1, t2, t3, t4, t5, t6, "(%[b])") REDUCE(t0, t1, t2, t3, t4, t5, t6)
#define STEP2(offset, t0, t1, t2, t3, t4, t5, t6)                                                  \
  A(offset) ROW(t0, t1, t2, t3, t4, t5, t6, "(%[b])")                                              \
  C(offset) ROW(t0, t1, t2, t3, t4, t5, t6, "(%[d])")                                              \
  REDUCE(t0, t1, t2, t3, t4, t5, t6)

// After a step t0 is zero: it is the highest word of the next.
#define STEPS(STEP)                                                                                \
  STEP("0", "%[t0]", "%[t1]", "%[t2]", "%[t3]", "%[t4]", "%[t5]", "%[t6]")                         \
  STEP("8", "%[t1]", "%[t2]", "%[t3]", "%[t4]", "%[t5]", "%[t6]", "%[t0]")                         \
  STEP("16", "%[t2]", "%[t3]", "%[t4]", "%[t5]", "%[t6]", "%[t0]", "%[t1]")                        \
  STEP("24", "%[t3]", "%[t4]", "%[t5]", "%[t6]", "%[t0]", "%[t1]", "%[t2]")                        \
  STEP("32", "%[t4]", "%[t5]", "%[t6]", "%[t0]", "%[t1]", "%[t2]", "%[t3]")                        \
  STEP("40", "%[t5]", "%[t6]", "%[t0]", "%[t1]", "%[t2]", "%[t3]", "%[t4]")

#define WORDS                                                                                      \
  [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [t4] "+&r"(t4),                  \
      [t5] "+&r"(t5), [t6] "+&r"(t6)

#define PRODUCT(STEP, ...)                                                                         \
  uint64_t t0 = 0, t1 = 0, t2 = 0, t3 = 0, t4 = 0, t5 = 0, t6 = 0;                                 \
  __asm__ __volatile__(STEPS(STEP)                                                                 \
                       : WORDS                                                                     \
                       : [p] "m"(P), [inverse] "m"(P_INVERSE), __VA_ARGS__                         \
                       : "rax", "rcx", "rdx", "cc", "memory");                                     \
  t[0] = t6, t[1] = t0, t[2] = t1, t[3] = t2, t[4] = t3, t[5] = t4

/// (a b) / 2^384 modulo p, below 2p if a b is below 2^384 p.
static inline void raw_product(uint64_t *t, const uint64_t *a, const uint64_t *b) {
  PRODUCT(STEP, [a] "r"(a), [b] "r"(b));
}

/// (a b + c d) / 2^384 modulo p, below 2p if a b + c d is below 2^384 p.
static inline void raw_product2(uint64_t *t, const uint64_t *a, const uint64_t *b,
                                const uint64_t *c, const uint64_t *d) {
  PRODUCT(STEP2, [a] "r"(a), [b] "r"(b), [c] "m"(c), [d] "r"(d));
}
