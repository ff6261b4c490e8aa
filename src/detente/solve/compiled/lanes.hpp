// Vectors of LANES numbers: one number for each of the draws that a kernel works on at once.
//
// A kernel that says put(at(strategy, a) * at(value, below, q), value, row, q) is compiled to the vector instructions
// it says: vectors are kept in registers, and no loop over lanes is left to the optimiser, which would have to test at
// each whether the arrays that it writes and reads overlap (docs/decisions/027, 032).
//
// Arithmetic between vectors, and between a vector and a number, is that of every lane by itself: no result depends on
// another lane. It is rounded as IEEE 754 says, each operation by itself (the build forbids fused products), so that
// results do not depend on what the processor can do at once.
//
// The same source is compiled once for each family of processors (VARIANT); what differs is the width of PART, no
// number.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>

#define INLINE inline __attribute__((always_inline))
#if defined(_WIN32)
#define EXPORTED extern "C" __declspec(dllexport)
#else
#define EXPORTED extern "C" __attribute__((visibility("default")))
#endif
#define JOINED_(name, variant) name##_##variant
#define JOINED(name, variant) JOINED_(name, variant)
// A function that Python calls: 0 when it is done, 1 if there was no memory for its scratch.
#define ENTRY(name) EXPORTED int JOINED(name, VARIANT)

namespace {

using Index = int64_t;

#if defined(FEW)
constexpr int LANES = 4; // where few draws are to be solved, idle lanes would cost more than all else
#else
constexpr int LANES = 16;
#endif
#if defined(__AVX512F__) && !defined(FEW)
constexpr int PART = 8; // numbers that the processor takes at once
#elif defined(__AVX__)
constexpr int PART = 4;
#else
constexpr int PART = 2;
#endif
constexpr int PARTS = LANES / PART;

typedef double Part __attribute__((vector_size(PART * 8)));
typedef int64_t Bits __attribute__((vector_size(PART * 8)));
typedef double LoosePart __attribute__((vector_size(PART * 8), aligned(8), may_alias)); // wherever it stands in memory

struct Vector {
  Part part[PARTS];
};

INLINE Part all_parts(double x) { return x - Part{}; }
INLINE Bits all_bits(int64_t x) { return x - Bits{}; }

// The vector whose parts are made by `f` of those of others.
template <class F> INLINE Vector parts(F f) {
  Vector made;
#pragma GCC unroll 8
  for (int k = 0; k < PARTS; k++) made.part[k] = f(k);
  return made;
}

INLINE Vector all_lanes(double x) {
  Part one = all_parts(x);
  return parts([&](int) { return one; });
}

#define ARITHMETIC(symbol)                                                                                              \
  INLINE Vector operator symbol(const Vector &x, const Vector &y) {                                                     \
    return parts([&](int k) { return x.part[k] symbol y.part[k]; });                                                    \
  }                                                                                                                     \
  INLINE Vector operator symbol(const Vector &x, double y) { return x symbol all_lanes(y); }                            \
  INLINE Vector operator symbol(double x, const Vector &y) { return all_lanes(x) symbol y; }                            \
  INLINE Vector &operator symbol##=(Vector & x, const Vector &y) { return x = x symbol y; }                             \
  INLINE Vector &operator symbol##=(Vector & x, double y) { return x = x symbol y; }
ARITHMETIC(+)
ARITHMETIC(-)
ARITHMETIC(*)
ARITHMETIC(/)
#undef ARITHMETIC

INLINE Vector operator-(const Vector &x) {
  return parts([&](int k) { return -x.part[k]; });
}

INLINE Part choose(Bits where, Part yes, Part no) { return (Part)((where & (Bits)yes) | (~where & (Bits)no)); }

// The larger of two numbers in each lane; the second where they cannot be compared.
INLINE Vector largest(const Vector &x, const Vector &y) {
  return parts([&](int k) { return choose(x.part[k] > y.part[k], x.part[k], y.part[k]); });
}

// x in lanes in which the test is above zero, y in the others.
INLINE Vector where_positive(const Vector &test, const Vector &x, const Vector &y) {
  return parts([&](int k) { return choose(test.part[k] > Part{}, x.part[k], y.part[k]); });
}

INLINE Vector absolute(const Vector &x) {
  return parts([&](int k) { return (Part)((Bits)x.part[k] & all_bits(INT64_MAX)); });
}

// e**x, exactly 0 below -708: reduction by ln 2 in two parts, then the Taylor series (error below one ulp), its odd and
// even terms side by side so that neither has to wait for the other.
INLINE Part exp(Part x) {
  const Part low = all_parts(-708.0), high = all_parts(708.0);
  const Part rounding = all_parts(6755399441055744.0); // 1.5 * 2**52: leaves an integer in the low bits
  Bits above = x >= low;
  Part clipped = choose(above, x, low);
  clipped = choose(clipped < high, clipped, high);
  Part shifted = clipped * 1.4426950408889634 + rounding;
  Part k = shifted - rounding;
  Part r = clipped + k * -0.693147180369123816490;
  r = r + k * -1.90821492927058770002e-10;
  Part square = r * r;
  Part odd = all_parts(1.6059043836821613e-10), even = all_parts(2.08767569878681e-9);
  odd = odd * square + 2.505210838544172e-8, even = even * square + 2.755731922398589e-7;
  odd = odd * square + 2.7557319223985893e-6, even = even * square + 2.48015873015873e-5;
  odd = odd * square + 1.984126984126984e-4, even = even * square + 1.388888888888889e-3;
  odd = odd * square + 8.333333333333333e-3, even = even * square + 4.1666666666666664e-2;
  odd = odd * square + 1.6666666666666666e-1, even = even * square + 0.5;
  odd = odd * square + 1.0, even = even * square + 1.0;
  Part power = (Part)(((Bits)shifted + 1023) << 52);
  return choose(above, (odd * r + even) * power, Part{});
}

// ln x for normal x > 0: x = 2**k m with m about 1, and ln m = 2 artanh((m - 1)/(m + 1)) by its series.
INLINE Part log(Part x) {
  Bits bits = (Bits)x;
  Bits k = (bits - 0x3FE6A09E667F3BCD) >> 52;
  Part m = (Part)(bits - (k << 52));
  Part s = (m - 1.0) / (m + 1.0);
  Part q = s * s, square = q * q;
  Part even = all_parts(1.0 / 21), odd = all_parts(1.0 / 19);
  even = even * square + 1.0 / 17, odd = odd * square + 1.0 / 15;
  even = even * square + 1.0 / 13, odd = odd * square + 1.0 / 11;
  even = even * square + 1.0 / 9, odd = odd * square + 1.0 / 7;
  even = even * square + 1.0 / 5, odd = odd * square + 1.0 / 3;
  even = even * square + 1.0;
  return 2.0 * s * (odd * q + even) + __builtin_convertvector(k, Part) * 0.6931471805599453;
}

INLINE Vector exp(const Vector &x) {
  return parts([&](int k) { return exp(x.part[k]); });
}

INLINE Vector log(const Vector &x) {
  return parts([&](int k) { return log(x.part[k]); });
}

INLINE Vector load(const double *from) {
  return parts([&](int k) { return (Part)((const LoosePart *)from)[k]; });
}

INLINE void store(const Vector &x, double *to) {
#pragma GCC unroll 8
  for (int k = 0; k < PARTS; k++) ((LoosePart *)to)[k] = x.part[k];
}

// An array that Python owns, contiguous, of up to four axes; what is left of `size` is 1.
template <class T> struct Array {
  T *data;
  Index size[4];

  INLINE T &operator()(Index i) const { return data[i]; }
  INLINE T &operator()(Index i, Index j) const { return data[i * size[1] + j]; }
  INLINE T &operator()(Index i, Index j, Index k) const { return data[(i * size[1] + j) * size[2] + k]; }
  INLINE T &operator()(Index i, Index j, Index k, Index l) const {
    return data[((i * size[1] + j) * size[2] + k) * size[3] + l];
  }
};

using Numbered = Array<const double>;
using Indices = Array<const int64_t>;
using Flags = Array<const uint8_t>;

// Scratch: numbers for every lane, [I], [I, J] or [I, J, K] of them, zero at first.
struct Lanes {
  double *data;
  Index size[3];

  INLINE double *operator()(Index i) const { return data + i * LANES; }
  INLINE double *operator()(Index i, Index j) const { return data + (i * size[1] + j) * LANES; }
  INLINE double *operator()(Index i, Index j, Index k) const {
    return data + ((i * size[1] + j) * size[2] + k) * LANES;
  }
  // The part [i] of [I, J] or [I, J, K].
  INLINE Lanes operator[](Index i) const { return {data + i * size[1] * size[2] * LANES, {size[1], size[2], 1}}; }
  Index length() const { return size[0] * size[1] * size[2] * LANES; }
  void clear() const { memset(data, 0, sizeof(double) * length()); }
};

template <class... I> INLINE Vector at(const Lanes &array, I... index) { return load(array(index...)); }
template <class... I> INLINE void put(const Vector &x, const Lanes &array, I... index) { store(x, array(index...)); }
template <class... I> INLINE void put(double x, const Lanes &array, I... index) {
  store(all_lanes(x), array(index...));
}

// Lane w of a vector [I], and no other.
INLINE void copy(const Lanes &from, const Lanes &to, int w) {
  for (Index i = 0; i < to.size[0]; i++) to(i)[w] = from(i)[w];
}

// Blocks of memory that calls leave for the next ones, in whatever thread these are: pages that the system gives anew
// cost more than all else that is done for a small game.
constexpr size_t BLOCK = 8 << 20; // bytes
char *left[4] = {};

char *take_block() {
  for (char *&place : left)
    if (char *block = __atomic_exchange_n(&place, nullptr, __ATOMIC_ACQ_REL)) return block;
  return (char *)malloc(BLOCK);
}

void leave_block(char *block) {
  for (char *&place : left) {
    char *nothing = nullptr;
    if (__atomic_compare_exchange_n(&place, &nothing, block, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) return;
  }
  free(block);
}

// The memory of one call: given in pieces that start at a line of the processor's cache, zero, and taken back together.
class Arena {
  struct Piece {
    Piece *next;
  };
  Piece *pieces = nullptr; // what the first block has no room for
  char *block;
  size_t used = 0; // of the block

public:
  bool exhausted = false;

  Arena() : block(take_block()) {}
  Arena(const Arena &) = delete;
  ~Arena() {
    if (block) leave_block(block);
    while (pieces) {
      Piece *next = pieces->next;
      free(pieces);
      pieces = next;
    }
  }

  void *bytes(size_t size) {
    if (block && size + 64 <= BLOCK - used) {
      char *given = aligned(block + used);
      used = given + size - block;
      return memset(given, 0, size);
    }
    Piece *piece = (Piece *)calloc(1, size + sizeof(Piece) + 64);
    if (!piece) {
      exhausted = true;
      return nullptr;
    }
    piece->next = pieces;
    pieces = piece;
    return aligned((char *)(piece + 1));
  }

  static char *aligned(char *from) { return (char *)(((uintptr_t)from + 63) & ~(uintptr_t)63); }

  template <class T> T *array(Index size) { return (T *)bytes(sizeof(T) * size); }

  Lanes lanes(Index i, Index j = 1, Index k = 1) { return {array<double>(i * j * k * LANES), {i, j, k}}; }
};

constexpr double INFINITE = std::numeric_limits<double>::infinity();

// As Python's min and max: the first unless the second is less, or more.
template <class T> INLINE T least_of(T x, T y) { return y < x ? y : x; }
template <class T> INLINE T most_of(T x, T y) { return y > x ? y : x; }

} // namespace
