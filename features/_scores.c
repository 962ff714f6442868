/* Numbers to answers: sums of rows of a matrix, the leaves that a row of numbers ends in, and what one head makes of its
 * members' scores. What features/sums.py, features/origins.py, models/forest.py and models/answering.py do without it,
 * and the same to the bit (tests/unit/features/, tests/unit/models/).
 *
 * Sums are added one after the other. Knows no Python: it is called through ctypes, with arrays that the caller has made
 * large enough.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__)
#define FETCH(address) __builtin_prefetch(address)
#define LOWEST(bits) __builtin_ctz(bits)
#else
#define FETCH(address) ((void)(address))
static int LOWEST(uint32_t bits) {
    int place = 0;
    for (; !(bits & 1); bits >>= 1) place++;
    return place;
}
#endif

static const float NOUGHT = 1e-5f; /* of the whole's length: what is left when all of it is taken off is rounding */
static const double FLAT = 1e-9; /* a sum so near to that of the empty ticket has the curve's own slope */
enum { AHEAD = 12, LINE = 64, LANES = 8 };

static void fetch_row(const void *start, int64_t bytes) {
    for (int64_t byte = 0; byte < bytes; byte += LINE) FETCH((const char *)start + byte);
}

/* The sum of `count` rows of a matrix, each times its weight, one row after the other. Returns how many were added:
 * fewer than `count` where a place is none of the matrix's. */
int64_t pointsman_sum(const float *matrix, int64_t rows, int64_t columns, const int64_t *places, const float *weights,
                      int64_t count, float *sum) {
    for (int64_t column = 0; column < columns; column++) sum[column] = 0;
    for (int64_t at = 0; at < count; at++) {
        if (places[at] < 0 || places[at] >= rows) return at;
        if (at + AHEAD < count && places[at + AHEAD] >= 0 && places[at + AHEAD] < rows)
            fetch_row(matrix + places[at + AHEAD] * columns, columns * (int64_t)sizeof(float));
        const float *row = matrix + places[at] * columns;
        float weight = weights[at];
        for (int64_t column = 0; column < columns; column++) sum[column] += weight * row[column];
    }
    return count;
}

/* The same of a table of bytes, each row times its scale. */
int64_t pointsman_sum_bytes(const int8_t *table, int64_t rows, int64_t columns, const float *scales, const int32_t *places,
                            int64_t count, float *sum) {
    for (int64_t column = 0; column < columns; column++) sum[column] = 0;
    for (int64_t at = 0; at < count; at++) {
        if (places[at] < 0 || places[at] >= rows) return at;
        if (at + AHEAD < count && places[at + AHEAD] >= 0 && places[at + AHEAD] < rows)
            fetch_row(table + places[at + AHEAD] * columns, columns);
        const int8_t *row = table + places[at] * columns;
        float scale = scales[places[at]];
        for (int64_t column = 0; column < columns; column++) sum[column] += scale * (float)row[column];
    }
    return count;
}

/* The sum of the products of two spans: LANES sums side by side, which are added at the end, one after the other. */
static float product(const float *one, const float *other, int64_t size) {
    float lanes[LANES] = {0}, total = 0;
    int64_t at = 0;
    for (; at + LANES <= size; at += LANES)
        for (int lane = 0; lane < LANES; lane++) lanes[lane] += one[at + lane] * other[at + lane];
    for (int lane = 0; at < size; at++, lane++) lanes[lane] += one[at] * other[at];
    for (int lane = 0; lane < LANES; lane++) total += lanes[lane];
    return total;
}

/* Of `count` rows of a matrix, which may be all of them in their order: the sums over several spans of a row's columns,
 * each column times its number. spans: of each its first column, how many it has, and where its numbers begin. sums: so
 * many a row. Returns how many rows were read. */
int64_t pointsman_products(const float *matrix, int64_t rows, int64_t columns, const int64_t *places, int64_t count,
                           const float *numbers, const int64_t *spans, int64_t many, float *sums) {
    for (int64_t at = 0; at < count; at++) {
        int64_t place = places ? places[at] : at;
        if (place < 0 || place >= rows) return at;
        for (int64_t span = 0; span < many; span++) {
            const int64_t *its = spans + 3 * span;
            *sums++ = product(matrix + place * columns + its[0], numbers + its[2], its[1]);
        }
    }
    return count;
}

/* What the absence of each of `owners` words would take off the numbers along `many` directions of the mean over tokens,
 * brought to length one: features.meaning.static_table. owned_by: the word that each token stands in, or less than nought.
 * room: noughts, so many columns a word and for two more, and a number a direction. found: `many` a word. Returns how
 * many tokens were read. */
int64_t pointsman_absences(const int8_t *table, int64_t rows, int64_t columns, const float *scales, const int32_t *places,
                           const int64_t *owned_by, int64_t count, int64_t owners, const float *directions, int64_t many,
                           float *room, float *found) {
    float *total = room + owners * columns, *rest = total + columns;
    for (int64_t at = 0; at < count; at++) {
        if (places[at] < 0 || places[at] >= rows || owned_by[at] >= owners) return at;
        const int8_t *row = table + places[at] * columns;
        float scale = scales[places[at]];
        for (int64_t column = 0; column < columns; column++) total[column] += scale * (float)row[column];
        if (owned_by[at] < 0) continue;
        float *sum = room + owned_by[at] * columns;
        for (int64_t column = 0; column < columns; column++) sum[column] += scale * (float)row[column];
    }
    float length = sqrtf(product(total, total, columns)), unit = length > 0 ? length : 1, *whole = rest + columns;
    for (int64_t along = 0; along < many; along++)
        whole[along] = product(total, directions + along * columns, columns) / unit;
    for (int64_t owner = 0; owner < owners; owner++) {
        for (int64_t column = 0; column < columns; column++) rest[column] = total[column] - room[owner * columns + column];
        float left = sqrtf(product(rest, rest, columns));
        if (!(left > NOUGHT * length)) left = 1;
        for (int64_t along = 0; along < many; along++)
            *found++ = whole[along] - product(rest, directions + along * columns, columns) / left;
    }
    return count;
}

/* How one number of a row finds its masks. masks: where its rows of them begin, each of `width`, one for each tree that asks
 * for the number; members: where these trees begin. input: the number's place. values: whether it is the code of a value,
 * which must be met, or an amount, which lies between two of the borders. start, count: its borders, ascending. The first
 * row is that below all borders, or of a value that is none of them; the next is that of the first value. missing: the
 * row of a number that is none. */
typedef struct {
    int64_t masks;
    int32_t members, width, input, values, start, count, missing;
} finder;

/* How many of `count` ascending borders are less than `value`. */
static int32_t below(const double *borders, int32_t count, double value) {
    const double *at = borders;
    while (count > 0) {
        int32_t half = count / 2;
        if (at[half] < value) at += half + 1, count -= half + 1;
        else count = half;
    }
    return (int32_t)(at - borders);
}

static int32_t row_of(const finder *one, const double *borders, double value) {
    if (isnan(value)) return one->missing;
    borders += one->start;
    if (!one->values) return below(borders, one->count, value);
    value = trunc(value);
    int32_t at = below(borders, one->count, value);
    return at < one->count && borders[at] == value ? 1 + at : 0;
}

/* Where the masks of a number begin that a row falls into. */
static int64_t masks_of(const finder *one, const double *borders, const double *row) {
    return one->masks + (int64_t)row_of(one, borders, row[one->input]) * one->width;
}

/* The sums of the leaves that a row of numbers ends in, by output. masks: of each range of a number a mask for each of the
 * trees that ask for it, which members names; those that the numbers fall into leave one leaf a tree. every: all leaves of
 * each tree. leaves: `width` a tree. outputs: of each tree; sums must be noughts. left: nobody's, a number a tree. */
void pointsman_leaves(const finder *finders, int64_t count, const double *borders, const double *row,
                      const uint32_t *masks, const int32_t *members, const uint32_t *every, int64_t trees,
                      const double *leaves, int64_t width, const int32_t *outputs, uint32_t *left, double *sums) {
    memcpy(left, every, (size_t)trees * sizeof(uint32_t));
    for (const finder *one = finders; one < finders + count; one++) {
        const uint32_t *chosen = masks + masks_of(one, borders, row);
        const int32_t *tree = members + one->members;
        for (int32_t at = 0; at < one->width; at++) left[tree[at]] &= chosen[at];
    }
    for (int64_t tree = 0; tree < trees; tree++) sums[outputs[tree]] += leaves[tree * width + LOWEST(left[tree])];
}

/* What each of the `depth` numbers on the way to a leaf of this value adds to the sum, less what the average row's add:
 * the Shapley values along the trees' paths (Lundberg and others, 2018), by leaf instead of by node. hits: a bit a number,
 * whether it leads to the leaf. A leaf of value v below d numbers counts, where only those of a set S are known, v times
 * the product of the others' shares, a share being that of the rows that taught which go on towards the leaf; and nothing
 * where one of S leads elsewhere. So all that decides are the k numbers that lead to it: the coefficients of
 * prod (x + share) over them are the sums over the sets S of each size. weight: of a set of s of d numbers,
 * s! (d - s - 1)! / d!. room: three times `most`. */
static void leaf_shares(const double *shares, int64_t depth, uint32_t hits, double value, const double *weight,
                        int64_t most, double *room, double *added) {
    double *sizes = room, *leading = room + most, *rest = room + 2 * most;
    double elsewhere = value, missing = 0;
    int64_t known = 0;
    sizes[0] = 1;
    for (int64_t at = 0; at < depth; at++) {
        double share = shares[at];
        if (!(hits >> at & 1)) {
            elsewhere *= share;
            continue;
        }
        leading[known++] = share;
        sizes[known] = sizes[known - 1];
        for (int64_t size = known - 1; size > 0; size--) sizes[size] = sizes[size - 1] + share * sizes[size];
        sizes[0] *= share;
    }
    for (int64_t size = 0; size <= known && size < depth; size++) missing += weight[size] * sizes[size];
    missing *= elsewhere;
    for (int64_t at = 0, of = 0; at < depth; at++) {
        if (!(hits >> at & 1)) {
            added[at] = -missing;
            continue;
        }
        double share = leading[of++], total = 0;
        rest[known] = 0;
        for (int64_t size = known; size > 0; size--) {
            rest[size - 1] = sizes[size] - share * rest[size];
            total += weight[size - 1] * rest[size - 1];
        }
        added[at] = elsewhere * (1 - share) * total;
    }
}

/* The shares of every leaf for every set of numbers that lead to it, in advance: `places` says where those of a leaf
 * begin, or is negative for one that lies too deep; 2^d rows of d. starts: where each leaf's numbers begin. room: four
 * times `most`. */
void pointsman_tabulate(const double *leaves, int64_t count, const int64_t *starts, const double *shares,
                        const double *weights, int64_t most, const int64_t *places, double *room, float *tables) {
    for (int64_t leaf = 0; leaf < count; leaf++) {
        const int64_t depth = starts[leaf + 1] - starts[leaf];
        if (places[leaf] < 0) continue;
        float *row = tables + places[leaf];
        for (uint32_t hits = 0; hits < 1u << depth; hits++) {
            double *added = room + 3 * most;
            leaf_shares(shares + starts[leaf], depth, hits, leaves[leaf], weights + depth * most, most, room, added);
            for (int64_t at = 0; at < depth; at++) *row++ = (float)added[at];
        }
    }
}

/* What each finder's number adds to the sum of the leaves that a row ends in. finders, borders, row, masks: as
 * pointsman_leaves has them. asked: the first tree, the end and the step of each of `sets` sums. used: of each tree where
 * its finders begin; finders_of: which these are, and spots which of the finder's trees it is. starts: of each tree's
 * `width` leaves, where its numbers begin; path: which of the tree's finders has them; shares: theirs. places, tables: as
 * pointsman_tabulate has them. rows, room: nobody's, a number a finder, and four times `most`. sums: noughts, a number a
 * finder for each set. */
void pointsman_shares(const finder *finders, int64_t count, const double *borders, const double *row,
                      const uint32_t *masks, const double *leaves, int64_t width, const int64_t *asked, int64_t sets,
                      const int64_t *used, const int32_t *finders_of, const int32_t *spots, const int64_t *starts,
                      const int32_t *path, const double *shares, const double *weights, int64_t most,
                      const int64_t *places, const float *tables, int64_t *rows, double *room, double *sums) {
    double *added = room + 3 * most;
    for (int64_t at = 0; at < count; at++) rows[at] = masks_of(finders + at, borders, row);
    for (int64_t set = 0; set < sets; set++, sums += count)
        for (int64_t tree = asked[3 * set]; tree < asked[3 * set + 1]; tree += asked[3 * set + 2]) {
            const int32_t *mine = finders_of + used[tree], *spot = spots + used[tree];
            const int64_t numbers = used[tree + 1] - used[tree];  /* fewer than the tree has leaves */
            uint32_t ways[32];
            double total[32];
            for (int64_t at = 0; at < numbers; at++) ways[at] = masks[rows[mine[at]] + spot[at]], total[at] = 0;
            for (int64_t leaf = tree * width, bit = 0; bit < width; leaf++, bit++) {
                const int64_t start = starts[leaf], depth = starts[leaf + 1] - start;
                const int32_t *way = path + start;
                uint32_t hits = 0;
                for (int64_t at = 0; at < depth; at++) hits |= (ways[way[at]] >> bit & 1) << at;
                if (places[leaf] >= 0) {
                    const float *known = tables + places[leaf] + hits * depth;
                    for (int64_t at = 0; at < depth; at++) total[way[at]] += known[at];
                    continue;
                }
                leaf_shares(shares + start, depth, hits, leaves[leaf], weights + depth * most, most, room, added);
                for (int64_t at = 0; at < depth; at++) total[way[at]] += added[at];
            }
            for (int64_t at = 0; at < numbers; at++) sums[mine[at]] += total[at];
        }
}

/* How a head's scores add up: models.heads.Blend, and what is added before a label is chosen. favour: none, one number a
 * label, or that many and below them a row of them for each label. */
typedef struct {
    double linear, meaning, trees, slope, offset, sureness, scatter, familiar;
    const double *bias, *favour;
    int64_t labels, favours;
} head;

static int64_t largest(const double *numbers, int64_t count) {
    int64_t best = 0;
    for (int64_t at = 1; at < count; at++)
        if (numbers[at] > numbers[best]) best = at;
    return best;
}

/* log(1 + exp(score)) */
static double softplus(double score) { return score > 0 ? score + log1p(exp(-score)) : log1p(exp(score)); }

/* How scattered the doubt in the answer is: models.heads.scattered. */
static double scattered(const double *scores, int64_t labels) {
    int64_t answer = largest(scores, labels);
    double most = -INFINITY, total = 0, moment = 0;
    for (int64_t at = 0; at < labels; at++)
        if (at != answer && scores[at] > most) most = scores[at];
    for (int64_t at = 0; at < labels; at++) {
        if (at == answer) continue;
        double behind = scores[at] - most, share = exp(behind);
        total += share;
        moment += share * behind;
    }
    return log(total) - moment / total;
}

/* What speaks for each label: models.heads.add_up. linear, meaning, trees: what each member says of each label, none for
 * one that the head lacks. */
static void add_up(const head *how, const double *linear, const double *meaning, const double *trees, double *scores) {
    for (int64_t at = 0; at < how->labels; at++) {
        double evidence = -softplus(-(how->slope * linear[at] + how->offset));
        scores[at] = how->linear * evidence + how->bias[at];
        if (meaning) scores[at] += how->meaning * meaning[at];
        if (trees) scores[at] += how->trees * trees[at];
    }
    double sureness = 1;
    if (how->scatter != 0 || how->familiar != 0)
        sureness = exp(how->scatter * scattered(scores, how->labels) + how->familiar * scores[largest(scores, how->labels)]);
    for (int64_t at = 0; at < how->labels; at++) scores[at] = scores[at] * sureness * how->sureness;
}

/* The label that is answered: models.heads.chosen. said: nobody's. */
static int64_t chosen(const head *how, const double *probabilities, double *said) {
    if (!how->favours) return largest(probabilities, how->labels);
    for (int64_t at = 0; at < how->labels; at++) {
        double added = 0;
        for (int64_t row = 1; row < how->favours; row++)
            added += probabilities[row - 1] * how->favour[row * how->labels + at];
        said[at] = log(fmax(probabilities[at], 1e-300)) + (how->favour[at] + added);
    }
    return largest(said, how->labels);
}

/* What a head of several labels answers: what speaks for each, their probabilities, and the places of the first `top` of
 * them: the one that is answered, then the others, the most probable first. room: nobody's; all hold a number a label. */
void pointsman_answer(const head *how, const double *linear, const double *meaning, const double *trees, int64_t top,
                      double *room, double *scores, double *probabilities, int64_t *places) {
    int64_t labels = how->labels;
    add_up(how, linear, meaning, trees, scores);
    double most = scores[largest(scores, labels)], total = 0;
    for (int64_t at = 0; at < labels; at++) total += probabilities[at] = exp(scores[at] - most);
    for (int64_t at = 0; at < labels; at++) probabilities[at] /= total;
    places[0] = chosen(how, probabilities, room);
    memcpy(room, probabilities, (size_t)labels * sizeof(double));
    room[places[0]] = -1;
    for (int64_t place = 1; place < top && place < labels; place++) {
        places[place] = largest(room, labels);
        room[places[place]] = -1;
    }
}

/* What a head's answer follows from: models.answering.Answering.slopes. scores, label: what speaks for each label, and
 * the place of the answer. empty, whole: the linear scores of an empty ticket and of this one. against, slopes: of each
 * label. */
void pointsman_slopes(const head *how, const double *scores, int64_t label, const double *empty, const double *whole,
                      double *against, double *slopes) {
    double most = -INFINITY, total = 0;
    for (int64_t at = 0; at < how->labels; at++)
        if (at != label && scores[at] > most) most = scores[at];
    for (int64_t at = 0; at < how->labels; at++) {
        against[at] = at == label ? 0 : exp(scores[at] - most);
        total += against[at];
    }
    for (int64_t at = 0; at < how->labels; at++) {
        against[at] = how->sureness * (at == label ? 1 : -(against[at] / total));
        double apart = whole[at] - empty[at], along = how->slope * whole[at] + how->offset;
        double slope = fabs(apart) < FLAT ? how->slope * exp(-softplus(along))
                                          : (softplus(-(how->slope * empty[at] + how->offset)) - softplus(-along)) / apart;
        slopes[at] = how->linear * slope;
    }
}

/* What parts of a text say, by the words that own them: features.origins.Origins.by_word. said: `kinds` a part; sums:
 * noughts, `kinds` a word. */
void pointsman_by_word(const int64_t *parts, const int64_t *owners, const double *shares, int64_t count,
                       const double *said, int64_t kinds, double *sums) {
    for (int64_t at = 0; at < count; at++)
        for (int64_t kind = 0; kind < kinds; kind++)
            sums[owners[at] * kinds + kind] += shares[at] * said[parts[at] * kinds + kind];
}
