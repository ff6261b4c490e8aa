// Sweeps over a Plan (see layout.py), LANES draws at a time.
//
// The draws lie innermost, so that one vector instruction serves several of them. Lanes never mix: whatever a lane
// computes depends on its own draw alone, to the last bit, and not on its neighbours, its place or the time it starts.
#pragma once

#include "../compiled/lanes.hpp"

namespace {

constexpr double NEVER = -1e30;                      // stands in for the value of a move that cannot be made
constexpr double LOG_ZERO = -690.7755278982137;      // layout.LOG_ZERO

// layout.Plan, field by field.
struct Plan {
  Indices items, owner, member_start, action_start, member_row, member_child, unknown;
  Indices chance_row, chance_child, chance_size, chance_edge, chance_guess, guess, edge, child_row;
  Flags wanted;
  Indices above, step, plus, minus;

  Index rows() const { return wanted.size[0]; }
  Index players() const { return wanted.size[1]; }
  Index actions() const { return action_start(action_start.size[0] - 1); }
  Index members() const { return unknown.size[0]; }
  Index unknowns() const { return plus.size[0]; }
  Index first_inner() const { return rows() - member_row.size[0] - chance_row.size[0]; } // rows below hold payoffs
};

// layout.Numbers, field by field.
struct Numbers {
  Numbered payoffs, chance, offset;
  Flags available;
  Numbered scale, log_default;
};

// What a sweep reads and leaves behind. Letters as in layout.Plan.
struct Sweep {
  Lanes value;        // [rows, P] what each player expects
  Lanes chance;       // [K]
  Lanes offset;       // [M] log-odds of members by chance alone
  Lanes open;         // [A] 1 where a move can be made, else 0; [0] if all always can
  Lanes log_default;  // [A]; [0] where all moves are alike
  Lanes belief;       // [M] in sets of several members
  Lanes pay;          // [A] what its owner expects from a move
  Lanes strategy;     // [A]
  Lanes log_strategy; // [A]
  Lanes reach;        // [R] strategy log-reach of histories

  Sweep(const Plan &plan, const Numbers &numbers, Arena &arena)
      : value(arena.lanes(plan.rows(), plan.players())), chance(arena.lanes(numbers.chance.size[0])),
        offset(arena.lanes(plan.members())), open(arena.lanes(numbers.available.size[0])),
        log_default(arena.lanes(numbers.log_default.size[0])), belief(arena.lanes(plan.members())), pay(arena.lanes(plan.actions())), strategy(arena.lanes(plan.actions())),
        log_strategy(arena.lanes(plan.actions())), reach(arena.lanes(plan.step.size[0] + 1)) {}

  // Put draw j on lane w.
  void take(const Numbers &numbers, int w, Index j) const {
    const Numbered &payoffs = numbers.payoffs;
    for (Index s = 0; s < payoffs.size[0]; s++)
      for (Index p = 0; p < payoffs.size[1]; p++) value(s, p)[w] = payoffs(s, p, j);
    for (Index c = 0; c < numbers.chance.size[0]; c++) chance(c)[w] = numbers.chance(c, j);
    for (Index m = 0; m < numbers.offset.size[0]; m++) offset(m)[w] = numbers.offset(m, j);
    for (Index a = 0; a < numbers.available.size[0]; a++) open(a)[w] = numbers.available(a, j);
    for (Index a = 0; a < numbers.log_default.size[0]; a++) log_default(a)[w] = numbers.log_default(a, j);
  }
};

// What is done at a member of a cut set, as those above it guess from the unknowns: into the rows of `chance`.
INLINE void guess(const Plan &plan, const Sweep &s, Index c, const Lanes &y) {
  Index g = plan.chance_guess(c), row = plan.edge(plan.chance_edge(c), 0), size = plan.chance_size(c);
  Vector highest = all_lanes(0.0), total = all_lanes(1e-300);
  for (Index k = 1; k < size; k++) highest = largest(highest, at(y, plan.guess(g + k)));
  for (Index k = 0; k < size; k++) {
    Vector odds = k > 0 ? exp(at(y, plan.guess(g + k)) - highest) : exp(-highest);
    put(odds, s.chance, row + k);
    total += odds;
  }
  for (Index k = 0; k < size; k++) put(at(s.chance, row + k) / total, s.chance, row + k);
}

// What each player expects at a chance node, or at a guessed one.
INLINE void expect(const Plan &plan, const Sweep &s, Index c, const Lanes &y) {
  Index row = plan.chance_row(c), edge = plan.chance_edge(c), child = plan.chance_child(c);
  if (plan.chance_guess(c) >= 0) guess(plan, s, c, y);
  for (Index q = 0; q < plan.players(); q++) {
    if (!plan.wanted(row, q)) continue;
    Vector expected = all_lanes(0.0);
    for (Index k = 0; k < plan.chance_size(c); k++)
      expected += at(s.chance, plan.edge(edge + k, q)) * at(s.value, plan.child_row(child + k), q);
    put(expected, s.value, row, q);
  }
}

// Beliefs at an information set of several members, from the unknowns.
INLINE void believe(const Plan &plan, const Sweep &s, Index m0, Index m1, const Lanes &y) {
  Vector highest = all_lanes(0.0), total = all_lanes(0.0);
  for (Index m = m0; m < m1; m++) {
    Vector odds = at(s.offset, m);
    Index b = plan.unknown(m);
    if (b >= 0) odds += at(y, b);
    put(odds, s.belief, m);
    highest = largest(highest, odds);
  }
  for (Index m = m0; m < m1; m++) {
    Vector likely = exp(at(s.belief, m) - highest);
    put(likely, s.belief, m);
    total += likely;
  }
  total = 1.0 / total;
  for (Index m = m0; m < m1; m++) put(at(s.belief, m) * total, s.belief, m);
}

// Logits at an information set with a default, less the largest of them, into `log_strategy`; `top` is the best pay.
INLINE void lean(const Sweep &s, Index a0, Index a1, const Vector &sharp, const Vector &top) {
  const bool masked = s.open.size[0] > 0;
  Vector highest = all_lanes(NEVER);
  for (Index a = a0; a < a1; a++) {
    Vector logit = sharp * (at(s.pay, a) - top) + at(s.log_default, a);
    put(logit, s.log_strategy, a);
    if (masked) logit = where_positive(at(s.open, a), logit, all_lanes(NEVER));
    highest = largest(highest, logit);
  }
  for (Index a = a0; a < a1; a++) put(at(s.log_strategy, a) - highest, s.log_strategy, a);
}

// What the owner of an information set expects from its moves, the logit response, and what all expect there.
INLINE void respond(const Plan &plan, const Sweep &s, Index h, const Vector &sharp, const Lanes &y) {
  Index p = plan.owner(h), a0 = plan.action_start(h), a1 = plan.action_start(h + 1);
  Index m0 = plan.member_start(h), m1 = plan.member_start(h + 1);
  const bool masked = s.open.size[0] > 0, weighed = s.log_default.size[0] > 0;
  Vector top = all_lanes(NEVER);
  if (m1 - m0 > 1) believe(plan, s, m0, m1, y);
  for (Index a = a0; a < a1; a++) {
    Vector paid;
    if (m1 - m0 == 1) {
      paid = at(s.value, plan.child_row(plan.member_child(m0) + a - a0), p);
    } else {
      paid = all_lanes(0.0);
      for (Index m = m0; m < m1; m++)
        paid += at(s.belief, m) * at(s.value, plan.child_row(plan.member_child(m) + a - a0), p);
    }
    if (masked) paid = where_positive(at(s.open, a), paid, all_lanes(NEVER));
    put(paid, s.pay, a);
    top = largest(top, paid);
  }
  if (weighed) lean(s, a0, a1, sharp, top);
  Vector total = all_lanes(0.0);
  for (Index a = a0; a < a1; a++) {
    Vector logit = weighed ? at(s.log_strategy, a) : sharp * (at(s.pay, a) - top), odds = exp(logit);
    if (masked) odds *= at(s.open, a);
    put(logit, s.log_strategy, a);
    put(odds, s.strategy, a);
    total += odds;
  }
  top = log(total), total = 1.0 / total;
  for (Index a = a0; a < a1; a++) {
    Vector logit = at(s.log_strategy, a) - top;
    if (masked) logit = where_positive(at(s.open, a), logit, all_lanes(LOG_ZERO));
    put(logit, s.log_strategy, a);
    put(at(s.strategy, a) * total, s.strategy, a);
  }
  for (Index m = m0; m < m1; m++) {
    Index row = plan.member_row(m), first = plan.member_child(m) - a0;
    for (Index q = 0; q < plan.players(); q++) {
      if (!plan.wanted(row, q)) continue;
      Vector expected = all_lanes(0.0);
      for (Index a = a0; a < a1; a++) expected += at(s.strategy, a) * at(s.value, plan.child_row(first + a), q);
      put(expected, s.value, row, q);
    }
  }
}

// From unknowns y [B] at t: all strategies by one backward sweep, all unknowns y_next [B] by one forward.
// The fixed points y = y_next are the logit agent quantal response equilibria (McKelvey & Palfrey 1998).
void sweep(const Plan &plan, const Sweep &s, const double *t, const Lanes &y, const Lanes &y_next) {
  Vector sharp = load(t);
  for (Index i = plan.items.size[0] - 1; i >= 0; i--) {
    Index h = plan.items(i);
    if (h < 0)
      expect(plan, s, -1 - h, y);
    else
      respond(plan, s, h, sharp, y);
  }
  for (Index r = 0; r < plan.step.size[0]; r++)
    put(at(s.reach, plan.above(r)) + at(s.log_strategy, plan.step(r)), s.reach, r + 1);
  for (Index b = 0; b < plan.unknowns(); b++) put(at(s.reach, plan.plus(b)) - at(s.reach, plan.minus(b)), y_next, b);
}

// The error in unknowns that moves no probability by more than `tolerance`, or what rounding makes of it.
//
// A belief moves by a quarter of an error in its log-odds at most, and so do a payoff (they span 1) and, t times as
// much and in turn by a quarter, a probability; of which half is allowed for what errors do to one another.
INLINE double allowed(double t, double tolerance) {
  double steep = most_of(1.0, 0.125 * t);
  return most_of(tolerance / steep, 4e-16 * t * steep);
}

} // namespace
