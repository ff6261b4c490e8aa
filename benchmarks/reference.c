/* One sweep over a plan (detente/solve/quantal/layout.py), W draws abreast: the yardstick for the compiled kernel.
   Backwards every strategy by the logit response, forwards every unknown. No masks. Built by reference.py.

   It is what C can do by hand: vectors of 32 bytes (GNU C), restrict, exp and log of its own without branches, and
   sums held in registers. exp and log are within 2e-15 of the value where the sweep needs them: exp of what is not
   positive, 0 below -708; log of what is at least 1. */
#include <stdint.h>

#define W 16
#define PARTS (W / 4)
#define EACH _Pragma("GCC unroll 4") for (int j = 0; j < PARTS; j++)
#define INLINE static inline __attribute__((always_inline))
typedef int64_t i64;
typedef double lane[W];
typedef double quad __attribute__((vector_size(32), aligned(8)));
typedef i64 quads __attribute__((vector_size(32), aligned(8)));
typedef struct { quad part[PARTS]; } wide;

typedef struct {
    i64 items, players, histories, unknowns;
    const i64 *item, *owner, *member_start, *action_start, *member_row, *member_child, *unknown;
    const i64 *chance_row, *chance_child, *chance_size, *chance_edge, *edge, *child_row;
    const unsigned char *wanted;
    const i64 *above, *step, *plus, *minus;
} plan;

INLINE wide load(const double *from) { wide x; EACH x.part[j] = ((const quad *)from)[j]; return x; }
INLINE void store(double *to, wide x) { EACH ((quad *)to)[j] = x.part[j]; }
INLINE quad same(double x) { return (quad){x, x, x, x}; }
INLINE wide all(double value) { wide x; EACH x.part[j] = same(value); return x; }
INLINE wide add(wide x, wide y) { EACH x.part[j] += y.part[j]; return x; }
INLINE wide less(wide x, wide y) { EACH x.part[j] -= y.part[j]; return x; }
INLINE wide times(wide x, wide y) { EACH x.part[j] *= y.part[j]; return x; }
INLINE wide over(wide x, wide y) { EACH x.part[j] /= y.part[j]; return x; }
INLINE wide plus(wide sum, wide x, wide y) { EACH sum.part[j] += x.part[j] * y.part[j]; return sum; }
INLINE quad choose(quads mask, quad yes, quad no) { return (quad)(((quads)yes & mask) | ((quads)no & ~mask)); }
INLINE wide most(wide x, wide y) { EACH x.part[j] = choose(x.part[j] > y.part[j], x.part[j], y.part[j]); return x; }

/* exp(x) = 2^k exp(r), |r| <= log(2) / 2: Cody and Waite's reduction, then Taylor's series to r^13. */
INLINE quad exponential(quad x)
{
    const quad low = same(-708.0), shift = same(0x1.8p52); /* adding it rounds to whole numbers, kept in the low bits */
    quads there = x >= low;
    x = choose(there, x, low);
    quad moved = x * 0x1.71547652b82fep0 + shift, k = moved - shift;
    quad r = x - k * 0x1.62e42feep-1 - k * 0x1.a39ef35793c76p-33;
    quad p = r * (1. / 6227020800) + 1. / 479001600;
    p = p * r + 1. / 39916800; p = p * r + 1. / 3628800; p = p * r + 1. / 362880; p = p * r + 1. / 40320;
    p = p * r + 1. / 5040; p = p * r + 1. / 720; p = p * r + 1. / 120; p = p * r + 1. / 24;
    p = p * r + 1. / 6; p = p * r + 1. / 2; p = p * r + 1; p = p * r + 1;
    return (quad)((quads)(p * (quad)(((quads)moved + 1023) << 52)) & there);
}

/* log(x) = k log(2) + 2 atanh(s), s = (m - 1) / (m + 1), m = x / 2^k between the root of a half and that of two. */
INLINE quad logarithm(quad x)
{
    quads k = ((quads)x - 0x3fe6a09e667f3bcd) >> 52;
    quad m = (quad)((quads)x - (k << 52)), s = (m - 1.0) / (m + 1.0), q = s * s, p = q * (1. / 21) + 1. / 19;
    p = p * q + 1. / 17; p = p * q + 1. / 15; p = p * q + 1. / 13; p = p * q + 1. / 11; p = p * q + 1. / 9;
    p = p * q + 1. / 7; p = p * q + 1. / 5; p = p * q + 1. / 3; p = p * q + 1;
    return 2.0 * s * p + __builtin_convertvector(k, quad) * 0x1.62e42fefa39efp-1;
}

INLINE wide exponentials(wide x) { EACH x.part[j] = exponential(x.part[j]); return x; }
INLINE wide logarithms(wide x) { EACH x.part[j] = logarithm(x.part[j]); return x; }

INLINE void lottery(const plan *restrict p, i64 c, lane *restrict value, const lane *restrict chance)
{
    i64 row = p->chance_row[c];
    for (i64 q = 0; q < p->players; q++) {
        if (!p->wanted[row * p->players + q]) continue;
        wide sum = all(0);
        for (i64 k = 0; k < p->chance_size[c]; k++)
            sum = plus(sum, load(chance[p->edge[(p->chance_edge[c] + k) * p->players + q]]),
                       load(value[p->child_row[p->chance_child[c] + k] * p->players + q]));
        store(value[row * p->players + q], sum);
    }
}

INLINE void respond(const plan *restrict p, i64 h, wide t, const lane *restrict y, lane *restrict value,
                    const lane *restrict offset, lane *restrict belief, lane *restrict strategy, lane *restrict logs)
{
    i64 who = p->owner[h], a0 = p->action_start[h], a1 = p->action_start[h + 1], players = p->players;
    i64 m0 = p->member_start[h], m1 = p->member_start[h + 1];
    wide top = all(0), total = all(0);
    if (m1 - m0 > 1) {
        for (i64 m = m0; m < m1; m++) {
            wide weight = load(offset[m]);
            if (p->unknown[m] >= 0) weight = add(weight, load(y[p->unknown[m]]));
            store(belief[m], weight);
            top = most(top, weight);
        }
        for (i64 m = m0; m < m1; m++) {
            wide weight = exponentials(less(load(belief[m]), top));
            store(belief[m], weight);
            total = add(total, weight);
        }
        total = over(all(1), total);
    }
    top = all(-1e300);
    for (i64 a = a0; a < a1; a++) {
        wide pay = all(0);
        for (i64 m = m0; m < m1; m++) {
            wide below = load(value[p->child_row[p->member_child[m] + a - a0] * players + who]);
            pay = m1 - m0 > 1 ? plus(pay, load(belief[m]), below) : below;
        }
        if (m1 - m0 > 1) pay = times(pay, total);
        store(logs[a], pay);
        top = most(top, pay);
    }
    total = all(0);
    for (i64 a = a0; a < a1; a++) {
        wide behind = times(t, less(load(logs[a]), top)), odds = exponentials(behind);
        store(logs[a], behind);
        store(strategy[a], odds);
        total = add(total, odds);
    }
    wide norm = logarithms(total), share = over(all(1), total);
    for (i64 a = a0; a < a1; a++) {
        store(logs[a], less(load(logs[a]), norm));
        store(strategy[a], times(load(strategy[a]), share));
    }
    for (i64 m = m0; m < m1; m++)
        for (i64 q = 0; q < players; q++) {
            if (!p->wanted[p->member_row[m] * players + q]) continue;
            wide sum = all(0);
            for (i64 a = a0; a < a1; a++)
                sum = plus(sum, load(strategy[a]), load(value[p->child_row[p->member_child[m] + a - a0] * players + q]));
            store(value[p->member_row[m] * players + q], sum);
        }
}

void sweep(const plan *restrict p, const double *restrict t, const lane *restrict y, lane *restrict y_next,
           lane *restrict value, const lane *restrict chance, const lane *restrict offset, lane *restrict belief,
           lane *restrict strategy, lane *restrict logs, lane *restrict reach, i64 often)
{
    wide precision = load(t);
    while (often--) {
        for (i64 i = p->items - 1; i >= 0; i--)
            if (p->item[i] < 0) lottery(p, -1 - p->item[i], value, chance);
            else respond(p, p->item[i], precision, y, value, offset, belief, strategy, logs);
        for (i64 r = 0; r < p->histories; r++)
            store(reach[r + 1], add(load(reach[p->above[r]]), load(logs[p->step[r]])));
        for (i64 b = 0; b < p->unknowns; b++)
            store(y_next[b], less(load(reach[p->plus[b]]), load(reach[p->minus[b]])));
    }
}
