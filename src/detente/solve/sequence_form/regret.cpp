// Sweeps of counterfactual regret minimisation in the sequence form.
//
// The tree itself is not walked. The counterfactual value of a move is the slope of its owner's payoff along the
// sequence that ends with the move, plus what the sets that follow it are worth; the slope is a sum over the cells (see
// sequences.py) in which the sequence takes part. Cells are laid out by sequence, once for each player, so that a sum
// is one run through memory. This is the same algorithm as a walk over histories, to the last regret.
#include "../compiled/lanes.hpp"

namespace {
namespace regret {

// regret.Field, field by field.
struct Field {
  Indices start, set_start, first, stop, before, entry, others;
  Numbered weight, can;

  Index players() const { return start.size[0] - 1; }
};

// regret.State, field by field.
struct State {
  Array<double> regret, strategy, plan, total, slope, worth, guess;
};

// The slopes of player p's sequences, where the players follow their plans.
void slopes(const Field &field, const double *plan, Index p, double *slope) {
  const Index width = field.others.size[1];
  const double *weight = field.weight.data;
  for (Index s = field.start(p); s < field.start(p + 1); s++) {
    const Index first = field.entry(s), last = field.entry(s + 1);
    const int64_t *other = field.others.data + first * width;
    double total = 0.0;
    if (width == 1) {
      for (Index k = first; k < last; k++, other++) total += weight[k] * plan[*other];
    } else if (width == 2) {
      for (Index k = first; k < last; k++, other += 2) total += weight[k] * plan[other[0]] * plan[other[1]];
    } else {
      for (Index k = first; k < last; k++, other += width) {
        double product = weight[k];
        for (Index q = 0; q < width; q++) product *= plan[other[q]];
        total += product;
      }
    }
    slope[s] = total;
  }
}

// Regret matching: moves in proportion to their regrets (Hart & Mas-Colell 2000).
void match(const Field &field, const State &state, Index p) {
  for (Index i = field.set_start(p); i < field.set_start(p + 1); i++) {
    double total = 0.0, count = 0.0;
    for (Index s = field.first(i); s < field.stop(i); s++) total += state.regret(s), count += field.can(s);
    for (Index s = field.first(i); s < field.stop(i); s++)
      state.strategy(s) = total > 0.0 ? state.regret(s) / total : field.can(s) / count;
  }
}

// The plan of player p's strategy, added to its sum with a weight.
void spread(const Field &field, const State &state, Index p, double weight) {
  const Index root = field.start(p);
  state.plan(root) = 1.0;
  state.total(root) += weight;
  for (Index i = field.set_start(p); i < field.set_start(p + 1); i++) {
    const double above = state.plan(field.before(i));
    for (Index s = field.first(i); s < field.stop(i); s++) {
      const double reached = above * state.strategy(s);
      state.plan(s) = reached;
      state.total(s) += weight * reached;
    }
  }
}

// Take in the slopes: regrets, and the strategy that they (and, if predictive, the prediction) lead to.
//
// The prediction is that the slopes will stay as they are (Farina, Kroer & Sandholm 2021, algorithm 3 and section 6).
void learn(const Field &field, const State &state, Index p, bool predictive) {
  double *worth = state.worth.data, *guess = state.guess.data;
  double *regret = state.regret.data, *strategy = state.strategy.data;
  for (Index s = field.start(p); s < field.start(p + 1); s++) worth[s] = guess[s] = state.slope(s);
  for (Index i = field.set_start(p + 1) - 1; i >= field.set_start(p); i--) {
    const Index first = field.first(i), stop = field.stop(i), above = field.before(i);
    double value = 0.0, before = 0.0;
    for (Index s = first; s < stop; s++) value += strategy[s] * worth[s], before += strategy[s] * guess[s];
    worth[above] += value;
    double total = 0.0, count = 0.0, after = 0.0;
    for (Index s = first; s < stop; s++) {
      regret[s] = most_of(regret[s] + worth[s] - value, 0.0) * field.can(s);
      strategy[s] = predictive ? most_of(regret[s] + guess[s] - before, 0.0) * field.can(s) : regret[s];
      total += strategy[s];
      count += field.can(s);
    }
    for (Index s = first; s < stop; s++) {
      strategy[s] = total > 0.0 ? strategy[s] / total : field.can(s) / count;
      after += strategy[s] * guess[s];
    }
    guess[above] += after;
  }
}

} // namespace regret
} // namespace

// regret.py says what each of these takes and returns.
ENTRY(regret_begin)(const regret::Field *field, const regret::State *state) {
  for (Index p = 0; p < field->players(); p++) {
    regret::match(*field, *state, p);
    regret::spread(*field, *state, p, 0.0);
  }
  return 0;
}

// In each iteration all players learn in turn from what the others now do. Plans are averaged with weights that grow
// like the number of the iteration (its square, if predictive).
ENTRY(regret_iterate)(const regret::Field *field, const regret::State *state, Index done, Index count,
                      Index predictive) {
  for (Index t = done + 1; t <= done + count; t++) {
    const double weight = predictive ? (double)t * (double)t : (double)t;
    for (Index p = 0; p < field->players(); p++) {
      regret::slopes(*field, state->plan.data, p, state->slope.data);
      regret::learn(*field, *state, p, predictive);
      regret::spread(*field, *state, p, weight);
    }
  }
  return 0;
}

ENTRY(regret_gains)(const regret::Field *field, const Numbered *plan, const Array<double> *gains) {
  Arena arena;
  const Index n = field->start(field->players());
  double *slope = arena.array<double>(n), *worth = arena.array<double>(n);
  if (arena.exhausted) return 1;
  for (Index p = 0; p < field->players(); p++) {
    double gain = 0.0;
    regret::slopes(*field, plan->data, p, slope);
    for (Index s = field->start(p); s < field->start(p + 1); s++) {
      worth[s] = slope[s];
      gain -= slope[s] * (*plan)(s);
    }
    for (Index i = field->set_start(p + 1) - 1; i >= field->set_start(p); i--) {
      double best = -INFINITE;
      for (Index s = field->first(i); s < field->stop(i); s++)
        if (field->can(s) > 0.0) best = most_of(best, worth[s]);
      worth[field->before(i)] += best;
    }
    (*gains)(p) = gain + worth[field->start(p)];
  }
  return 0;
}
