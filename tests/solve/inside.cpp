// What kernels are made of, reached from Python by test_vectors.py and test_slopes.py.
#include "../../src/detente/solve/compiled/lanes.hpp"

EXPORTED int abreast() { return LANES; }

EXPORTED void arithmetic(const double *first, const double *second, double *found) {
  Vector x = load(first), y = load(second), total = all_lanes(3.0);
  total += x, total *= y, total -= 1.0, total /= x;
  const Vector made[] = {x + y, x - y * 2.0, 1.0 / x, -x, absolute(y), largest(x, y), largest(x, all_lanes(0.5)),
                         where_positive(y, x, all_lanes(7.0)), total};
  for (const Vector &one : made) store(one, found), found += LANES;
}

EXPORTED void elementary(const double *x, Index n, double *powers, double *logarithms) {
  for (Index i = 0; i < n * LANES; i += LANES) {
    store(exp(load(x + i)), powers + i);
    store(log(absolute(load(x + i))), logarithms + i);
  }
}

EXPORTED double product_and_sum(double x, double y, double z) { return x * y + z; }

// 1 if pieces of an arena start at lines of the cache and are zero, wherever and however large, in every call.
EXPORTED int arena_is_sound() {
  for (int call = 0; call < 3; call++) {
    Arena arena;
    for (Index size = 0; size < 300; size++) { // more than a thread keeps
      Lanes some = arena.lanes(size, 3);
      if ((uintptr_t)some.data % 64) return 0;
      for (Index i = 0; i < some.length(); i++)
        if (some.data[i] != 0.0) return 0;
      memset(some.data, 255, sizeof(double) * some.length());
    }
    if (arena.exhausted || arena.lanes(INT64_C(1) << 50).data || !arena.exhausted) return 0;
  }
  return 1;
}
