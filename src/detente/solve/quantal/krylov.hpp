// Linear systems in the Jacobian of the branch, LANES draws at a time, without ever forming it.
//
// The derivative of G, which a sweep is, has few eigenvalues that matter: beliefs answer to beliefs through few
// channels. GMRES (Saad & Schultz 1986) therefore needs a handful of products with it, where a factorisation would cost
// the cube of the number of unknowns. Its Hessenberg matrix also tells the sign of the determinant, since eigenvalues
// far from the rest are the first that it finds.
#pragma once

#include "slope.hpp"

namespace {

INLINE Vector inner_product(const Lanes &x, const Lanes &y) {
  Vector total = all_lanes(0.0);
  for (Index i = 0; i < x.size[0]; i++) total += at(x, i) * at(y, i);
  return total;
}

// GMRES for the bordered Jacobian of each lane: scratch, and what it tells of the last system that was solved.
struct BorderedSystem {
  static constexpr Index DEPTH = 60; // most products for a system
  static constexpr double TINY = 1e-290;

  Index n, depth;
  Lanes basis;  // [depth + 1, B + 1]
  Lanes along;  // [B]
  Lanes upper;  // [depth + 1, depth] Hessenberg matrix, turned upper triangular as it grows
  Lanes cosine; // [depth]
  Lanes sine;   // [depth]
  Lanes rest;   // [depth + 1] the right-hand side in the basis, turned with it
  double size[LANES] = {};
  double goal[LANES] = {}; // the residual to be reached
  double sign[LANES] = {}; // the sign of the determinant, as far as the basis tells
  Index taken[LANES] = {}; // products spent

  BorderedSystem(Index n, Arena &arena)
      : n(n), depth(least_of(DEPTH, n + 1)), basis(arena.lanes(depth + 1, n + 1)), along(arena.lanes(n)),
        upper(arena.lanes(depth + 1, depth)), cosine(arena.lanes(depth)), sine(arena.lanes(depth)),
        rest(arena.lanes(depth + 1)) {}

  // Solve A x = right [B + 1] for A = [I - dG/dy, -dG/dt; border [B + 1]] in each lane.
  //
  // The residual is brought below `within` of its right-hand side, or as far as DEPTH products go; lanes with `within`
  // of 1 or more are left alone. `s` holds a sweep at t. Afterwards `sign` is the sign of det A and `taken` what was
  // spent. A lane's results do not depend on the others.
  void solve(const Plan &plan, const Sweep &s, const Slopes &d, const double *t, const Lanes &border,
             const Lanes &right, const double *within, const Lanes &x) {
    start(right, within);
    for (Index j = 0; j < depth; j++) {
      bool busy = false;
      for (int w = 0; w < LANES; w++) busy |= unsolved(w, j);
      if (!busy) break;
      extend(plan, s, d, j, t, border);
      rotate(j);
    }
    for (int w = 0; w < LANES; w++) substitute(w);
    combine(x);
  }

private:
  // Whether lane w needs more than its first j products.
  bool unsolved(int w, Index j) const { return taken[w] == j && std::fabs(rest(j)[w]) > goal[w]; }

  // to = size * from
  void scale(const Lanes &from, const Lanes &to) const {
    const Vector factor = load(size);
    for (Index i = 0; i < to.size[0]; i++) put(at(from, i) * factor, to, i);
  }

  // The first vector of the basis is the right-hand side.
  void start(const Lanes &right, const double *within) {
    store(inner_product(right, right), size);
    for (int w = 0; w < LANES; w++) {
      sign[w] = 1.0, taken[w] = 0;
      double length = std::sqrt(size[w]);
      rest(0)[w] = length;
      goal[w] = within[w] * length;
      size[w] = length > TINY ? 1.0 / length : 0.0;
    }
    scale(right, basis[0]);
  }

  // The next vector of the basis: the product of A with vector j, less its shares in those before.
  void extend(const Plan &plan, const Sweep &s, const Slopes &d, Index j, const double *t, const Lanes &border) {
    const Lanes last = basis[j], product = basis[j + 1], moved = along;
    const Index n = this->n;
    slope(plan, s, d, t, last, moved);
    for (Index i = 0; i < n; i++) put(at(last, i) - at(moved, i), product, i);
    put(inner_product(border, last), product, n);
    for (Index m = 0; m <= j; m++) {
      const Lanes before = basis[m];
      Vector share = inner_product(before, product);
      put(share, upper, m, j);
      for (Index i = 0; i <= n; i++) put(at(product, i) - share * at(before, i), product, i);
    }
    store(inner_product(product, product), size);
    for (int w = 0; w < LANES; w++) {
      double length = std::sqrt(size[w]);
      upper(j + 1, j)[w] = length;
      size[w] = length > 1e-13 ? 1.0 / length : 0.0;
    }
    scale(product, product);
  }

  // Turn column j of the Hessenberg matrix, and the right-hand side, so that nothing is left below the diagonal.
  void rotate(Index j) {
    for (Index m = 0; m < j; m++) {
      Vector above = at(upper, m, j), below = at(upper, m + 1, j);
      put(at(cosine, m) * above + at(sine, m) * below, upper, m, j);
      put(at(cosine, m) * below - at(sine, m) * above, upper, m + 1, j);
    }
    for (int w = 0; w < LANES; w++) {
      double pivot = upper(j, j)[w], lower = upper(j + 1, j)[w];
      double length = std::sqrt(pivot * pivot + lower * lower), inverse = length > TINY ? 1.0 / length : 0.0;
      cosine(j)[w] = pivot * inverse, sine(j)[w] = lower * inverse;
      upper(j, j)[w] = length;
      if (unsolved(w, j)) {
        taken[w] = j + 1;
        // Rotations do not change it, and all earlier pivots are positive.
        sign[w] = pivot > 0.0 ? 1.0 : pivot < 0.0 ? -1.0 : pivot;
      }
      rest(j + 1)[w] = -sine(j)[w] * rest(j)[w];
      rest(j)[w] *= cosine(j)[w];
    }
  }

  // Solve the triangular system of lane w: the weights of the vectors of the basis, into `rest`.
  void substitute(int w) {
    for (Index j = taken[w] - 1; j >= 0; j--) {
      double weight = rest(j)[w];
      for (Index m = j + 1; m < taken[w]; m++) weight -= upper(j, m)[w] * rest(m)[w];
      rest(j)[w] = upper(j, j)[w] > TINY ? weight / upper(j, j)[w] : 0.0;
    }
  }

  // x is the sum of the vectors of the basis with these weights.
  void combine(const Lanes &x) {
    x.clear();
    for (Index j = 0; j < depth; j++) {
      bool busy = false;
      for (int w = 0; w < LANES; w++) {
        busy |= j < taken[w];
        size[w] = j < taken[w] ? rest(j)[w] : 0.0;
      }
      if (!busy) break;
      const Lanes vector = basis[j];
      const Vector weight = load(size);
      for (Index i = 0; i <= n; i++) put(at(x, i) + weight * at(vector, i), x, i);
    }
  }
};

// Whether one of the points y [T, B, n] at t [T, n] of each of some draws lies beyond a fork, or on another branch.
//
// The determinant of the derivative of F by y is 1 at t = 0. Wherever the branch rises it is positive, however often it
// turned before, unless it went straight through a fork.
void crossed(const Plan &plan, const Numbers &numbers, const Indices &draws, const Numbered &t, const Numbered &y,
             const Numbered &generic, double sure, const Array<uint8_t> &beyond, Arena &arena) {
  const Index n = plan.unknowns();
  Sweep s(plan, numbers, arena);
  Slopes d(plan, arena);
  BorderedSystem system(n, arena);
  Lanes x = arena.lanes(n), y_next = arena.lanes(n);
  Lanes border = arena.lanes(n + 1), right = arena.lanes(n + 1), solution = arena.lanes(n + 1);
  if (arena.exhausted) return;
  put(1.0, border, n);
  for (Index i = 0; i <= n; i++) put(generic(i), right, i);
  double sharp[LANES] = {}, within[LANES];
  for (Index first = 0; first < draws.size[0]; first += LANES) {
    const int count = (int)least_of<Index>(LANES, draws.size[0] - first);
    for (int w = 0; w < LANES; w++) within[w] = w < count ? sure : 1.0;
    for (int w = 0; w < count; w++) s.take(numbers, w, draws(first + w)), beyond(first + w) = false;
    for (Index k = 0; k < t.size[0]; k++) {
      for (int w = 0; w < count; w++) {
        sharp[w] = t(k, draws(first + w));
        for (Index b = 0; b < n; b++) x(b)[w] = y(k, b, draws(first + w));
      }
      sweep(plan, s, sharp, x, y_next);
      system.solve(plan, s, d, sharp, border, right, within, solution);
      for (int w = 0; w < count; w++) beyond(first + w) |= system.sign[w] <= 0.0;
    }
  }
}

} // namespace
