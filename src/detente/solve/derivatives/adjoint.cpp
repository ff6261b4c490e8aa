// The adjoint of a fixed point: derivatives of readings through the equilibrium, LANES draws at a time.
//
// Each reading takes one linear system in the transposed Jacobian, solved with an inverse where there is one and by
// GMRES where there is none (Saad & Schultz 1986; as in quantal response its Hessenberg matrix tells the sign of the
// determinant). adjoint.py says what the functions that Python calls take and return.
#include "adjoint.hpp"

namespace {
namespace adjoint {

constexpr Index KRYLOV = 150;     // most directions of one linear system that is not solved densely
constexpr double EXACT = 1e-12;   // its residual, as a share of the right hand side, at which a lane is done
constexpr double LONGEST = 1e8;   // a solution longer than the right hand side by this factor tells of a singular system

// Draws being swept at their unknowns.
struct Swept {
  Sweep sweep;
  Pull pull;
  Lanes here, there; // [B] unknowns, and those that they lead to
  double ones[LANES];

  Swept(const Plan &plan, const Numbers &numbers, Arena &arena)
      : sweep(plan, numbers, arena), pull(plan, numbers, arena), here(arena.lanes(plan.unknowns())),
        there(arena.lanes(plan.unknowns())) {
    for (double &t : ones) t = 1.0;
  }

  // Put the draws from `first` on their lanes and sweep them at y [B, n]; how many there are.
  int take(const Plan &plan, const Numbers &numbers, const Numbered &y, Index first) {
    const int count = (int)least_of<Index>(LANES, y.size[1] - first);
    for (int w = 0; w < LANES; w++) {
      Index j = first + least_of(w, count - 1); // idle lanes repeat the last draw
      sweep.take(numbers, w, j);
      for (Index b = 0; b < plan.unknowns(); b++) here(b)[w] = y(b, j);
    }
    ::sweep(plan, sweep, ones, here, there);
    return count;
  }
};

// Scratch of GMRES.
struct Krylov {
  Index size;
  Lanes basis;     // [size + 1, B]
  Lanes triangle;  // [size, size + 1] columns of the triangular factor
  Lanes turn;      // [2, size] cosines and sines of the rotations
  Lanes right;     // [size + 1]
  double done[LANES]; // directions used, -1 as long as the lane is not done
  double norm[LANES];
  double sign[LANES]; // of the determinant, as far as the directions tell

  Krylov(Index n_unknowns, Arena &arena)
      : size(least_of(KRYLOV, n_unknowns)), basis(arena.lanes(size + 1, n_unknowns)),
        triangle(arena.lanes(size, size + 1)), turn(arena.lanes(2, size)), right(arena.lanes(size + 1)) {}
};

INLINE Vector inner(const Lanes &x, const Lanes &y) {
  Vector total = all_lanes(0.0);
  for (Index b = 0; b < x.size[0]; b++) total += at(x, b) * at(y, b);
  return total;
}

// Take the direction of column k into the triangular factor: by Givens' rotations, lane by lane.
void rotate(Krylov &c, Index k, int w, double length) {
  auto triangle = [&](Index i) -> double & { return c.triangle(k, i)[w]; };
  for (Index i = 0; i < k; i++) {
    const double cosine = c.turn(0, i)[w], sine = c.turn(1, i)[w], upper = triangle(i), lower = triangle(i + 1);
    triangle(i) = cosine * upper + sine * lower;
    triangle(i + 1) = cosine * lower - sine * upper;
  }
  const double last = triangle(k), whole = std::sqrt(last * last + length * length);
  const double cosine = whole > 0.0 ? last / whole : 1.0, sine = whole > 0.0 ? length / whole : 0.0;
  c.turn(0, k)[w] = cosine, c.turn(1, k)[w] = sine;
  triangle(k) = whole;
  c.right(k + 1)[w] = -sine * c.right(k)[w];
  c.right(k)[w] *= cosine;
  if (c.done[w] < 0.0 && whole > 0.0 && std::fabs(c.right(k + 1)[w]) <= EXACT * c.norm[w]) {
    c.done[w] = (double)(k + 1);
    c.sign[w] = cosine; // that of the pivot before it is turned; all earlier ones are positive
  }
}

// Solve (I - G_y)' x = r for the right hand side r in d.y, without restart (Saad & Schultz 1986).
//
// Every lane stops by itself: what the others go on for changes nothing in it. A lane that has found no end, a solution
// beyond all length, or a determinant that is not above zero has `c.done` below zero.
void gmres(const Plan &plan, const Sweep &s, const Pull &d, Krylov &c, int count, const Lanes &x) {
  const Index n = plan.unknowns();
  double factor[LANES];
  store(inner(d.y, d.y), c.norm);
  c.right.clear();
  for (int w = 0; w < LANES; w++) {
    c.norm[w] = std::sqrt(c.norm[w]);
    c.right(0)[w] = c.norm[w];
    c.sign[w] = 1.0;
    c.done[w] = w < count && c.norm[w] > 0.0 ? -1.0 : 0.0;
    factor[w] = c.norm[w] > 0.0 ? 1.0 / c.norm[w] : 0.0;
  }
  for (Index b = 0; b < n; b++) put(at(d.y, b) * load(factor), c.basis[0], b);
  for (Index k = 0; k < c.size; k++) {
    bool busy = false;
    for (int w = 0; w < LANES; w++) busy |= c.done[w] < 0.0;
    if (!busy) break;
    const Lanes here = c.basis[k], next = c.basis[k + 1];
    d.clear();
    follow(plan, d, here);
    pull(plan, s, d, false);
    for (Index b = 0; b < n; b++) put(at(here, b) - at(d.y, b), next, b);
    c.triangle[k].clear();
    for (int twice = 0; twice < 2; twice++) // Gram and Schmidt twice, so that the directions stay at right angles
      for (Index i = 0; i <= k; i++) {
        const Lanes before = c.basis[i];
        Vector total = inner(before, next);
        for (Index b = 0; b < n; b++) put(at(next, b) - total * at(before, b), next, b);
        more(total, c.triangle, k, i);
      }
    double length[LANES];
    store(inner(next, next), length);
    for (int w = 0; w < LANES; w++) {
      length[w] = std::sqrt(length[w]);
      factor[w] = length[w] > 0.0 ? 1.0 / length[w] : 0.0;
      rotate(c, k, w, length[w]);
    }
    for (Index b = 0; b < n; b++) put(at(next, b) * load(factor), next, b);
  }
  x.clear();
  for (int w = 0; w < count; w++) {
    const Index used = (Index)c.done[w];
    for (Index i = used - 1; i >= 0; i--) {
      for (Index k = i + 1; k < used; k++) c.right(i)[w] -= c.triangle(k, i)[w] * c.right(k)[w];
      c.right(i)[w] /= c.triangle(i, i)[w];
      for (Index b = 0; b < n; b++) x(b)[w] += c.right(i)[w] * c.basis(i, b)[w];
    }
    double length = 0.0;
    for (Index b = 0; b < n; b++) length += x(b)[w] * x(b)[w];
    if (!(std::sqrt(length) <= LONGEST * c.norm[w]) || c.sign[w] <= 0.0) c.done[w] = -1.0;
  }
}

// adjoint.Adjoints, field by field.
struct Adjoints {
  Array<double> payoffs, chance, offset, logits; // [m, S, P, n], [m, K, n], [m, M, n], [m, A, n]
  Array<uint8_t> failed;                         // [m, n]
};

// Enter the derivatives of the k-th reading by the numbers of the draws from `first` on.
void enter(const Pull &d, const Adjoints &found, Index k, Index first, int count) {
  for (Index s = 0; s < found.payoffs.size[1]; s++) {
    if (!d.hot[s]) continue;
    for (Index q = 0; q < found.payoffs.size[2]; q++)
      for (int w = 0; w < count; w++) found.payoffs(k, s, q, first + w) = d.value(s, q)[w];
  }
  for (Index c = 0; c < found.chance.size[1]; c++)
    for (int w = 0; w < count; w++) found.chance(k, c, first + w) = d.chance(c)[w];
  for (Index m = 0; m < found.offset.size[1]; m++)
    for (int w = 0; w < count; w++) found.offset(k, m, first + w) = d.offset(m)[w];
  for (Index a = 0; a < found.logits.size[1]; a++)
    for (int w = 0; w < count; w++) found.logits(k, a, first + w) = d.log_strategy(a)[w];
}

} // namespace adjoint
} // namespace

ENTRY(images)(const Plan *plan, const Numbers *numbers, const Numbered *y, const Array<double> *found) {
  Arena arena;
  adjoint::Swept swept(*plan, *numbers, arena);
  if (arena.exhausted) return 1;
  for (Index first = 0; first < y->size[1]; first += LANES) {
    const int count = swept.take(*plan, *numbers, *y, first);
    for (Index b = 0; b < plan->unknowns(); b++)
      for (int w = 0; w < count; w++) (*found)(b, first + w) = swept.there(b)[w];
  }
  return 0;
}

ENTRY(belief_jacobians)(const Plan *plan, const Numbers *numbers, const Numbered *y, const Array<double> *matrix,
                        const Array<double> *found) {
  Arena arena;
  adjoint::Swept swept(*plan, *numbers, arena);
  if (arena.exhausted) return 1;
  const adjoint::Pull &d = swept.pull;
  const Index n = plan->unknowns();
  for (Index first = 0; first < y->size[1]; first += LANES) {
    const int count = swept.take(*plan, *numbers, *y, first);
    for (Index b = 0; b < n; b++) {
      d.clear();
      adjoint::walk(*plan, d, plan->plus(b), 1.0);
      adjoint::walk(*plan, d, plan->minus(b), -1.0);
      adjoint::pull(*plan, swept.sweep, d, false);
      for (int w = 0; w < count; w++) {
        for (Index k = 0; k < n; k++) (*matrix)(first + w, b, k) = -d.y(k)[w];
        (*matrix)(first + w, b, b) += 1.0;
        (*found)(b, first + w) = swept.there(b)[w];
      }
    }
  }
  return 0;
}

ENTRY(adjoints)(const Plan *plan, const Numbers *numbers, const Numbered *y, const Numbered *by,
                const Numbered *inverse, const adjoint::Adjoints *found) {
  const Index n = plan->unknowns();
  const bool dense = inverse->size[0] > 0;
  Arena arena;
  adjoint::Swept swept(*plan, *numbers, arena);
  adjoint::Krylov krylov(dense ? 0 : n, arena);
  Lanes x = arena.lanes(n);
  if (arena.exhausted) return 1;
  const adjoint::Pull &d = swept.pull;
  for (Index first = 0; first < y->size[1]; first += LANES) {
    const int count = swept.take(*plan, *numbers, *y, first);
    for (Index k = 0; k < by->size[0]; k++) {
      if (n > 0) {
        adjoint::seed(swept.sweep, d, *by, k, first, count);
        adjoint::pull(*plan, swept.sweep, d, false);
      }
      if (dense) {
        x.clear();
        for (int w = 0; w < count; w++)
          for (Index b = 0; b < n; b++) {
            const double weight = d.y(b)[w];
            if (weight != 0.0)
              for (Index c = 0; c < n; c++) x(c)[w] += (*inverse)(first + w, b, c) * weight;
          }
      } else if (n > 0) {
        adjoint::gmres(*plan, swept.sweep, d, krylov, count, x);
        for (int w = 0; w < count; w++) found->failed(k, first + w) = krylov.done[w] < 0.0;
      }
      adjoint::seed(swept.sweep, d, *by, k, first, count);
      adjoint::follow(*plan, d, x);
      adjoint::pull(*plan, swept.sweep, d, true);
      adjoint::enter(d, *found, k, first, count);
    }
  }
  return 0;
}
