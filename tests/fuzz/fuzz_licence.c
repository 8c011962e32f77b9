/* SPDX-License-Identifier: Apache-2.0 */
/* Licence texts: every place of a phrase lies in the text. */
#include <stdlib.h>

#include "model/licence_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sva_words words = {0};
    struct sva_error error = {0};
    size_t at = 0;
    if (sva_words_make((struct sva_span){data, size}, &words, &error) != SVA_OK) {
        return 0;
    }
    if (sva_licence_recognise(&words, &at) != NULL && at >= words.size) {
        abort();
    }
    for (size_t i = 0; sva_clause_get(i) != NULL; i++) {
        const size_t found = sva_words_find(&words, sva_clause_get(i)->phrase, 0);
        if (found != SIZE_MAX && (found >= words.size || words.places[found] >= size)) {
            abort();
        }
    }
    sva_words_done(&words);
    return 0;
}
