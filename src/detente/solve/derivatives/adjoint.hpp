// Reverse-mode derivatives of the sweep of a quantal solver, LANES draws at a time.
//
// A sweep goes from the endings to the root for the strategies and then along the histories for the unknowns. `pull`
// goes through it the other way: from derivatives of anything by the log-strategies to derivatives by the unknowns, the
// payoffs, the probabilities of chance and the log-odds that chance alone gives to members. What no derivative reaches
// is left out, which the structure of the game alone decides; lanes never mix.
#pragma once

#include "../quantal/sweep.hpp"

namespace {
namespace adjoint {

INLINE void more(const Vector &x, const Lanes &to, Index i) { put(at(to, i) + x, to, i); }
INLINE void more(const Vector &x, const Lanes &to, Index i, Index j) { put(at(to, i, j) + x, to, i, j); }

// Derivatives by what a sweep reads and computes. Letters as in layout.Plan.
struct Pull {
  Lanes value;        // [rows, P]
  uint8_t *hot;       // [rows] whether a derivative has come to the row
  Lanes log_strategy; // [A]; where `pull` has passed, by the logits
  uint8_t *lit;       // [A] whether a derivative has come to the action
  Lanes reach;        // [R]
  Lanes chance;       // [K]
  Lanes offset;       // [M]
  Lanes y;            // [B]

  Pull(const Plan &plan, const Numbers &numbers, Arena &arena)
      : value(arena.lanes(plan.rows(), plan.players())), hot(arena.array<uint8_t>(plan.rows())),
        log_strategy(arena.lanes(plan.actions())), lit(arena.array<uint8_t>(plan.actions())),
        reach(arena.lanes(plan.step.size[0] + 1)), chance(arena.lanes(numbers.chance.size[0])),
        offset(arena.lanes(plan.members())), y(arena.lanes(plan.unknowns())) {}

  // Forget all derivatives.
  void clear() const {
    memset(hot, 0, value.size[0]);
    memset(lit, 0, log_strategy.size[0]);
    log_strategy.clear(), chance.clear(), offset.clear(), y.clear();
  }

  // Make a row ready to be added to.
  void warm(Index row) const {
    if (!hot[row]) value[row].clear();
    hot[row] = true;
  }
};

// Through what each player expects at a chance node, or at a guessed one.
INLINE void pull_expected(const Plan &plan, const Sweep &s, const Pull &d, Index c, bool deep) {
  const Index first_inner = plan.first_inner(), guessed = plan.chance_guess(c);
  Index row = plan.chance_row(c), edge = plan.chance_edge(c), child = plan.chance_child(c);
  if (!d.hot[row]) return;
  for (Index k = 0; k < plan.chance_size(c); k++) {
    Index below = plan.child_row(child + k);
    if (guessed >= 0 && k > 0) { // what is guessed of a cut set depends on unknowns
      Index b = plan.guess(guessed + k);
      Vector likely = at(s.chance, plan.edge(edge + k, 0));
      for (Index q = 0; q < plan.players(); q++)
        if (plan.wanted(row, q))
          more(likely * (at(s.value, below, q) - at(s.value, row, q)) * at(d.value, row, q), d.y, b);
    }
    if (below < first_inner && !deep) continue;
    d.warm(below);
    for (Index q = 0; q < plan.players(); q++) {
      if (!plan.wanted(row, q)) continue;
      Index probability = plan.edge(edge + k, q);
      Vector here = at(d.value, row, q);
      more(at(s.chance, probability) * here, d.value, below, q);
      if (deep && guessed < 0) more(at(s.value, below, q) * here, d.chance, probability);
    }
  }
}

// Through what all expect at the members of an information set, its logit response, and what its owner expects of
// moves.
INLINE void pull_response(const Plan &plan, const Sweep &s, const Pull &d, Index h, bool deep) {
  const Index first_inner = plan.first_inner();
  const bool masked = s.open.size[0] > 0;
  Index p = plan.owner(h), a0 = plan.action_start(h), a1 = plan.action_start(h + 1);
  Index m0 = plan.member_start(h), m1 = plan.member_start(h + 1);
  bool reached = false;
  for (Index a = a0; a < a1; a++) reached |= d.lit[a];
  for (Index m = m0; m < m1; m++) reached |= d.hot[plan.member_row(m)];
  if (!reached) return;
  for (Index m = m0; m < m1; m++) {
    Index row = plan.member_row(m), first = plan.member_child(m) - a0;
    if (!d.hot[row]) continue;
    for (Index a = a0; a < a1; a++) {
      Index below = plan.child_row(first + a);
      bool deeper = below >= first_inner || deep;
      Vector chosen = at(s.strategy, a), total = at(d.log_strategy, a);
      if (deeper) d.warm(below);
      for (Index q = 0; q < plan.players(); q++) {
        if (!plan.wanted(row, q)) continue;
        Vector here = at(d.value, row, q);
        total += chosen * at(s.value, below, q) * here;
        if (deeper) more(chosen * here, d.value, below, q);
      }
      put(total, d.log_strategy, a);
    }
  }
  Vector total = all_lanes(0.0);
  for (Index a = a0; a < a1; a++) {
    if (masked) put(at(d.log_strategy, a) * at(s.open, a), d.log_strategy, a);
    total += at(d.log_strategy, a);
  }
  for (Index a = a0; a < a1; a++)
    put(at(d.log_strategy, a) - at(s.strategy, a) * total, d.log_strategy, a);
  if (m1 - m0 == 1) {
    for (Index a = a0; a < a1; a++) {
      Index below = plan.child_row(plan.member_child(m0) + a - a0);
      if (below < first_inner && !deep) continue;
      d.warm(below);
      more(at(d.log_strategy, a), d.value, below, p);
    }
    return;
  }
  Vector mean = all_lanes(0.0);
  for (Index a = a0; a < a1; a++) mean += at(d.log_strategy, a) * at(s.pay, a);
  for (Index m = m0; m < m1; m++) {
    Vector paid = all_lanes(0.0), belief = at(s.belief, m);
    for (Index a = a0; a < a1; a++) {
      Index below = plan.child_row(plan.member_child(m) + a - a0);
      paid += at(d.log_strategy, a) * at(s.value, below, p);
      if (below < first_inner && !deep) continue;
      d.warm(below);
      more(belief * at(d.log_strategy, a), d.value, below, p);
    }
    Vector odds = belief * (paid - mean);
    Index b = plan.unknown(m);
    if (b >= 0) more(odds, d.y, b);
    if (deep) put(odds, d.offset, m);
  }
}

// From derivatives by log-strategies, in `d`, to those by the unknowns; if `deep`, by all numbers of the game. `s` is
// as a sweep at t = 1 has left it.
void pull(const Plan &plan, const Sweep &s, const Pull &d, bool deep) {
  for (Index i = 0; i < plan.items.size[0]; i++) {
    Index h = plan.items(i);
    if (h < 0)
      pull_expected(plan, s, d, -1 - h, deep);
    else
      pull_response(plan, s, d, h, deep);
  }
}

// Give the log-reach of one history the derivative `weight`, in all lanes.
void walk(const Plan &plan, const Pull &d, Index history, double weight) {
  for (; history > 0; history = plan.above(history - 1)) {
    Index a = plan.step(history - 1);
    d.lit[a] = true;
    more(all_lanes(weight), d.log_strategy, a);
  }
}

// Add the derivatives `by` [B] by the unknowns that a sweep leads to.
void follow(const Plan &plan, const Pull &d, const Lanes &by) {
  d.reach.clear();
  for (Index b = 0; b < plan.unknowns(); b++) {
    more(at(by, b), d.reach, plan.plus(b));
    put(at(d.reach, plan.minus(b)) - at(by, b), d.reach, plan.minus(b));
  }
  for (Index r = plan.step.size[0] - 1; r >= 0; r--) {
    Index a = plan.step(r);
    Vector here = at(d.reach, r + 1);
    d.lit[a] = true;
    more(here, d.reach, plan.above(r));
    more(here, d.log_strategy, a);
  }
}

// Start from derivatives `by` [m, A, n] of the k-th reading by the behaviour of the draws from `first` on.
void seed(const Sweep &s, const Pull &d, const Numbered &by, Index k, Index first, int count) {
  d.clear();
  for (Index a = 0; a < by.size[1]; a++)
    for (int w = 0; w < count; w++) {
      double slope = by(k, a, first + w);
      d.log_strategy(a)[w] = slope * s.strategy(a)[w];
      d.lit[a] |= slope != 0.0;
    }
}

} // namespace adjoint
} // namespace
