// What Python calls of the kernels of quantal response; kernels.py says what each takes and returns.
#include "arclength.hpp"
#include "climb.hpp"

ENTRY(climb)(const Plan *plan, const Numbers *numbers, const Numbered *targets, const Settings *settings,
             const Indices *order, const Numbered *near, const Points *found) {
  Arena arena;
  Sweep s(*plan, *numbers, arena);
  Climb c(plan->unknowns(), arena);
  if (arena.exhausted) return 1;
  climb(*plan, *numbers, *targets, *settings, *order, *near, *found, s, c);
  return 0;
}

ENTRY(trace)(const Plan *plan, const Numbers *numbers, const Numbered *targets, const Stride *stride,
             const Indices *draws, Index anew, const Twins *twins, const Numbered *generic, const Traced *found) {
  Arena arena;
  Sweep s(*plan, *numbers, arena);
  Slopes d(*plan, arena);
  BorderedSystem system(plan->unknowns(), arena);
  Trace c(*plan, *numbers, *targets, *stride, *twins, *generic, *found, s, arena);
  if (arena.exhausted) return 1;
  trace(*plan, *draws, anew, d, system, c);
  return 0;
}

ENTRY(crossed)(const Plan *plan, const Numbers *numbers, const Indices *draws, const Numbered *t, const Numbered *y,
               const Numbered *generic, double sure, const Array<uint8_t> *beyond) {
  Arena arena;
  crossed(*plan, *numbers, *draws, *t, *y, *generic, sure, *beyond, arena);
  return arena.exhausted;
}

ENTRY(sweeps)(const Plan *plan, const Numbers *numbers, const Indices *draws, const Numbered *t, Index times,
              const Array<double> *y, const Array<double> *behaviour) {
  Arena arena;
  Sweep s(*plan, *numbers, arena);
  Lanes here = arena.lanes(plan->unknowns()), there = arena.lanes(plan->unknowns());
  if (arena.exhausted) return 1;
  double sharp[LANES] = {};
  for (Index first = 0; first < draws->size[0]; first += LANES) {
    const int count = (int)least_of<Index>(LANES, draws->size[0] - first);
    for (int w = 0; w < count; w++) {
      s.take(*numbers, w, (*draws)(first + w));
      sharp[w] = (*t)(first + w);
      for (Index b = 0; b < plan->unknowns(); b++) here(b)[w] = (*y)(b, first + w);
    }
    for (Index k = 0; k < times; k++) {
      sweep(*plan, s, sharp, here, there);
      Lanes next = there;
      there = here, here = next;
    }
    for (int w = 0; w < count; w++) {
      for (Index b = 0; b < plan->unknowns(); b++) (*y)(b, first + w) = here(b)[w];
      for (Index a = 0; a < plan->actions(); a++) (*behaviour)(a, first + w) = s.strategy(a)[w];
    }
  }
  return 0;
}

ENTRY(jacobian)(const Plan *plan, const Numbers *numbers, Index draw, double t, const Numbered *y, double sharp,
                const Array<double> *matrix) {
  Arena arena;
  Sweep s(*plan, *numbers, arena);
  Slopes d(*plan, arena);
  const Index n = plan->unknowns();
  Lanes here = arena.lanes(n), there = arena.lanes(n), direction = arena.lanes(n + 1);
  if (arena.exhausted) return 1;
  double at_t[LANES], weaker[LANES];
  for (int w = 0; w < LANES; w++) {
    s.take(*numbers, w, draw);
    at_t[w] = t, weaker[w] = sharp;
    for (Index b = 0; b < n; b++) here(b)[w] = (*y)(b);
  }
  sweep(*plan, s, at_t, here, there);
  for (Index first = 0; first < n; first += LANES) {
    const int count = (int)least_of<Index>(LANES, n - first);
    direction.clear();
    for (int w = 0; w < count; w++) direction(first + w)[w] = 1.0;
    slope(*plan, s, d, weaker, direction, there);
    for (int w = 0; w < count; w++)
      for (Index b = 0; b < n; b++) (*matrix)(b, first + w) = there(b)[w];
  }
  return 0;
}
