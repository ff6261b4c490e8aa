// Climbing along the principal branch with many draws abreast (stage A).
//
// Natural continuation in t: a secant predictor, and Anderson's method as corrector of the unknowns. Each lane has a
// draw, a point and a step length of its own, and takes the next draw when it is done. Nothing a lane computes depends
// on the others.
#pragma once

#include "sweep.hpp"

namespace {

constexpr Index MEMORY = 5; // most differences remembered by Anderson's method; there is no use for more than unknowns

// kernels.Settings, field by field.
struct Settings {
  double tolerance, early, loose, budget, patience, jump, bend, slack, first, grow, share, least, clip;
};

// quantal.Points, field by field: what is found for n draws at T targets.
struct Points {
  Array<double> t, y, behaviour, early; // [T, n], [T, B, n], [T, A, n], [A, n]
  Array<int64_t> cost;                  // [n]
};

// What the climb knows of each lane: unknowns [B] and numbers.
struct Climb {
  Index n, memory;
  Lanes y;
  Lanes y_next; // the unknowns that y leads to
  Lanes f;      // y_next - y
  Lanes f_before;
  Lanes step;
  Lanes y_here;   // at the last point found
  Lanes y_behind; // at the point before
  Lanes y_guess;  // predicted for the point sought
  Lanes y_sure;   // at the last point before any was refused
  Lanes df;       // [memory, B] Anderson's memory: differences of f,
  Lanes moved;    // [memory, B] differences of y, and of f with them,
  Lanes gram;     // [memory, memory] inner products of the former
  Lanes system;   // [memory, memory + 1]
  double t[LANES] = {}, t_here[LANES] = {}, t_behind[LANES] = {};
  double length[LANES] = {};   // of the step in t
  double residual[LANES] = {};
  double distance[LANES] = {}; // between y and y_guess
  double leash[LANES] = {};    // the largest distance allowed
  double shrink[LANES] = {};   // factor on the step
  double t_sure[LANES] = {};   // t there, -1 where none was refused
  double resume[LANES] = {};   // the step to go on with where what is near is refused
  bool remembers[LANES] = {};  // whether the last sweep belongs to the point sought now
  Index counts[LANES] = {};    // differences remembered that belong to it
  Index draw[LANES];           // -1 for an idle lane
  Index target[LANES] = {};
  Index tries[LANES] = {};     // sweeps for the point sought
  Index sweeps[LANES] = {};    // sweeps for the draw
  enum { UNTRIED, TRYING, TRIED } trial[LANES] = {}; // what is near

  Climb(Index n, Arena &arena)
      : n(n), memory(most_of((Index)1, least_of(MEMORY, n))), y(arena.lanes(n)), y_next(arena.lanes(n)),
        f(arena.lanes(n)), f_before(arena.lanes(n)), step(arena.lanes(n)), y_here(arena.lanes(n)),
        y_behind(arena.lanes(n)), y_guess(arena.lanes(n)), y_sure(arena.lanes(n)), df(arena.lanes(memory, n)),
        moved(arena.lanes(memory, n)), gram(arena.lanes(memory, memory)), system(arena.lanes(memory, memory + 1)) {
    for (Index &j : draw) j = -1;
  }

  // A point beyond the last one of lane w is refused.
  void refuse(int w) {
    if (t_sure[w] >= 0.0) return;
    copy(y_here, y_sure, w);
    t_sure[w] = t_here[w];
  }

  // Enter for lane w the last point before any was refused, also in place of what was found beyond it: where the climb
  // is given up, it has mostly been on another branch since then.
  void give_up(int w, const Points &found) {
    const Index j = draw[w];
    refuse(w);
    for (Index k = 0; k < found.t.size[0]; k++) {
      if (k < target[w] && found.t(k, j) <= t_sure[w]) continue;
      found.t(k, j) = t_sure[w];
      for (Index b = 0; b < n; b++) found.y(k, b, j) = y_sure(b)[w];
    }
  }
};

// Set `step` to Anderson's step for the residual f (Anderson 1965; Walker & Ni 2011), and `shrink` to the longest
// change.
//
// The past is taken in order of age, so that a lane does not notice which place of the ring it started at. What is
// older than the point sought counts as zero: to write zeros into its lane took a tenth of a climb with 54 unknowns.
void anderson(Climb &c, Index newest) {
  const Lanes &df = c.df, &gram = c.gram, &system = c.system;
  const Index memory = c.memory;
  Index place[MEMORY]; // in the ring, by age
  Vector counts[MEMORY]; // above zero where a difference so old belongs to the point sought
  for (Index age = 0; age < memory; age++) {
    place[age] = (newest - age + memory) % memory;
    double counted[LANES];
    for (int w = 0; w < LANES; w++) counted[w] = c.counts[w] > age ? 1.0 : 0.0;
    counts[age] = load(counted);
  }
  const Vector zero = all_lanes(0.0);
  for (Index age = 0; age < memory; age++) {
    Index m = place[age];
    Vector total = all_lanes(0.0), right = all_lanes(0.0);
    for (Index b = 0; b < c.n; b++) {
      Vector change = at(df, m, b);
      total += change * at(df, newest, b);
      right += change * at(c.f, b);
    }
    put(total, gram, m, newest);
    put(total, gram, newest, m);
    put(where_positive(counts[age], right, zero), system, age, memory);
  }
  Vector ridge = all_lanes(1e-30);
  for (Index age = 0; age < memory; age++) {
    Index m = place[age];
    for (Index other = 0; other < memory; other++)
      put(where_positive(counts[most_of(age, other)], at(gram, m, place[other]), zero), system, age, other);
    ridge += 1e-10 * at(system, age, age);
  }
  for (Index m = 0; m < memory; m++) put(at(system, m, m) + ridge, system, m, m);
  for (Index m = 0; m < memory; m++) // Gauss without pivots: the matrix is positive definite
    for (Index r = m + 1; r < memory; r++) {
      Vector factor = at(system, r, m) / at(system, m, m);
      for (Index k = m; k <= memory; k++) put(at(system, r, k) - factor * at(system, m, k), system, r, k);
    }
  for (Index m = memory - 1; m >= 0; m--) {
    Vector total = at(system, m, memory);
    for (Index k = m + 1; k < memory; k++) total -= at(system, m, k) * at(system, k, memory);
    put(total / at(system, m, m), system, m, memory);
  }
  Vector longest = all_lanes(0.0);
  for (Index b = 0; b < c.n; b++) {
    Vector made = at(c.f, b);
    for (Index age = 0; age < memory; age++)
      made -= where_positive(counts[age], at(system, age, memory) * at(c.moved, place[age], b), zero);
    put(made, c.step, b);
    longest = largest(longest, absolute(made));
  }
  store(longest, c.shrink);
}

// What the last sweep says of the points sought: residuals, distances from predictions, and the newest differences.
void compare(Climb &c, Index newest) {
  Vector residual = all_lanes(0.0), distance = all_lanes(0.0);
  for (Index b = 0; b < c.n; b++) {
    Vector y = at(c.y, b), f = at(c.y_next, b) - y;
    residual = largest(residual, absolute(f));
    distance = largest(distance, absolute(y - at(c.y_guess, b)));
    put(f, c.f, b);
    Vector change = f - at(c.f_before, b);
    put(change, c.df, newest, b);
    put(f, c.f_before, b);
    put(at(c.step, b) + change, c.moved, newest, b);
  }
  store(residual, c.residual);
  store(distance, c.distance);
}

// Natural continuation in t, with a secant predictor and Anderson's method as corrector, lane by lane.
//
// Draw j is wanted at t = targets[k] * scale[j] for every k, in rising order; `found` receives the points. Lanes take
// the draws in the given `order`. Where the climb is given up, t and y receive the last point before any was refused
// instead. `early` receives the behaviour at the first point after t = 0. A point is refused, and the step shortened, if it lies too far from its prediction:
// beyond a fold the corrector would land on another branch.
//
// `near` [B, n] (or [0, 0]) holds unknowns of a neighbouring game at the first target, which are tried there as a
// prediction once a first point after t = 0 is found; where that is refused, the climb goes on as if it had not been.
void climb(const Plan &plan, const Numbers &numbers, const Numbered &targets, const Settings &settings,
           const Indices &order, const Numbered &near, const Points &found, const Sweep &s, Climb &c) {
  const Index n_targets = found.t.size[0], n_draws = found.t.size[1];
  auto wanted = [&](Index k, Index j) { return targets(k) * numbers.scale(j); };
  Index following = 0, newest = 0;
  while (true) {
    bool busy = false;
    for (int w = 0; w < LANES; w++) {
      if (c.draw[w] < 0 && following < n_draws) {
        c.draw[w] = order(following++);
        s.take(numbers, w, c.draw[w]);
        c.t[w] = 0.0, c.length[w] = settings.first, c.remembers[w] = false, c.t_sure[w] = -1.0;
        c.target[w] = c.tries[w] = c.sweeps[w] = 0, c.trial[w] = Climb::UNTRIED;
      }
      busy |= c.draw[w] >= 0;
    }
    if (!busy) return;
    sweep(plan, s, c.t, c.y, c.y_next);
    newest = (newest + 1) % c.memory;
    compare(c, newest);
    for (int w = 0; w < LANES; w++)
      c.counts[w] = c.remembers[w] ? least_of(c.counts[w] + 1, c.memory) : 0;
    anderson(c, newest);
    for (int w = 0; w < LANES; w++) {
      c.shrink[w] = settings.clip / most_of(c.shrink[w], settings.clip);
      c.remembers[w] = true;
      const Index j = c.draw[w];
      if (j < 0) continue;
      c.sweeps[w]++, c.tries[w]++;
      bool arrived, lost;
      if (c.sweeps[w] == 1) { // at t = 0 every strategy is the default, whatever the beliefs
        arrived = true, lost = false;
        copy(c.y_next, c.y, w);
        copy(c.y_next, c.y_here, w);
        c.t_here[w] = -1.0;
      } else {
        bool small = c.residual[w] <= allowed(c.t[w], settings.tolerance);
        if (c.t_here[w] == 0.0)
          small &= c.residual[w] <= settings.early || c.tries[w] > 12;
        else if (c.t[w] < wanted(c.target[w], j))
          small |= c.residual[w] <= settings.loose;
        arrived = small && c.distance[w] <= c.leash[w];
        lost = small || c.tries[w] >= settings.patience || c.distance[w] > 3.0 * c.leash[w];
        if (c.sweeps[w] >= settings.budget) lost = true, c.length[w] = 0.0;
      }
      if (arrived) {
        copy(c.y_here, c.y_behind, w);
        copy(c.y, c.y_here, w);
        if (c.t_here[w] == 0.0)
          for (Index a = 0; a < plan.actions(); a++) found.early(a, j) = s.strategy(a)[w];
        c.t_behind[w] = c.t_here[w], c.t_here[w] = c.t[w];
        for (Index &k = c.target[w]; k < n_targets && c.t[w] >= wanted(k, j); k++) {
          found.t(k, j) = c.t[w];
          for (Index b = 0; b < c.n; b++) found.y(k, b, j) = c.y(b)[w];
          for (Index a = 0; a < plan.actions(); a++) found.behaviour(k, a, j) = s.strategy(a)[w];
        }
        if (c.tries[w] <= 8)
          c.length[w] *= settings.grow;
        else if (c.tries[w] > 16)
          c.length[w] *= 0.7;
        c.length[w] = least_of(c.length[w], most_of(settings.share * c.t[w], settings.first));
      } else if (lost && c.trial[w] == Climb::TRYING) {
        c.length[w] = c.resume[w];
      } else if (lost) {
        c.refuse(w);
        c.length[w] = 0.35 * least_of(c.length[w], c.t[w] - c.t_here[w]);
      } else {
        continue;
      }
      c.tries[w] = 0, c.remembers[w] = false, c.shrink[w] = 0.0;
      if (c.target[w] == n_targets || c.length[w] < settings.least * most_of(c.t_here[w], settings.first)) {
        if (c.target[w] < n_targets) c.give_up(w, found);
        found.cost(j) = c.sweeps[w];
        c.draw[w] = -1, c.t[w] = 0.0;
        continue;
      }
      if (near.size[0] > 0 && c.trial[w] == Climb::UNTRIED && c.t_here[w] > 0.0) {
        c.resume[w] = c.length[w];
        c.trial[w] = Climb::TRYING, c.t[w] = wanted(c.target[w], j), c.leash[w] = settings.jump;
        for (Index b = 0; b < c.n; b++) c.y_guess(b)[w] = c.y(b)[w] = near(b, j);
        continue;
      }
      if (c.trial[w] == Climb::TRYING) c.trial[w] = Climb::TRIED;
      c.t[w] = least_of(c.t_here[w] + c.length[w], wanted(c.target[w], j));
      double forward = (c.t[w] - c.t_here[w]) / (c.t_here[w] - c.t_behind[w]), leash = 0.0;
      for (Index b = 0; b < c.n; b++) {
        double here = c.y_here(b)[w], guess = here + forward * (here - c.y_behind(b)[w]);
        c.y_guess(b)[w] = c.y(b)[w] = guess;
        leash = most_of(leash, std::fabs(guess - here));
      }
      c.leash[w] = least_of(settings.jump, settings.slack + settings.bend * leash);
    }
    Vector shrink = load(c.shrink);
    for (Index b = 0; b < c.n; b++) {
      Vector step = at(c.step, b) * shrink;
      put(step, c.step, b);
      put(at(c.y, b) + step, c.y, b);
    }
  }
}

} // namespace
