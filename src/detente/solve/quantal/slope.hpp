// Derivatives of a sweep, LANES draws at a time.
//
// What a sweep computes is differentiated exactly along one direction for each lane, by the chain rule alongside the
// sweep. A product of the Jacobian with a vector costs about as much as a sweep and a half; the Jacobian itself is
// hardly ever needed.
#pragma once

#include "sweep.hpp"

namespace {

// Derivatives of what a sweep computes, in a direction of each lane. Letters as in layout.Plan.
struct Slopes {
  Lanes value;        // [inner rows, P]
  Lanes belief;       // [largest set]
  Lanes log_strategy; // [A]
  Lanes reach;        // [R]

  Slopes(const Plan &plan, Arena &arena)
      : value(arena.lanes(plan.rows() - plan.first_inner(), plan.players())), belief(arena.lanes(largest_set(plan))),
        log_strategy(arena.lanes(plan.actions())), reach(arena.lanes(plan.step.size[0] + 1)) {}

  static Index largest_set(const Plan &plan) {
    Index most = 1;
    for (Index h = 0; h < plan.owner.size[0]; h++)
      most = most_of(most, plan.member_start(h + 1) - plan.member_start(h));
    return most;
  }
};

// At a chance node, or at a guessed one.
INLINE void slope_expected(const Plan &plan, const Sweep &s, const Slopes &d, Index c, const Lanes &direction) {
  const Index first_inner = plan.first_inner(); // rows below it hold payoffs, which do not change
  Index row = plan.chance_row(c), edge = plan.chance_edge(c), child = plan.chance_child(c);
  Index guessed = plan.chance_guess(c);
  for (Index q = 0; q < plan.players(); q++) {
    if (!plan.wanted(row, q)) continue;
    Vector moved = all_lanes(0.0);
    for (Index k = 0; k < plan.chance_size(c); k++) {
      Index below = plan.child_row(child + k);
      Vector probability = at(s.chance, plan.edge(edge + k, q));
      if (below >= first_inner) moved += probability * at(d.value, below - first_inner, q);
      if (guessed >= 0 && k > 0) {
        Vector more = at(s.value, below, q) - at(s.value, row, q);
        moved += probability * at(direction, plan.guess(guessed + k)) * more;
      }
    }
    put(moved, d.value, row - first_inner, q);
  }
}

// At an information set.
INLINE void slope_response(const Plan &plan, const Sweep &s, const Slopes &d, Index h, const Vector &sharp,
                           const Lanes &direction) {
  const Index first_inner = plan.first_inner();
  const bool masked = s.open.size[0] > 0;
  Vector sharper = at(direction, plan.unknowns());
  Index p = plan.owner(h), a0 = plan.action_start(h), a1 = plan.action_start(h + 1);
  Index m0 = plan.member_start(h), m1 = plan.member_start(h + 1);
  if (m1 - m0 > 1) {
    Vector mean = all_lanes(0.0);
    for (Index m = m0; m < m1; m++) {
      Index b = plan.unknown(m);
      if (b >= 0) mean += at(s.belief, m) * at(direction, b);
    }
    for (Index m = m0; m < m1; m++) {
      Index b = plan.unknown(m);
      Vector moved = -mean;
      if (b >= 0) moved += at(direction, b);
      put(moved * at(s.belief, m), d.belief, m - m0);
    }
  }
  Vector mean = all_lanes(0.0);
  for (Index a = a0; a < a1; a++) {
    Vector paid = all_lanes(0.0);
    if (m1 - m0 == 1) {
      Index below = plan.child_row(plan.member_child(m0) + a - a0) - first_inner;
      if (below >= 0) paid = at(d.value, below, p);
    } else {
      for (Index m = m0; m < m1; m++) {
        Index row = plan.child_row(plan.member_child(m) + a - a0);
        paid += at(d.belief, m - m0) * at(s.value, row, p);
        if (row >= first_inner) paid += at(s.belief, m) * at(d.value, row - first_inner, p);
      }
    }
    Vector moved = sharp * paid + sharper * at(s.pay, a);
    if (masked) moved = where_positive(at(s.open, a), moved, all_lanes(0.0));
    put(moved, d.log_strategy, a);
    mean += at(s.strategy, a) * moved;
  }
  for (Index a = a0; a < a1; a++) {
    Vector moved = at(d.log_strategy, a) - mean;
    if (masked) moved = where_positive(at(s.open, a), moved, all_lanes(0.0));
    put(moved, d.log_strategy, a);
  }
  for (Index m = m0; m < m1; m++) {
    Index row = plan.member_row(m), first = plan.member_child(m) - a0;
    for (Index q = 0; q < plan.players(); q++) {
      if (!plan.wanted(row, q)) continue;
      Vector moved = all_lanes(0.0);
      for (Index a = a0; a < a1; a++) {
        Index below = plan.child_row(first + a);
        Vector more = at(d.log_strategy, a) * at(s.value, below, q);
        if (below >= first_inner) more += at(d.value, below - first_inner, q);
        moved += at(s.strategy, a) * more;
      }
      put(moved, d.value, row - first_inner, q);
    }
  }
}

// along [B] is the derivative of the unknowns that a sweep yields, in `direction` [B + 1]: first by the unknowns it
// starts from, last by t. `s` holds what the sweep at t left behind.
void slope(const Plan &plan, const Sweep &s, const Slopes &d, const double *t, const Lanes &direction,
           const Lanes &along) {
  Vector sharp = load(t);
  for (Index i = plan.items.size[0] - 1; i >= 0; i--) {
    Index h = plan.items(i);
    if (h < 0)
      slope_expected(plan, s, d, -1 - h, direction);
    else
      slope_response(plan, s, d, h, sharp, direction);
  }
  for (Index r = 0; r < plan.step.size[0]; r++)
    put(at(d.reach, plan.above(r)) + at(d.log_strategy, plan.step(r)), d.reach, r + 1);
  for (Index b = 0; b < plan.unknowns(); b++) put(at(d.reach, plan.plus(b)) - at(d.reach, plan.minus(b)), along, b);
}

} // namespace
