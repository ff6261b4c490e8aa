// Tracing the principal branch by arclength with many draws abreast (stage B).
//
// Points of the branch are x = (y, t) with F(x) = y - G(y, t) = 0, where G is what a sweep does to the unknowns. A step
// goes along the tangent, bent as the last two tangents tell, and is corrected by Newton's method in the hyperplane
// across it, so that the branch may turn back in t (Allgower & Georg 1990; Turocy 2005, 2010). Its linear systems are
// solved by GMRES (krylov.hpp), so that no matrix is formed. The sign of the determinant of the Jacobian, bordered by
// the tangent, does not change along a branch unless another crosses it: a step that changes it has jumped, and is
// refused. Only if that happens however short the step is, has it met a crossing (a fork, as symmetric games have), and
// goes straight on. What is equal by symmetry is kept equal on the way. A fork that is not quite symmetric looks like
// one from afar but is none: the branch bends, within about the asymmetry to the power of 2/3. So that neither a
// rounding error nor what the corrector leaves is taken for such an asymmetry, points are corrected as far as rounding
// allows from the first step on that was refused for its sign. Elsewhere they need not be exact, but for those that are
// asked for.
//
// Each lane has a draw of its own and takes the next when it is done; lanes never mix.
#pragma once

#include "krylov.hpp"

namespace {

// kernels.Stride, field by field.
struct Stride {
  double tolerance, loose, still, blind, budget, first, longest, share, shortest, aim, straight, corrections;
  double far, close, fork, rounding, alike, exact, polish, clear, newton, along, fine, sure;
};

// kernels.Twins, field by field.
struct Twins {
  Indices unknowns; // [B, n] or [B, 0]
  Indices moves;    // [A, n] or [A, 0]
};

// kernels.Traced, field by field: what is found for n draws at T targets.
struct Traced {
  Array<double> t, y;                 // [T, n], [T, B, n]
  Array<int64_t> cost, folds, forks;  // [n]
};

// What is asked for, and what is known of each lane: vectors in the space of unknowns and t [B + 1], and numbers.
struct Trace {
  const Numbers &numbers;
  const Numbered &targets;
  const Stride &stride;
  const Twins &twins;
  const Traced &found;
  const Sweep &s;
  Index n, n_targets;
  Lanes x;
  Lanes here;    // the last point found
  Lanes tangent; // there
  Lanes before;  // the tangent at the point before
  Lanes ahead;   // the tangent at x
  Lanes step;
  Lanes right;
  Lanes border;
  Lanes y_next;                    // [B]
  const Numbered &generic;         // [B + 1] a vector with a share in every direction
  double within[LANES] = {};
  double length[LANES] = {};       // of the next step
  double tried[LANES] = {};        // length of the step to x
  double gap[LANES] = {};          // length of the step to `here`, 0 if there was none
  double first[LANES] = {};        // length of the first correction of x
  double last[LANES] = {};         // length of the last one
  double miss[LANES] = {};         // the residual before it
  double orientation[LANES] = {};  // sign of the determinant, 0 before it is known
  Index draw[LANES];               // -1 for an idle lane
  Index target[LANES] = {};
  Index corrections[LANES] = {};
  Index polish[LANES] = {};        // further corrections that points are given,
  Index polished[LANES] = {};      // and that x was
  Index passed[LANES] = {};        // forks that lie well behind
  Index taken[LANES] = {};
  bool landing[LANES] = {};
  bool settled[LANES] = {};
  bool exact[LANES] = {};          // points are to be found exactly, not loosely
  bool closing[LANES] = {};        // given up: the last point is made exact
  enum Phase { CORRECT, TANGENT, SIGN } phase[LANES] = {}; // what a lane asks of its linear system
  enum Outcome { UNDECIDED, REFUSED, ACCEPTED };           // of the step to x

  Trace(const Plan &plan, const Numbers &numbers, const Numbered &targets, const Stride &stride, const Twins &twins,
        const Numbered &generic, const Traced &found, const Sweep &s, Arena &arena)
      : numbers(numbers), targets(targets), stride(stride), twins(twins), found(found), s(s), n(plan.unknowns()),
        n_targets(targets.size[0]), x(arena.lanes(n + 1)), here(arena.lanes(n + 1)), tangent(arena.lanes(n + 1)),
        before(arena.lanes(n + 1)), ahead(arena.lanes(n + 1)), step(arena.lanes(n + 1)), right(arena.lanes(n + 1)),
        border(arena.lanes(n + 1)), y_next(arena.lanes(n)), generic(generic) {
    for (Index &j : draw) j = -1;
  }

  // t at the target that lane w seeks.
  double goal(int w) const { return targets(target[w]) * numbers.scale(draw[w]); }

  // Whether lane w has not found its first point yet.
  bool fresh(int w) const { return orientation[w] == 0.0; }

  // Put draw j on lane w: from t = 0, or on from the point that is known for the last target.
  void begin(int w, Index j, bool anew) {
    s.take(numbers, w, j);
    draw[w] = j, target[w] = 0;
    if (!anew)
      while (target[w] < n_targets && found.t(target[w], j) >= goal(w)) target[w]++;
    for (Index b = 0; b < n; b++) x(b)[w] = anew ? 0.0 : found.y(n_targets - 1, b, j);
    x(n)[w] = anew ? 0.0 : found.t(n_targets - 1, j);
    copy(x, here, w);
    for (Index b = 0; b < n; b++) tangent(b)[w] = 0.0;
    tangent(n)[w] = 1.0;
    length[w] = tried[w] = stride.first, gap[w] = 0.0;
    phase[w] = CORRECT, orientation[w] = 0.0;
    corrections[w] = polish[w] = polished[w] = taken[w] = 0, passed[w] = found.forks(j);
    landing[w] = settled[w] = exact[w] = closing[w] = false;
  }

  // Choose the linear system of lane w, after a sweep at its x: a correction if the point is not found yet.
  void ask(int w) {
    if (phase[w] == CORRECT && near_enough(w)) phase[w] = TANGENT;
    copy(tangent, border, w);
    if (phase[w] == CORRECT) {
      right(n)[w] = 0.0;
      if (landing[w]) {
        for (Index b = 0; b < n; b++) border(b)[w] = 0.0;
        border(n)[w] = 1.0;
      }
      within[w] = exact[w] || corrections[w] > 1 ? stride.fine : stride.newton;
    } else if (phase[w] == TANGENT) {
      for (Index b = 0; b < n; b++) right(b)[w] = 0.0;
      right(n)[w] = 1.0;
      within[w] = exact[w] ? stride.fine : stride.along;
    } else {
      for (Index i = 0; i <= n; i++) right(i)[w] = generic(i);
      within[w] = stride.sure;
    }
  }

  // Whether x counts as found and was polished; its residual goes into `right`.
  bool near_enough(int w) {
    double error = 0.0;
    for (Index b = 0; b < n; b++) {
      double off = y_next(b)[w] - x(b)[w];
      right(b)[w] = off;
      error = off == off ? most_of(error, std::fabs(off)) : INFINITE;
    }
    double tight = allowed(x(n)[w], stride.tolerance);
    if (!(landing[w] || closing[w] || fresh(w) || exact[w])) {
      bool shrinks = corrections[w] > 0 && last[w] * error <= stride.loose * miss[w];
      tight = most_of(tight, shrinks ? stride.loose : stride.blind);
      if (corrections[w] > 0 && last[w] <= stride.still) tight = most_of(tight, stride.loose / stride.newton);
    }
    miss[w] = error;
    if (!(error <= tight || (settled[w] && error < stride.close))) return false;
    if (polished[w] >= polish[w]) return true;
    polished[w]++;
    return false;
  }

  // Go on with what was solved for; whether the draw is done.
  bool move(int w, double sign, Index products) {
    taken[w] += 1 + products;
    if (target[w] == n_targets) return true;
    if (closing[w]) return close(w);
    const bool began = fresh(w), was_exact = exact[w];
    Outcome outcome = phase[w] == CORRECT ? correct(w) : phase[w] == TANGENT ? turn(w) : judge(w, sign);
    if (outcome == REFUSED) {
      if (began) return true;
      shorten(w);
    }
    if (target[w] == n_targets) return true;
    if (taken[w] >= stride.budget || length[w] <= stride.shortest || !(x(n)[w] > -1.0)) {
      closing[w] = true, landing[w] = false, phase[w] = CORRECT, corrections[w] = 0;
      copy(here, x, w);
    } else if (outcome != UNDECIDED) {
      predict(w);
      if (exact[w] && !was_exact) stay(w);
    }
    return false;
  }

  // Lane w is done with its draw: what it has not reached holds the last point found.
  void end(int w) {
    const Index j = draw[w];
    found.cost(j) += taken[w];
    for (Index k = target[w]; k < n_targets; k++) enter(w, k, here);
    draw[w] = -1;
    for (Index i = 0; i <= n; i++) x(i)[w] = 0.0;
  }

private:
  void enter(int w, Index k, const Lanes &point) const {
    found.t(k, draw[w]) = point(n)[w];
    for (Index b = 0; b < n; b++) found.y(k, b, draw[w]) = point(b)[w];
  }

  double step_length(int w) const {
    double size = 0.0;
    for (Index i = 0; i <= n; i++) size += step(i)[w] * step(i)[w];
    return std::sqrt(size);
  }

  // Make the last point exact; whether that is done.
  bool close(int w) {
    if (phase[w] != CORRECT || corrections[w] > stride.corrections) {
      copy(x, here, w);
      return true;
    }
    for (Index i = 0; i <= n; i++) x(i)[w] += step(i)[w];
    corrections[w]++;
    return false;
  }

  // Correct x by the step that was solved for.
  Outcome correct(int w) {
    Outcome outcome = add_step(w) ? UNDECIDED : REFUSED;
    match(x, w);
    return outcome;
  }

  // Add the step to x, unless the point is given up instead.
  bool add_step(int w) {
    const double size = step_length(w);
    if (!(size < 1e30)) return false;
    if (fresh(w)) {
      if (corrections[w] >= 4 * stride.corrections) return false;
    } else {
      double limit = corrections[w] == 0 ? least_of(0.6 * tried[w], stride.far) : 0.7 * last[w];
      if (!(tried[w] > 0.0)) limit = INFINITE;
      if (corrections[w] - polished[w] >= stride.corrections || (size > limit && size > stride.close)) return false;
    }
    if (corrections[w] == 0) first[w] = size;
    last[w] = size;
    corrections[w]++;
    settled[w] = size <= stride.rounding * most_of(10.0, x(n)[w]);
    for (Index i = 0; i <= n; i++) x(i)[w] += step(i)[w];
    if (landing[w]) x(n)[w] = goal(w);
    return true;
  }

  // Take the tangent that was solved for, unless it turns too sharply or twins were torn apart.
  Outcome turn(int w) {
    match(step, w);
    if (torn(w, exact[w] ? stride.exact : stride.alike)) {
      polish[w] = (Index)stride.polish;
      if (!fresh(w)) return REFUSED;
    }
    const double size = step_length(w);
    double straight = 0.0;
    for (Index i = 0; i <= n; i++) straight += step(i)[w] * tangent(i)[w];
    const double least = tried[w] > 0.0 ? stride.straight : 0.1; // else the last point found better
    if (!(size < 1e30) || (!fresh(w) && !(straight >= least * size))) return REFUSED;
    for (Index i = 0; i <= n; i++) ahead(i)[w] = step(i)[w] / size;
    phase[w] = SIGN;
    return UNDECIDED;
  }

  // Whether x is the next point of the branch, as the sign of the determinant tells.
  Outcome judge(int w, double sign) {
    const bool flipped = !fresh(w) && sign != orientation[w];
    if (flipped && tried[w] > stride.fork * most_of(1.0, here(n)[w])) {
      polish[w] = (Index)stride.polish;
      return REFUSED;
    }
    if (sign == 0.0) return REFUSED;
    if (!fresh(w) && overshot(w)) return UNDECIDED;
    Array<int64_t> forks = found.forks;
    const Index j = draw[w];
    const bool first_point = fresh(w);
    forks(j) += flipped;
    found.folds(j) += !first_point && ahead(n)[w] * tangent(n)[w] < 0.0;
    orientation[w] = sign;
    if (forks(j) > passed[w] && tried[w] > stride.clear) polish[w] = 0, passed[w] = forks(j);
    exact[w] &= polish[w] > 0 || tried[w] < 10.0 * stride.clear;
    advance(w, first_point);
    if (landing[w] || first_point)
      for (; target[w] < n_targets && x(n)[w] >= goal(w); target[w]++) enter(w, target[w], x);
    return ACCEPTED;
  }

  // If x lies beyond the target, go back there; whether it did.
  bool overshot(int w) {
    const double goal = this->goal(w);
    if (landing[w] || !(here(n)[w] < goal && goal <= x(n)[w])) return false;
    double share = (goal - here(n)[w]) / (x(n)[w] - here(n)[w]);
    for (Index i = 0; i <= n; i++) x(i)[w] = here(i)[w] + share * (x(i)[w] - here(i)[w]);
    x(n)[w] = goal;
    phase[w] = CORRECT, landing[w] = true, settled[w] = false;
    corrections[w] = polished[w] = 0;
    tried[w] *= share;
    return true;
  }

  // x is the next point of the branch: stand there, and choose the length of the next step.
  void advance(int w, bool first_point) {
    double distance = 0.0;
    for (Index i = 0; i <= n; i++) {
      double moved = x(i)[w] - here(i)[w];
      distance += moved * moved;
    }
    copy(tangent, before, w);
    copy(ahead, tangent, w);
    copy(x, here, w);
    if (!first_point && tried[w] > 0.0) {
      gap[w] = std::sqrt(distance);
      double factor = 2.0;
      if (corrections[w] > 0)
        factor = least_of(2.0, most_of(0.5, std::pow(stride.aim / most_of(first[w], 1e-30), 1.0 / 3.0)));
      if (corrections[w] - polished[w] > 4) factor = least_of(factor, 0.6);
      double longer = factor * tried[w];
      length[w] = landing[w] ? most_of(length[w], longer) : longer;
    }
    length[w] = least_of(length[w], most_of(stride.longest, stride.share * x(n)[w]));
  }

  // The step was refused: the next is shorter, and points are found exactly where a fork may be near.
  void shorten(int w) {
    length[w] = 0.4 * (tried[w] > 0.0 ? least_of(length[w], tried[w]) : length[w]);
    exact[w] |= polish[w] > 0 || length[w] < stride.clear;
  }

  // Go one step ahead of the last point, and land on the target if that is within reach.
  void predict(int w) {
    const double goal = this->goal(w), rise = tangent(n)[w];
    corrections[w] = polished[w] = 0;
    phase[w] = CORRECT, settled[w] = false;
    landing[w] = rise > 0.0 && here(n)[w] + length[w] * rise >= goal;
    tried[w] = landing[w] ? (goal - here(n)[w]) / rise : length[w];
    double bend = gap[w] > 0.1 * tried[w] ? 0.5 * (tried[w] * tried[w]) / gap[w] : 0.0;
    for (Index i = 0; i <= n; i++)
      x(i)[w] = here(i)[w] + tried[w] * tangent(i)[w] + bend * (tangent(i)[w] - before(i)[w]);
    if (landing[w]) x(n)[w] = goal;
  }

  // Seek the last point again, so that it and its tangent are found as exactly as is now asked for.
  void stay(int w) {
    landing[w] = false, gap[w] = 0.0, tried[w] = 0.0;
    copy(here, x, w);
  }

  // Make twins in lane w alike.
  void match(const Lanes &point, int w) const {
    const Index j = draw[w];
    if (j >= twins.unknowns.size[1]) return;
    for (Index b = 0; b < n; b++) {
      Index r = twins.unknowns(b, j);
      point(b)[w] = r > 0 ? point(r - 1)[w] : r < 0 ? -point(-1 - r)[w] : 0.0;
    }
  }

  // Whether moves in lane w that have the same probability all along the branch are apart, in log-odds.
  bool torn(int w, double within) const {
    const Index j = draw[w];
    if (j >= twins.moves.size[1]) return false;
    double apart = 0.0;
    for (Index a = 0; a < twins.moves.size[0]; a++)
      apart = most_of(apart, std::fabs(s.log_strategy(a)[w] - s.log_strategy(twins.moves(a, j))[w]));
    return apart > within;
  }
};

// Trace the branch of some draws to the targets.
void trace(const Plan &plan, const Indices &draws, bool anew, const Slopes &d, BorderedSystem &system, Trace &c) {
  Index following = 0;
  while (true) {
    bool busy = false;
    for (int w = 0; w < LANES; w++) {
      if (c.draw[w] < 0 && following < draws.size[0]) c.begin(w, draws(following++), anew);
      busy |= c.draw[w] >= 0;
    }
    if (!busy) return;
    sweep(plan, c.s, c.x(c.n), c.x, c.y_next);
    for (int w = 0; w < LANES; w++) {
      if (c.draw[w] >= 0)
        c.ask(w);
      else
        c.within[w] = 1.0;
    }
    system.solve(plan, c.s, d, c.x(c.n), c.border, c.right, c.within, c.step);
    for (int w = 0; w < LANES; w++)
      if (c.draw[w] >= 0 && c.move(w, system.sign[w], system.taken[w])) c.end(w);
  }
}

} // namespace
