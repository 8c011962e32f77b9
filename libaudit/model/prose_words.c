/* SPDX-License-Identifier: Apache-2.0 */
/* Which words make a sentence one about origin. */
#include <string.h>

#include "base/text.h"
#include "model/card_prose.h"

static bool is_letter(char c)
{
    const char l = sva_lower(c);
    return l >= 'a' && l <= 'z';
}

/** A letter of a phrase: "fine-tuned" and "fine_tuned" are "fine tuned". */
static char phrase_letter(char c)
{
    return c == '-' || c == '_' || c == '\t' ? ' ' : sva_lower(c);
}

/** Does the text hold the phrase, beginning at the beginning of a word? Phrases are lower case. */
static bool holds(const char *text, size_t size, const char *phrase)
{
    const size_t length = strlen(phrase);
    for (size_t at = 0; at + length <= size; at++) {
        size_t same = 0;
        while (same < length && phrase_letter(text[at + same]) == phrase[same]) {
            same++;
        }
        if (same == length && (at == 0 || !is_letter(text[at - 1]) || !is_letter(phrase[0]))) {
            return true;
        }
    }
    return false;
}

static bool holds_any(const char *text, size_t size, const char *const *phrases)
{
    for (size_t i = 0; phrases[i] != NULL; i++) {
        if (holds(text, size, phrases[i])) {
            return true;
        }
    }
    return false;
}

static const char *const origin[] = {"based on",
                                     "built on",
                                     "built upon",
                                     "built with",
                                     "fine tun",
                                     "finetun",
                                     "instruction tun",
                                     "derived from",
                                     "derivative",
                                     "starting from",
                                     "initialized from",
                                     "initialised from",
                                     "initialized with",
                                     "initialised with",
                                     "init from",
                                     "continued pre",
                                     "continual pre",
                                     "continually pre",
                                     "further pre",
                                     "further train",
                                     "further fine",
                                     "post train",
                                     "distill",
                                     "base model",
                                     "backbone",
                                     "foundation model",
                                     "merge of",
                                     "merging",
                                     "merged",
                                     "quantized",
                                     "quantised",
                                     "quantization of",
                                     "adapter",
                                     "lora",
                                     "up scal",
                                     "upscal",
                                     "forked from",
                                     "warm start",
                                     "trained from",
                                     "trained on top",
                                     "on top of",
                                     "converted from",
                                     "conversion of",
                                     "extends",
                                     "tuned from",
                                     "기반",
                                     "미세조정",
                                     "미세 조정",
                                     "파인튜닝",
                                     "파인 튜닝",
                                     "파생",
                                     "추가 학습",
                                     "추가학습",
                                     "이어 학습",
                                     "병합",
                                     "양자화",
                                     "증류",
                                     "초기화",
                                     "활용하여",
                                     "원본 모델",
                                     "베이스 모델",
                                     "기초 모델",
                                     "이용하여",
                                     "토대로",
                                     "바탕으로",
                                     NULL};

/** Sentences that say it of something else, or deny it. */
static const char *const negations[] = {"not trained from",
                                        "not from scratch",
                                        "not been trained from",
                                        "not pre trained from",
                                        "not pretrained from",
                                        "isn't trained",
                                        "wasn't trained",
                                        "rather than",
                                        "instead of",
                                        "unlike",
                                        "than training",
                                        "without training",
                                        "아니",
                                        "아닌",
                                        "아닙",
                                        "않았",
                                        "않고",
                                        "대신",
                                        NULL};

static const char *const scratch[] = {
    "from scratch", "randomly initiali", "random initiali", "처음부터",    "밑바닥부터",
    "스크래치",     "무작위 초기화",     "무작위로 초기화", "임의 초기화", NULL};

static const char *const made[] = {"train",   "pretrain", "pre train", "develop", "built", "build",
                                   "created", "weights",  "initiali",  "학습",    "개발",  "훈련",
                                   "구축",    "가중치",   "사전학습",  NULL};

static const char *const token[] = {"tokenizer",  "tokeniser", "vocabulary",
                                    "토크나이저", "어휘",      NULL};

static const char *const whole[] = {"model", "weights", "decoder", "network", "llm",
                                    "모델",  "가중치",  "모형",    NULL};

static bool says_scratch(const char *text, size_t size)
{
    const bool of_tokens = holds_any(text, size, token) && !holds_any(text, size, whole);
    return holds_any(text, size, scratch) && holds_any(text, size, made) &&
           !holds_any(text, size, negations) && !of_tokens;
}

/** "Qwen2.5-7B", "org/name": letters and digits in one word with a joint. */
static bool looks_like_a_name(const char *word, size_t size)
{
    bool letter = false;
    bool digit = false;
    bool joint = false;
    for (size_t i = 0; i < size; i++) {
        letter = letter || is_letter(word[i]);
        digit = digit || sva_is_digit(word[i]);
        joint = joint || (i > 0 && i + 1 < size && strchr("-./_:", word[i]) != NULL);
    }
    return size >= 4 && letter && digit && joint;
}

static bool holds_name(const char *text, size_t size)
{
    for (size_t at = 0; at < size;) {
        size_t end = at;
        while (end < size &&
               (is_letter(text[end]) || sva_is_digit(text[end]) ||
                strchr("-./_:", text[end]) != NULL) &&
               text[end] != '\0') {
            end++;
        }
        if (looks_like_a_name(text + at, end - at)) {
            return true;
        }
        at = end + 1;
    }
    return false;
}

enum sva_prose_kind sva_prose_kind_of(const char *text, size_t size)
{
    if (says_scratch(text, size)) {
        return SVA_PROSE_SCRATCH;
    }
    if (holds_any(text, size, origin)) {
        return SVA_PROSE_ORIGIN;
    }
    return holds_name(text, size) ? SVA_PROSE_NAME : SVA_PROSE_NONE;
}
