// Walks over a tree that put a certificate to behaviour, LANES draws at a time.
//
// The draws lie innermost, so that one vector instruction serves several of them; what a lane computes depends on its
// own draw alone. What is computed is said in certify.py. It is kept apart from the sweeps of the solvers, and shares
// nothing with them but vectors' sums and products: exponentials and logarithms are those of the standard library.
#include "../compiled/lanes.hpp"

namespace {
namespace certificate {

// audit.Walk, field by field.
struct Walk {
  Indices row, step;
  Flags mine;
  Indices inner, inner_above, first, size, terminals, terminal_above;
  Indices owner, member_start, member, action_start, own, sets, sets_start, before;

  Index players() const { return step.size[1]; }
  Index inners() const { return inner.size[0]; }
  Index infosets() const { return owner.size[0]; }
};

// audit.Numbers, field by field.
struct Numbers {
  Numbered payoffs, chance, precision;
  Flags available;
  Numbered behaviour, log_step, spread, log_default;
};

// The numbers of LANES draws, and what is made of them. Letters as in audit.Walk.
struct Draws {
  Lanes worth;     // [S + I, P] what each player expects
  Lanes step;      // [A + K]
  Lanes log_step;  // [A + K]
  Lanes open;      // [A] 1 where a move can be made, else 0
  Lanes precision; // [P]
  Lanes limited;   // [P] 1 where precision is finite, else 0
  Lanes spread;    // [P]
  Lanes preferred; // [A] logarithms of the default; [0] if there is none
  Lanes reach;     // [I]
  Lanes log_reach; // [M] of members, in their owners' eyes
  Lanes pay;       // [A] what the owner of a move expects from it
  Lanes logit;     // [A] logarithm of the response, where a move is there
  Lanes best;      // [A + 1] of a player: what its last move leads to at most, first of all no move

  Draws(const Walk &walk, const Numbers &numbers, Arena &arena)
      : worth(arena.lanes(numbers.payoffs.size[0] + walk.inners(), walk.players())),
        step(arena.lanes(numbers.log_step.size[0])), log_step(arena.lanes(numbers.log_step.size[0])),
        open(arena.lanes(numbers.behaviour.size[0])), precision(arena.lanes(walk.players())),
        limited(arena.lanes(walk.players())), spread(arena.lanes(walk.players())), preferred(arena.lanes(numbers.log_default.size[0])),
        reach(arena.lanes(most_of<Index>(walk.inners(), 1))),
        log_reach(arena.lanes(walk.member.size[0])), pay(arena.lanes(numbers.behaviour.size[0])),
        logit(arena.lanes(numbers.behaviour.size[0])), best(arena.lanes(numbers.behaviour.size[0] + 1)) {}
};

// Put the draws from `first` on the lanes; the last draw also on those that are left over.
void take(const Numbers &numbers, Index first, const Draws &d) {
  const Index n = numbers.behaviour.size[1], n_actions = numbers.behaviour.size[0];
  const int last = (int)least_of<Index>(LANES, n - first) - 1;
  auto put_rows = [&](const Numbered &from, double *to) {
    const double *here = from.data + first, *end = from.data + from.size[0] * from.size[1] * from.size[2];
    for (; here < end; here += n, to += LANES) {
      if (last == LANES - 1)
        store(load(here), to);
      else
        for (int w = 0; w < LANES; w++) to[w] = here[least_of(w, last)];
    }
  };
  put_rows(numbers.payoffs, d.worth.data);
  put_rows(numbers.behaviour, d.step.data);
  put_rows(numbers.chance, d.step(n_actions));
  put_rows(numbers.log_step, d.log_step.data);
  put_rows(numbers.precision, d.precision.data);
  put_rows(numbers.spread, d.spread.data);
  put_rows(numbers.log_default, d.preferred.data);
  for (Index p = 0; p < d.precision.size[0]; p++)
    for (int w = 0; w < LANES; w++) d.limited(p)[w] = d.precision(p)[w] < INFINITE;
  const bool masked = numbers.available.size[0] > 0;
  for (Index a = 0; a < n_actions; a++)
    for (int w = 0; w < LANES; w++) d.open(a)[w] = !masked || numbers.available(a, first + least_of(w, last));
}

INLINE Vector exponential(const Vector &x) {
  double each[LANES];
  store(x, each);
  for (double &number : each) number = std::exp(number);
  return load(each);
}

INLINE Vector logarithm(const Vector &x) {
  double each[LANES];
  store(x, each);
  for (double &number : each) number = std::log(number);
  return load(each);
}

// The largest of some numbers [A] of moves that can be made.
INLINE Vector best_open(const Draws &d, const Lanes &worth, Index a0, Index a1) {
  const Vector never = all_lanes(-INFINITE);
  Vector top = never;
  for (Index a = a0; a < a1; a++) top = largest(where_positive(at(d.open, a), at(worth, a), never), top);
  return top;
}

// What each player expects at each inner node.
void expect(const Walk &walk, const Draws &d) {
  for (Index i = walk.inners() - 1; i >= 0; i--) {
    const Index here = walk.row(walk.inner(i)), first = walk.first(i), last = first + walk.size(i);
    for (Index p = 0; p < walk.players(); p++) {
      Vector total = all_lanes(0.0);
      for (Index x = first; x < last; x++) total += at(d.step, walk.step(x, p)) * at(d.worth, walk.row(x), p);
      put(total, d.worth, here, p);
    }
  }
}

// Bayes' beliefs at a set given that it is reached, by logarithms: from those of its members' reach, in their place.
void believe(const Draws &d, Index m0, Index m1) {
  if (m1 == m0 + 1) return put(1.0, d.log_reach, m0);
  Vector top = at(d.log_reach, m0), total = all_lanes(0.0);
  for (Index m = m0 + 1; m < m1; m++) top = largest(at(d.log_reach, m), top);
  for (Index m = m0; m < m1; m++) {
    Vector likely = exponential(at(d.log_reach, m) - top);
    put(likely, d.log_reach, m);
    total += likely;
  }
  for (Index m = m0; m < m1; m++) put(at(d.log_reach, m) / total, d.log_reach, m);
}

// What the owner of a set expects from each move, given that the set is reached.
void pay(const Walk &walk, const Draws &d) {
  for (Index p = 0; p < walk.players(); p++) {
    put(0.0, d.reach, 0);
    for (Index i = 1; i < walk.inners(); i++)
      put(at(d.reach, walk.inner_above(i)) + at(d.log_step, walk.step(walk.inner(i), p)), d.reach, i);
    for (Index h = 0; h < walk.infosets(); h++)
      if (walk.owner(h) == p)
        for (Index m = walk.member_start(h); m < walk.member_start(h + 1); m++)
          put(at(d.reach, walk.member(m)), d.log_reach, m);
  }
  for (Index h = 0; h < walk.infosets(); h++) {
    const Index p = walk.owner(h), m0 = walk.member_start(h), m1 = walk.member_start(h + 1);
    const Index a0 = walk.action_start(h), a1 = walk.action_start(h + 1);
    believe(d, m0, m1);
    for (Index a = a0; a < a1; a++) {
      Vector paid = all_lanes(0.0);
      for (Index m = m0; m < m1; m++)
        paid += at(d.log_reach, m) * at(d.worth, walk.row(walk.first(walk.member(m)) + a - a0), p);
      put(paid, d.pay, a);
    }
  }
}

// How far each move is behind the best one, in place of what it pays, and the logarithm of the logit response, to which
// each move comes with its default.
void respond(const Walk &walk, const Draws &d) {
  const Vector none = all_lanes(0.0);
  const bool weighed = d.preferred.size[0] > 0;
  for (Index h = 0; h < walk.infosets(); h++) {
    const Index p = walk.owner(h), a0 = walk.action_start(h), a1 = walk.action_start(h + 1);
    const Vector precision = at(d.precision, p), limited = at(d.limited, p);
    const Vector top = best_open(d, d.pay, a0, a1);
    Vector total = none;
    for (Index a = a0; a < a1; a++) {
      const Vector open = at(d.open, a), behind = where_positive(open, top - at(d.pay, a), none);
      const Vector logit = where_positive(limited, -precision * behind, none);
      put(behind, d.pay, a);
      put(logit, d.logit, a);
      if (!weighed) total += where_positive(open, exponential(logit), none);
    }
    if (weighed) {
      for (Index a = a0; a < a1; a++)
        put(where_positive(limited, at(d.logit, a) + at(d.preferred, a), none), d.logit, a);
      const Vector highest = best_open(d, d.logit, a0, a1);
      for (Index a = a0; a < a1; a++) {
        const Vector less = where_positive(at(d.open, a), at(d.logit, a) - highest, none);
        put(less, d.logit, a);
        total += where_positive(at(d.open, a), exponential(less), none);
      }
    }
    total = logarithm(total);
    for (Index a = a0; a < a1; a++) put(at(d.logit, a) - total, d.logit, a);
  }
}

// Give moves that are too unlikely for a number the logarithm of their logit response; false if none changes.
bool fill(const Walk &walk, const Draws &d, double tremble) {
  const double low = std::log(tremble);
  bool changed[LANES] = {}, any_changed = false;
  auto unlikely = [&](Index p, Index a, int w) {
    return d.step(a)[w] < tremble && d.open(a)[w] > 0.0 && d.limited(p)[w] > 0.0;
  };
  auto each = [&](auto work) {
    for (Index h = 0; h < walk.infosets(); h++)
      for (Index a = walk.action_start(h); a < walk.action_start(h + 1); a++)
        for (int w = 0; w < LANES; w++)
          if (unlikely(walk.owner(h), a, w)) work(a, w, least_of(d.logit(a)[w], low));
  };
  each([&](Index a, int w, double filled) {
    if (std::fabs(filled - d.log_step(a)[w]) > 1e-9 * std::fabs(filled)) changed[w] = any_changed = true;
  });
  if (any_changed)
    each([&](Index a, int w, double filled) {
      if (changed[w]) d.log_step(a)[w] = filled;
    });
  return any_changed;
}

// The largest distance between the behaviour and the response to it; what is no number stays so.
void distance(const Walk &walk, const Draws &d, double slack, double *worst) {
  auto count = [&](int w, double wrong) {
    if (wrong > worst[w] || wrong != wrong) worst[w] = wrong;
  };
  for (int w = 0; w < LANES; w++) worst[w] = 0.0;
  for (Index h = 0; h < walk.infosets(); h++) {
    const Index p = walk.owner(h);
    double total[LANES];
    for (double &x : total) x = -1.0;
    for (Index a = walk.action_start(h); a < walk.action_start(h + 1); a++)
      for (int w = 0; w < LANES; w++) {
        const double made = d.step(a)[w];
        double wrong = made;
        if (d.open(a)[w] > 0.0) {
          if (d.limited(p)[w] > 0.0)
            wrong = std::fabs(made - std::exp(d.logit(a)[w]));
          else if (!(d.pay(a)[w] > slack * d.spread(p)[w]))
            wrong = 0.0;
        }
        total[w] += made;
        count(w, wrong);
      }
    for (int w = 0; w < LANES; w++) count(w, std::fabs(total[w]));
  }
}

// The most player p can have against the others, into the first row of `best`.
void best_response(const Walk &walk, const Draws &d, Index p) {
  const Lanes after = {d.best(1), {d.best.size[0] - 1, 1, 1}};
  d.best.clear();
  put(1.0, d.reach, 0);
  for (Index i = 1; i < walk.inners(); i++) {
    const Index x = walk.inner(i);
    Vector there = at(d.reach, walk.inner_above(i));
    if (!walk.mine(x, p)) there *= at(d.step, walk.step(x, p));
    put(there, d.reach, i);
  }
  for (Index k = 0; k < walk.terminals.size[0]; k++) {
    const Index x = walk.terminals(k), own = walk.own(p, k);
    Vector there = at(d.reach, walk.terminal_above(k));
    if (!walk.mine(x, p)) there *= at(d.step, walk.step(x, p));
    put(at(d.best, own) + there * at(d.worth, walk.row(x), p), d.best, own);
  }
  for (Index k = walk.sets_start(p); k < walk.sets_start(p + 1); k++) {
    const Index h = walk.sets(k);
    const Vector most = best_open(d, after, walk.action_start(h), walk.action_start(h + 1));
    put(at(d.best, walk.before(h)) + most, d.best, walk.before(h));
  }
}

} // namespace certificate
} // namespace

// audit.audit says what it takes and returns; `depth` is the number of nodes on the longest play.
ENTRY(audit)(const certificate::Walk *walk_of, const certificate::Numbers *numbers_of, Index depth, double tremble,
             double slack, const Array<double> *residual, const Array<double> *gain, const Array<double> *value) {
  const certificate::Walk &walk = *walk_of;
  const certificate::Numbers &numbers = *numbers_of;
  Arena arena;
  certificate::Draws d(walk, numbers, arena);
  if (arena.exhausted) return 1;
  const Index n = residual->size[0];
  for (Index first = 0; first < n; first += LANES) {
    const int count = (int)least_of<Index>(LANES, n - first);
    certificate::take(numbers, first, d);
    certificate::expect(walk, d);
    for (Index k = 0; k < depth; k++) {
      certificate::pay(walk, d);
      certificate::respond(walk, d);
      if (!certificate::fill(walk, d, tremble)) break;
    }
    double worst[LANES];
    certificate::distance(walk, d, slack, worst);
    for (int w = 0; w < count; w++) (*residual)(first + w) = worst[w];
    for (Index p = 0; p < walk.players(); p++) {
      const bool forgets = walk.own(p, 0) < 0;
      if (!forgets) certificate::best_response(walk, d, p);
      for (int w = 0; w < count; w++) {
        const double expected = (*value)(p, first + w) = d.worth(walk.row(0), p)[w];
        const double more = d.best(0)[w] - expected;
        (*gain)(p, first + w) = forgets ? NAN : more < 0.0 ? 0.0 : more; // below 0 by rounding
      }
    }
  }
  return 0;
}
