/* The n-grams of one text, looked up in two vocabularies, and the sum of some rows of a matrix: what features/lexicon.py
 * and features/native.py do with numpy, in one pass, and the same to the bit (tests/unit/features/test_native.py).
 *
 * Most of the time goes into waiting for memory, so what comes is fetched ahead. Knows no Python: it is called through
 * ctypes, with arrays that the caller has made large enough. Hashes: features/ngrams.py.
 */
#include <stdint.h>

#if defined(__GNUC__)
#define FETCH(address) __builtin_prefetch(address)
#else
#define FETCH(address) ((void)(address))
#endif

static const uint64_t BASE = 0x9E3779B97F4A7C15u, STEP = 0x9E3779B97F4A7C15u, PAIR_SALT = 0xD1B54A32D192ED03u;
enum { SPACE = 0x20, SHORTEST = 3, LONGEST = 5, AHEAD = 12, LINE = 64 };

/* Sorted hashes and the place of each; those whose first bits are b lie from starts[b] to starts[b + 1]. */
typedef struct {
    const uint64_t *hashes;
    const int32_t *places;
    const int32_t *starts;
    int64_t shift;
} vocabulary;

/* splitmix64's finaliser, as in features/mixing.py */
static uint64_t mixed(uint64_t bits) {
    bits += STEP;
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9u;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBu;
    return bits ^ (bits >> 31);
}

static int32_t place_of(const vocabulary *known, uint64_t hash) {
    const int32_t *start = known->starts + (hash >> known->shift);
    for (int32_t at = start[0]; at < start[1]; at++)
        if (known->hashes[at] == hash) return known->places[at];
    return -1;
}

/* Put the place of each known one of `count` hashes into `found`, with its owner; return how many are known. */
static int64_t look_up(const vocabulary *known, const uint64_t *hashes, int64_t count, int32_t *found, int32_t *owners) {
    int64_t kept = 0;
    for (int64_t at = 0; at < count; at++) {
        if (at + 2 * AHEAD < count) FETCH(known->starts + (hashes[at + 2 * AHEAD] >> known->shift));
        if (at + AHEAD < count) FETCH(known->hashes + known->starts[hashes[at + AHEAD] >> known->shift]);
        int32_t place = place_of(known, hashes[at]);
        if (place < 0) continue;
        found[kept] = place;
        owners[kept++] = owners[at];
    }
    return kept;
}

/* points: the code points of a text in its normal form, n of them, a space first and last. inside: whether each is part
 * of a word. Written: of each word its start, its end, its place or -1, and the place or -1 of its pair with the next;
 * of each known run of characters its place and its owner, which is the number of a word, or -1 - c in chunk number c
 * without one. starts, ends, places, pairs hold (n + 1) / 2 numbers, runs and owners 3 n, and so does room, which is
 * nobody's. Returns the number of words; runs_found is how many runs were written. */
int64_t pointsman_grams(const uint32_t *points, const uint8_t *inside, int64_t n, const vocabulary *words,
                        const vocabulary *runs, int32_t *starts, int32_t *ends, int32_t *places, int32_t *pairs,
                        int32_t *found, int32_t *owners, uint64_t *room, int64_t *runs_found) {
    int64_t count = 0, hashed = 0;
    int32_t chunk = 0;
    uint64_t before = 0;
    for (int64_t start = 1; start < n; chunk++) {
        while (start < n && points[start] == SPACE) start++;
        if (start >= n) break;
        int64_t end = start, first = count;
        while (points[end] != SPACE) end++;
        for (int64_t at = start; at < end; at++) {
            if (!inside[at]) continue;
            uint64_t hash = 0, power = 1;
            starts[count] = (int32_t)at;
            for (; inside[at]; at++, power *= BASE) hash += mixed(points[at]) * power;
            ends[count] = (int32_t)at;
            hash = mixed(hash);
            places[count] = place_of(words, hash);
            if (count) pairs[count - 1] = place_of(words, mixed(before * PAIR_SALT + hash));
            before = hash;
            count++;
        }
        for (int64_t length = SHORTEST; length <= LONGEST; length++) {
            int64_t owner = first;
            for (int64_t at = start - 1; at + length <= end + 1; at++) {
                uint64_t hash = 0, power = 1;
                for (int64_t next = at; next < at + length; next++, power *= BASE) hash += mixed(points[next]) * power;
                while (owner + 1 < count && starts[owner + 1] <= at + length / 2) owner++;
                room[hashed] = mixed(hash + (uint64_t)length);
                owners[hashed++] = first < count ? (int32_t)owner : -1 - chunk;
            }
        }
        start = end;
    }
    *runs_found = look_up(runs, room, hashed, found, owners);
    return count;
}

/* The sum of `count` rows of a matrix, each times its weight, one row after the other. Returns how many were added:
 * fewer than `count` where a place is none of the matrix's. */
int64_t pointsman_sum(const float *matrix, int64_t rows, int64_t columns, const int64_t *places, const float *weights,
                      int64_t count, float *sum) {
    for (int64_t column = 0; column < columns; column++) sum[column] = 0;
    for (int64_t at = 0; at < count; at++) {
        if (places[at] < 0 || places[at] >= rows) return at;
        if (at + AHEAD < count) {
            uintptr_t next = (uintptr_t)matrix + (uintptr_t)(places[at + AHEAD] * columns) * sizeof(float);
            for (int64_t byte = 0; byte < columns * (int64_t)sizeof(float); byte += LINE) FETCH((void *)(next + byte));
        }
        const float *row = matrix + places[at] * columns;
        float weight = weights[at];
        for (int64_t column = 0; column < columns; column++) sum[column] += weight * row[column];
    }
    return count;
}
