/* One sweep over a plan (see detente/solve/plan.py), W draws abreast: the yardstick for the compiled kernel.
   Backwards every strategy by the logit response, forwards every unknown. No masks. Built by reference.py. */
#include <math.h>
#include <stdint.h>

#define W 16
#define LANES for (int w = 0; w < W; w++)
typedef int64_t i64;
typedef double lane[W];

typedef struct {
    i64 items, players, histories, unknowns;
    const i64 *item, *owner, *member_start, *action_start, *member_row, *member_child, *unknown;
    const i64 *chance_row, *chance_child, *chance_size, *chance_edge, *edge, *child_row;
    const unsigned char *wanted;
    const i64 *above, *step, *plus, *minus;
} plan;

static void lottery(const plan *p, i64 c, lane *value, const lane *chance)
{
    i64 row = p->chance_row[c];
    for (i64 q = 0; q < p->players; q++) {
        if (!p->wanted[row * p->players + q]) continue;
        lane sum = {0};
        for (i64 k = 0; k < p->chance_size[c]; k++) {
            const double *odds = chance[p->edge[(p->chance_edge[c] + k) * p->players + q]];
            const double *below = value[p->child_row[p->chance_child[c] + k] * p->players + q];
            LANES sum[w] += odds[w] * below[w];
        }
        LANES value[row * p->players + q][w] = sum[w];
    }
}

static void respond(const plan *p, i64 h, const double *t, const lane *y, lane *value, const lane *offset,
                    lane *belief, lane *pay, lane *strategy, lane *logs)
{
    i64 who = p->owner[h], a0 = p->action_start[h], a1 = p->action_start[h + 1];
    i64 m0 = p->member_start[h], m1 = p->member_start[h + 1];
    lane top, total = {0};
    LANES top[w] = -1e300;
    if (m1 - m0 == 1) LANES { belief[m0][w] = 1; total[w] = 1; }
    else for (i64 m = m0; m < m1; m++) {
        const double *more = p->unknown[m] >= 0 ? y[p->unknown[m]] : 0;
        LANES belief[m][w] = offset[m][w] + (more ? more[w] : 0.0);
        LANES top[w] = belief[m][w] > top[w] ? belief[m][w] : top[w];
    }
    if (m1 - m0 > 1) for (i64 m = m0; m < m1; m++)
        LANES { belief[m][w] = exp(belief[m][w] - top[w]); total[w] += belief[m][w]; }
    for (i64 a = a0; a < a1; a++) {
        LANES pay[a][w] = 0;
        for (i64 m = m0; m < m1; m++) {
            const double *below = value[p->child_row[p->member_child[m] + a - a0] * p->players + who];
            LANES pay[a][w] += belief[m][w] * below[w];
        }
        LANES pay[a][w] /= total[w];
    }
    LANES { top[w] = pay[a0][w]; total[w] = 0; }
    for (i64 a = a0; a < a1; a++) LANES top[w] = pay[a][w] > top[w] ? pay[a][w] : top[w];
    for (i64 a = a0; a < a1; a++)
        LANES { logs[a][w] = t[w] * (pay[a][w] - top[w]); strategy[a][w] = exp(logs[a][w]); total[w] += strategy[a][w]; }
    LANES top[w] = log(total[w]);
    for (i64 a = a0; a < a1; a++) LANES { strategy[a][w] /= total[w]; logs[a][w] -= top[w]; }
    for (i64 m = m0; m < m1; m++)
        for (i64 q = 0; q < p->players; q++) {
            double *here = value[p->member_row[m] * p->players + q];
            if (!p->wanted[p->member_row[m] * p->players + q]) continue;
            lane sum = {0};
            for (i64 a = a0; a < a1; a++) {
                const double *below = value[p->child_row[p->member_child[m] + a - a0] * p->players + q];
                LANES sum[w] += strategy[a][w] * below[w];
            }
            LANES here[w] = sum[w];
        }
}

void sweep(const plan *p, const double *t, const lane *y, lane *y_next, lane *value, const lane *chance,
           const lane *offset, lane *belief, lane *pay, lane *strategy, lane *logs, lane *reach, i64 times)
{
    while (times--) {
        for (i64 i = p->items - 1; i >= 0; i--)
            if (p->item[i] < 0) lottery(p, -1 - p->item[i], value, chance);
            else respond(p, p->item[i], t, y, value, offset, belief, pay, strategy, logs);
        for (i64 r = 0; r < p->histories; r++)
            LANES reach[r + 1][w] = reach[p->above[r]][w] + logs[p->step[r]][w];
        for (i64 b = 0; b < p->unknowns; b++)
            LANES y_next[b][w] = reach[p->plus[b]][w] - reach[p->minus[b]][w];
    }
}
