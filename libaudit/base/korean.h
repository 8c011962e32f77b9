/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What Korean texts need: words of closed lists, and particles behind words that are filled in. A
 * sentence says "{0}이(가)" and the form that suits the word's final sound is chosen: by the
 * syllable for Hangul, by how they are read for digits and Latin letters. Known forms: 은(는),
 * 이(가), 을(를), 와(과), (으)로 and (이)라.
 */
#ifndef SVA_BASE_KOREAN_H
#define SVA_BASE_KOREAN_H

#include "base/memory.h"

/** How a word ends when it is read aloud in Korean. */
enum sva_final_sound {
    SVA_SOUND_UNKNOWN,   /**< no letter or digit that we know how to read */
    SVA_SOUND_VOWEL,     /**< no final consonant */
    SVA_SOUND_RIEUL,     /**< ends in ㄹ, which counts as a vowel before (으)로 */
    SVA_SOUND_CONSONANT, /**< any other final consonant */
};

/**
 * Final sound of `length` bytes of UTF-8. Closing quotes and brackets are passed over, and with a
 * closing round bracket everything back to the one that opens it, as the spelling rules want:
 * "모델 A(2025-01)" ends like "A". Numbers are read in whole: 10 as 십, 10000 as 만. Latin words
 * are judged by their last letters, which is right for most names and never wrong in meaning;
 * words of capitals are spelt. Reads at most the last 256 bytes.
 */
enum sva_final_sound sva_korean_final(const char *text, size_t length);

/**
 * `pattern` stands where a particle may stand, `out` ends with the word before it. Appends the
 * form that suits and returns the bytes of `pattern` that it stands for; 0 and nothing appended
 * when there is none. After an unknown sound both forms are kept as they are.
 */
size_t sva_korean_particle(struct sva_bytes *out, const char *pattern);

/** Korean for a word of a closed list, such as "not-checked"; the word itself when unknown. */
const char *sva_korean_word(const char *word);

#endif
