/* The n-grams of one text, looked up in two vocabularies and weighed: what features/lexicon.py does with numpy, in one
 * pass each, and the same to the bit (tests/unit/features/test_native.py).
 *
 * Most of the time goes into waiting for memory, so what comes is fetched ahead. Knows no Python: it is called through
 * ctypes, with arrays that the caller has made large enough. Hashes: features/ngrams.py.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__)
#define FETCH(address) __builtin_prefetch(address)
#else
#define FETCH(address) ((void)(address))
#endif

static const uint64_t BASE = 0x9E3779B97F4A7C15u, STEP = 0x9E3779B97F4A7C15u, PAIR_SALT = 0xD1B54A32D192ED03u;
enum { SPACE = 0x20, SHORTEST = 3, LONGEST = 5, AHEAD = 12, DIGIT = 11 };

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
        if (at + AHEAD < count) {
            int32_t next = known->starts[hashes[at + AHEAD] >> known->shift];
            FETCH(known->hashes + next);
            FETCH(known->places + next);
        }
        int32_t place = place_of(known, hashes[at]);
        if (place < 0) continue;
        found[kept] = place;
        owners[kept++] = owners[at];
    }
    return kept;
}

static int is_ascii_word(uint32_t point) {
    return (point | 0x20) - 'a' < 26u || point - '0' < 10u || point == '_';
}

/* Whether each of n points is part of a word, where all are ASCII; `room` holds n. */
static const uint8_t *ascii_inside(const uint32_t *points, int64_t n, uint8_t *room) {
    for (int64_t at = 0; at < n; at++) room[at] = (uint8_t)is_ascii_word(points[at]);
    return room;
}

/* points: the code points of a text in its normal form, n of them, a space first and last. inside: whether each is part
 * of a word; none where all are ASCII. Written: of each word its start, its end, its place or -1, and the place or -1 of
 * its pair with the next; of each known run of characters its place and its owner, which is the number of a word, or
 * -1 - c in chunk number c without one. starts, ends, places, pairs hold (n + 1) / 2 numbers, runs and owners 3 n; room, which is nobody's, 5 n.
 * Returns the number of words; runs_found is how many runs were written. */
int64_t pointsman_grams(const uint32_t *points, const uint8_t *inside, int64_t n, const vocabulary *words,
                        const vocabulary *runs, int32_t *starts, int32_t *ends, int32_t *places, int32_t *pairs,
                        int32_t *found, int32_t *owners, uint64_t *room, int64_t *runs_found) {
    int64_t count = 0, hashed = 0;
    int32_t chunk = 0;
    uint64_t before = 0, *mixes = room + 3 * n;
    for (int64_t at = 0; at < n; at++) mixes[at] = mixed(points[at]);
    if (!inside) inside = ascii_inside(points, n, (uint8_t *)(mixes + n));
    for (int64_t start = 1; start < n; chunk++) {
        while (start < n && points[start] == SPACE) start++;
        if (start >= n) break;
        int64_t end = start, first = count;
        while (points[end] != SPACE) end++;
        for (int64_t at = start; at < end; at++) {
            if (!inside[at]) continue;
            uint64_t hash = 0, power = 1;
            starts[count] = (int32_t)at;
            for (; inside[at]; at++, power *= BASE) hash += mixes[at] * power;
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
                for (int64_t next = at; next < at + length; next++, power *= BASE) hash += mixes[next] * power;
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

/* Sort `count` numbers, none negative, by their digits of eleven bits, the lowest first; `room` is as large again. */
static void sort(int32_t *numbers, int64_t count, int32_t *room) {
    int32_t *from = numbers, *to = room;
    uint32_t bits = 0;
    for (int64_t at = 0; at < count; at++) bits |= (uint32_t)numbers[at];
    for (int shift = 0; shift < 3 * DIGIT && bits >> shift; shift += DIGIT) {
        int32_t ends[1 << DIGIT] = {0}, end = 0;
        for (int64_t at = 0; at < count; at++) ends[((uint32_t)from[at] >> shift) & ((1 << DIGIT) - 1)]++;
        for (int32_t digit = 0; digit < 1 << DIGIT; digit++) {
            int32_t size = ends[digit];
            ends[digit] = end;
            end += size;
        }
        for (int64_t at = 0; at < count; at++) to[ends[((uint32_t)from[at] >> shift) & ((1 << DIGIT) - 1)]++] = from[at];
        int32_t *next = from;
        from = to, to = next;
    }
    if (from != numbers) memcpy(numbers, from, (size_t)count * sizeof(int32_t));
}

/* Bring weights to length one, adding one square after the other, and put them times `scale` into `found`. */
static void bring_to_length_one(const double *weights, int64_t count, float scale, float *found) {
    double squares = 0;
    for (int64_t at = 0; at < count; at++) squares += weights[at] * weights[at];
    double length = sqrt(squares);
    for (int64_t at = 0; at < count; at++) found[at] = (float)(length > 0 ? weights[at] / length : weights[at]) * scale;
}

/* The places of a text's n-grams once each, ascending, and what they weigh. words, pairs, runs: the places of so many of
 * each kind, -1 for one that is not known; those of runs follow `first_run` words. sublinear: what an n-gram counts that
 * comes once, twice and so on up to `most` times. sorted, room, said: nobody's, of as many numbers as all kinds together,
 * as places and weights are. Returns how many there are. */
int64_t pointsman_weigh(const int32_t *words, int64_t word_count, const int32_t *pairs, int64_t pair_count,
                        const int32_t *runs, int64_t run_count, int32_t first_run, const float *rarity,
                        const double *sublinear, int64_t most, float run_scale, int32_t *sorted, int32_t *room,
                        double *said, int64_t *places, float *weights) {
    int64_t count = 0, kept = 0, spoken = 0;
    for (int64_t at = 0; at < word_count; at++)
        if (words[at] >= 0) sorted[count++] = words[at];
    for (int64_t at = 0; at < pair_count; at++)
        if (pairs[at] >= 0) sorted[count++] = pairs[at];
    for (int64_t at = 0; at < run_count; at++) sorted[count++] = runs[at] + first_run;
    sort(sorted, count, room);
    for (int64_t at = 0; at < count;) {
        int64_t times = 1;
        while (at + times < count && sorted[at + times] == sorted[at]) times++;
        places[kept] = sorted[at];
        said[kept++] = sublinear[(times < most ? times : most) - 1] * rarity[sorted[at]];
        if (sorted[at] < first_run) spoken = kept;
        at += times;
    }
    bring_to_length_one(said, spoken, 1, weights);
    bring_to_length_one(said + spoken, kept - spoken, run_scale, weights + spoken);
    return kept;
}

/* The part that a known place is of an encoded text: its place among `kept` ascending ones. */
static int64_t part_of(const int64_t *places, int64_t kept, int64_t place) {
    const int64_t *first = places;
    for (int64_t half; kept > 1; kept -= half) {
        half = kept / 2;
        first += first[half] <= place ? half : 0;
    }
    return first - places;
}

/* Where the parts of an encoded text come from: of each word, of each pair, by its first and then by its second word, and
 * of each run the part that it is, the word that owns it and its share. places: of the `kept` parts, ascending. words,
 * pairs, runs: as pointsman_weigh has them. spoken: the number of each word; run_owners: that of each run's word. counts:
 * nobody's, a nought a part. Returns how many were written; `paired` is where those of the pairs begin. */
int64_t pointsman_origins(const int64_t *places, int64_t kept, const int32_t *words, const int64_t *spoken,
                          int64_t word_count, const int32_t *pairs, const int32_t *runs, const int64_t *run_owners,
                          int64_t run_count, int32_t first_run, int64_t *counts, int64_t *parts, int64_t *owners,
                          double *shares, int64_t *paired) {
    int64_t found = 0;
    for (int64_t at = 0; at < word_count; at++)
        if (words[at] >= 0) parts[found] = part_of(places, kept, words[at]), owners[found++] = spoken[at];
    *paired = found;
    for (int64_t behind = 0; behind < 2; behind++)
        for (int64_t at = 0; at + 1 < word_count; at++)
            if (pairs[at] >= 0) parts[found] = part_of(places, kept, pairs[at]), owners[found++] = spoken[at + behind];
    for (int64_t at = 0; at < run_count; at++)
        parts[found] = part_of(places, kept, (int64_t)runs[at] + first_run), owners[found++] = run_owners[at];
    for (int64_t at = 0; at < found; at++) counts[parts[at]]++;
    for (int64_t at = 0; at < found; at++) shares[at] = 1.0 / (double)counts[parts[at]];
    return found;
}
