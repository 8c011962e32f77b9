/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the readers of models and registers find, as they say it in English, and in Korean. A
 * finding is kept as code and English sentence (prints and JSON reports carry them); Korean is made
 * from it by the first row of its code whose English fits: {0}, {1} ... stand for what varies.
 * A sentence that is reworded in a reader is reworded here too; tests/checks compare the codes.
 */
#ifndef SVA_REPORT_FINDING_WORDS_H
#define SVA_REPORT_FINDING_WORDS_H

/* clang-format off: it would pad lines of Hangul */
/* X(code, English, Korean) */
#define SVA_FINDING_WORDS(X) \
    /* files of a model */ \
    X("several-parts", "Weights lie in {0} subdirectories, and no model_index.json says that they " \
      "belong together; they were taken for parts of one model.", \
      "가중치가 하위 폴더 {0}곳에 있고 이들이 한 모델이라고 밝힌 model_index.json이 없어, 한 모델의 " \
      "부분으로 보았습니다.") \
    X("duplicate-weights", "{0} is a safetensors file that is not audited: {1}.", \
      "{0}: 감사하지 않은 safetensors 파일입니다({1}).") \
    X("duplicate-weights", "{0}, GGUF in {1} part(s), is not audited: {2}.", \
      "{0}: 감사하지 않은 GGUF 파일입니다(부분 {1}개, {2}).") \
    X("not-audited", "{0} is a safetensors file that is not audited: {1}.", \
      "{0}: 감사하지 않은 safetensors 파일입니다({1}).") \
    X("not-audited", "{0}, GGUF in {1} part(s), is not audited: {2}.", \
      "{0}: 감사하지 않은 GGUF 파일입니다(부분 {1}개, {2}).") \
    X("not-audited", "{0} is {1} of {2} bytes; weights in it were not audited.", \
      "{0}: {1}({2}바이트)이며, 이 파일의 가중치는 감사하지 않았습니다.") \
    X("not-audited", "{0} files with weights were not audited in all.", \
      "감사하지 않은 가중치 파일은 모두 {0}개입니다.") \
    X("not-audited", "{0} files are of no kind that is audited: {1}.", \
      "감사하지 않는 종류의 파일 {0}개: {1}") \
    X("read-in-part", "A quick reading took {0}% of {1} bytes of tensors; values that were not read " \
      "were not compared, and weight files have no digest.", \
      "빠른 검사로 텐서 {1}바이트 중 {0}%만 읽었습니다. 읽지 않은 값은 비교하지 않았고 가중치 파일의 " \
      "해시는 구하지 않았습니다.") \
    X("lone-shard", "{0} is shard {1} of {2}; the others were not looked at.", \
      "{0}: 전체 {2}개 조각 중 {1}번째이며, 나머지는 확인하지 않았습니다.") \
    X("lone-shard", "{0} is one of {1} parts of a model; the others were not looked at.", \
      "{0}: 전체 {1}개 부분 중 하나이며, 나머지는 확인하지 않았습니다.") \
    X("odd-split", "{0} is named like part {1} of {2}, but nothing inside says so.", \
      "{0}: 이름으로는 전체 {2}개 중 {1}번째 부분이나 파일 안에는 그러한 표시가 없습니다.") \
    X("odd-split", "{0} number(s) of a split that cannot be, first \"{1}\" at byte {2}", \
      "분할에 관한 값으로 맞지 않는 수가 {0}개 있습니다. 첫 위치: {1}, {2}바이트.") \
    X("file-refused", "{0} is a link that leads nowhere; it was not opened.", \
      "{0}: 대상이 없는 링크여서 열지 않았습니다.") \
    X("file-refused", "{0} is a link that leads out of the model's directory; it was not opened.", \
      "{0}: 모델 폴더 밖을 가리키는 링크여서 열지 않았습니다.") \
    X("file-refused", "{0} is a link to a directory; it was not opened.", \
      "{0}: 폴더를 가리키는 링크여서 열지 않았습니다.") \
    X("file-refused", "{0} is not a regular file (a pipe, socket or device); it was not opened.", \
      "{0}: 일반 파일이 아니어서(파이프, 소켓, 장치) 열지 않았습니다.") \
    X("file-refused", "{0} cannot be opened and was left out.", \
      "{0}: 열 수 없어 제외하였습니다.") \
    X("directory-not-entered", "{0} hidden or deeper directories were not looked into: {1}.", \
      "숨은 폴더 또는 더 깊은 폴더 {0}곳은 확인하지 않았습니다: {1}.") \
    X("directory-not-entered", "{0} hidden or deeper directories were not looked into.", \
      "숨은 폴더 또는 더 깊은 폴더 {0}곳은 확인하지 않았습니다.") \
    X("directory-not-entered", "{0} files in hidden or deeper directories of the archive were not " \
      "looked at, the first being {1}.", \
      "압축 파일의 숨은 폴더 또는 더 깊은 폴더에 있는 파일 {0}개는 확인하지 않았습니다. 예: {1}.") \
    X("directory-not-entered", "{0} files in hidden or deeper directories of the archive were not " \
      "looked at.", \
      "압축 파일의 숨은 폴더 또는 더 깊은 폴더에 있는 파일 {0}개는 확인하지 않았습니다.") \
    X("case-collision", "{0} and {1} differ in the case of letters only; where case is not told " \
      "apart one replaces the other.", \
      "{0}와(과) {1}은(는) 대소문자만 다릅니다. 대소문자를 구별하지 않는 환경에서는 한쪽이 다른 " \
      "쪽을 대체합니다.") \
    X("case-collision", "{0} file names collide in all where case is not told apart.", \
      "대소문자를 구별하지 않으면 겹치는 파일 이름은 모두 {0}개입니다.") \
    X("inside-archive", "The files lie in an archive ({0}) of {1} bytes: {2} files, {3} bytes, of " \
      "which {4} had to be unpacked.", \
      "파일이 압축 파일({0}, {1}바이트) 안에 있습니다. 파일 {2}개, {3}바이트이며 그중 {4}바이트를 " \
      "풀었습니다.") \
    X("archive-without-end", "The archive has no end mark after its last file; it may have been " \
      "cut there.", \
      "압축 파일의 마지막 파일 뒤에 끝 표시가 없습니다. 그 위치에서 잘렸을 수 있습니다.") \
    X("archive-unclaimed-bytes", "{0} bytes of the archive belong to none of its files.", \
      "압축 파일에 어느 파일에도 속하지 않는 데이터가 {0}바이트 있습니다.") \
    /* code */ \
    X("pickle-not-audited", "{0} is {1} of {2} bytes; loading one can run code, so it was neither " \
      "loaded nor audited.", \
      "{0}: {1}({2}바이트)입니다. 불러올 때 코드가 실행될 수 있어 불러오지도 감사하지도 " \
      "않았습니다.") \
    X("pickle-read-as-data", "{0} is {1}; loading it elsewhere can run code. A closed reader took " \
      "its tensors out and ran nothing.", \
      "{0}: {1}입니다. 다른 도구로 불러오면 코드가 실행될 수 있습니다. 이 감사에서는 코드를 " \
      "실행하지 않고 텐서만 읽었습니다.") \
    X("shipped-code", "{0} program files come with the model and were not run: {1}.", \
      "모델과 함께 제공된 프로그램 파일 {0}개(실행하지 않음): {1}") \
    X("shipped-code", "{0} entries of the archive are program text; none was run.", \
      "압축 파일의 항목 중 {0}개는 프로그램이며, 실행하지 않았습니다.") \
    X("remote-code", "{0} asks its users to run code (auto_map, {1} entries, {2} of them pointing " \
      "to another repository).", \
      "{0}: 이용자에게 코드 실행을 요구합니다(auto_map 항목 {1}개, 그중 다른 저장소를 가리키는 항목 " \
      "{2}개).") \
    X("remote-code", "{0} files in all ask their users to run code (auto_map).", \
      "이용자에게 코드 실행을 요구하는 파일은 모두 {0}개입니다(auto_map).") \
    X("auto-map-unresolved", "{0} names {1}, but the model has no such module.", \
      "{0} 항목이 가리키는 모듈이 모델에 없습니다: {1}") \
    X("code-not-read", "{0} was not read as a program: {1}.", \
      "{0}: 프로그램으로 읽지 못하였습니다({1}).") \
    X("code-not-read", "{0} programs were not read in all.", \
      "읽지 못한 프로그램은 모두 {0}개입니다.") \
    X("suspicious-template", "The chat template {0} holds \"{1}\", which templates that run code " \
      "need; it was not evaluated.", \
      "대화 템플릿 {0}에 코드 실행에 쓰이는 표현이 있습니다(\"{1}\"). 템플릿은 실행하지 않았습니다.") \
    /* what lies beside the weights */ \
    X("chat-template-not-read", "The chat template {0} was not read: it has {1} bytes.", \
      "대화 템플릿 {0}: {1}바이트로 너무 커서 읽지 않았습니다.") \
    X("chat-template-not-read", "The chat template was not read: {0}.", \
      "대화 템플릿을 읽지 못하였습니다(원인: {0}).") \
    X("named-weights-not-audited", "The configuration names {0} for its weights, which recent " \
      "loaders take before any other file; it was not audited.", \
      "설정에 가중치 파일로 {0}이(가) 지정되어 있어 최신 로더는 이 파일을 먼저 읽으나, 이 파일은 " \
      "감사하지 않았습니다.") \
    X("config-not-read", "The configuration was not read: {0}.", \
      "설정 파일을 읽지 못하였습니다(원인: {0}).") \
    X("duplicate-config-key", "{0} gives {1} more than once; the last value counts.", \
      "{0}: 키 {1}이(가) 두 번 이상 있어 마지막 값을 적용하였습니다.") \
    X("config-mismatch", "{0} states {1} = {2}, which with {3} rows for each makes {4}, but the {5} " \
      "projection of {6} has {7}.", \
      "{0}에는 {1} = {2}(으)로 적혀 있어 하나에 {3}행씩 {4}행이어야 하나, {6}의 {5} 투영은 {7}행입니다.") \
    X("config-mismatch", "{0} states tie_word_embeddings = {1}, but the tensors of {2} hold an output " \
      "head, which is then not used.", \
      "{0}에는 tie_word_embeddings = {1}(으)로 적혀 있으나 {2}에 출력 헤드가 따로 있습니다. 이 경우 " \
      "출력 헤드는 사용되지 않습니다.") \
    X("config-mismatch", "{0} states tie_word_embeddings = {1}, but the tensors of {2} hold no output " \
      "head.", \
      "{0}에는 tie_word_embeddings = {1}(으)로 적혀 있으나 {2}에 출력 헤드가 없습니다.") \
    X("config-mismatch", "{0} states {1} = {2}, but the tensors of {3} show {4}.", \
      "{0}에는 {1} = {2}(으)로 적혀 있으나 {3}의 텐서에서 확인되는 값은 {4}입니다.") \
    X("adapter-base-is-a-path", "{0} names the adapter's base by a path, \"{1}\"; it says nothing of " \
      "where the base came from, and nothing was opened by it.", \
      "{0}: 어댑터의 기반 모델이 경로(\"{1}\")로만 적혀 있어 그 출처를 알 수 없습니다. 그 경로의 " \
      "파일은 열지 않았습니다.") \
    X("adapter-config-unread", "{0}.", "어댑터 설정을 읽지 못하였습니다(원인: {0}).") \
    X("tokenizer-ids", "{0} token ids or merges of {1} are beyond all bounds and were left out.", \
      "{1}: 범위를 벗어난 토큰 번호 또는 병합 규칙 {0}개를 제외하였습니다.") \
    X("tokenizer-not-read", "The vocabulary was not read: {0}.", \
      "어휘를 읽지 못하였습니다(원인: {0}).") \
    X("notice-cut", "Of the {0} bytes of {1} the first {2} were kept; a model that is named only " \
      "behind them counts as not named.", \
      "{1}: {0}바이트 중 앞의 {2}바이트만 보관하였으며, 그 뒤에만 적힌 모델은 기재되지 않은 것으로 " \
      "봅니다.") \
    X("notice-not-read", "The notice was not read: {0}.", \
      "고지문을 읽지 못하였습니다(원인: {0}).") \
    X("notice-not-read", "{0} more notices were not read.", "그 밖의 고지문 {0}건은 읽지 않았습니다.") \
    X("card-cut", "Of the {0} bytes of {1} the first {2} were read; what is said of the model's " \
      "origin behind them is not seen.", \
      "{1}: {0}바이트 중 앞의 {2}바이트만 읽었으며, 그 뒤에 적힌 출처 관련 내용은 확인하지 " \
      "못하였습니다.") \
    X("merge-recipe-cut", "The merge recipe names more than {0} models; the first were kept.", \
      "병합 설정에 적힌 모델이 {0}개를 넘어 앞의 것만 보관하였습니다.") \
    X("merge-recipe-cut", "The merge recipe was not read: {0}.", \
      "병합 설정을 읽지 못하였습니다(원인: {0}).") \
    X("licence-not-read", "{0} has {1} bytes and was not read for the words of a licence.", \
      "{0}: {1}바이트로 너무 커서 라이선스 문구를 확인하지 않았습니다.") \
    X("licence-conflict", "The licences do not agree: {0} says {1}, {2} says {3}.", \
      "기재된 라이선스가 서로 다릅니다: {0}에는 {1}, {2}에는 {3}.") \
    /* tensors */ \
    X("tensor-not-in-index", "{0} tensors are stored in a shard but not in the index, the first " \
      "being {1}.", \
      "조각 파일에는 있으나 색인에 없는 텐서가 {0}개 있습니다. 예: {1}.") \
    X("tensor-shadowed", "{0} tensors are stored again in a shard that the index does not name for " \
      "them; these copies are not audited, the first being {1}.", \
      "색인이 가리키지 않는 조각 파일에 다시 저장된 텐서가 {0}개 있으며, 그 사본은 감사하지 " \
      "않았습니다. 예: {1}.") \
    X("total-size-mismatch", "{0} states {1} bytes of tensors, the shards hold {2}.", \
      "{0}: 텐서의 크기가 {1}바이트로 적혀 있으나 조각 파일에는 {2}바이트가 있습니다.") \
    X("quantised-set-incomplete", "The tensor {0} looks quantised and is not decoded: {1}.", \
      "텐서 {0}: 양자화된 것으로 보이나 해독하지 못하였습니다(원인: {1}).") \
    X("quantised-set-incomplete", "{0} more tensors look quantised and are not decoded.", \
      "그 밖에 양자화된 것으로 보이나 해독하지 못한 텐서가 {0}개 있습니다.") \
    X("quantised-not-decoded", "The configuration says that weights are quantised by {0}; such " \
      "tensors are listed as they are stored, and not decoded.", \
      "설정에 따르면 가중치가 {0} 방식으로 양자화되어 있습니다. 이러한 텐서는 저장된 그대로 " \
      "표시하고 해독하지 않았습니다.") \
    X("non-finite-values", "{0} infinite values or NaN, or block scales of that kind, in {1} " \
      "tensors, first in \"{2}\"; only the beginning of each tensor was looked at", \
      "무한대 또는 NaN인 값(블록의 배율 포함)이 텐서 {1}개에 {0}개 있습니다. 예: {2}. 각 텐서의 " \
      "앞부분만 확인하였습니다.") \
    X("non-finite-values", "{0} infinite values or NaN, or block scales of that kind, in {1} " \
      "tensors, first in \"{2}\"", \
      "무한대 또는 NaN인 값(블록의 배율 포함)이 텐서 {1}개에 {0}개 있습니다. 예: {2}.") \
    X("non-finite-values", "{0} non-finite values in {1} tensors", \
      "무한대 또는 NaN인 값이 텐서 {1}개에 {0}개 있습니다.") \
    X("blob-digest-mismatch", "{0} does not have the digest that its blob's name claims", \
      "{0}: 다이제스트가 파일 이름에 적힌 것과 다릅니다.") \
    X("unclaimed-bytes", "{0} bytes of the storages belong to no tensor.", \
      "어느 텐서에도 속하지 않는 데이터가 {0}바이트 있습니다.") \
    X("unclaimed-bytes", "{0} bytes of the arrays belong to no element.", \
      "배열의 어느 원소에도 속하지 않는 데이터가 {0}바이트 있습니다.") \
    X("foreign-entries", "{0} entries of the archive are no part of the checkpoint; the first is " \
      "\"{1}\".", \
      "압축 파일의 항목 중 {0}개는 체크포인트에 속하지 않습니다. 예: {1}.") \
    X("foreign-entries", "{0} entries of the archive are no part of the checkpoint.", \
      "압축 파일의 항목 중 {0}개는 체크포인트에 속하지 않습니다.") \
    X("foreign-entries", "{0} entries of the archive are no arrays.", \
      "압축 파일의 항목 중 {0}개는 배열이 아닙니다.") \
    X("transposed-storage", "{0} matrices lie transposed in storage and are shown as stored; the " \
      "first is \"{1}\".", \
      "행과 열이 바뀌어 저장된 행렬이 {0}개 있으며, 저장된 그대로 표시하였습니다. 예: {1}.") \
    X("transposed-storage", "{0} arrays lie in column order and are shown as stored; the first is " \
      "\"{1}\".", \
      "열 순서로 저장된 배열이 {0}개 있으며, 저장된 그대로 표시하였습니다. 예: {1}.") \
    X("strided-tensor", "{0} tensors do not lie in order in storage and were not decoded; the first " \
      "is \"{1}\".", \
      "순서대로 저장되지 않아 해독하지 못한 텐서가 {0}개 있습니다. 예: {1}.") \
    X("other-values", "{0} values beside the tensors (numbers, texts, lists) were passed over.", \
      "텐서가 아닌 값(수, 글, 목록) {0}개는 읽지 않았습니다.") \
    /* safetensors */ \
    X("duplicate-metadata-key", "{0} metadata keys are repeated, first \"{1}\" at byte {2}; readers " \
      "disagree on which value counts", \
      "되풀이된 메타데이터 키가 {0}개 있습니다. 첫 위치: {1}, {2}바이트. 어느 값을 적용하는지는 " \
      "도구에 따라 다릅니다.") \
    X("unknown-field", "{0} unknown field(s) in tensor descriptions, first \"{1}\" at byte {2}", \
      "텐서 정보에 알 수 없는 항목이 {0}개 있습니다. 첫 위치: {1}, {2}바이트.") \
    X("huge-dimension", "{0} dimension(s) of 2^48 and more in empty tensors, first \"{1}\" at byte " \
      "{2}", \
      "빈 텐서에 2^48 이상의 차원이 {0}개 있습니다. 첫 위치: {1}, {2}바이트.") \
    X("empty-tensor-name", "{0} tensor(s) without a name, first \"{1}\" at byte {2}", \
      "이름이 없는 텐서가 {0}개 있습니다. 첫 위치: {2}바이트.") \
    X("nul-in-metadata", "{0} metadata entries that hold a NUL and are shown up to it, first " \
      "\"{1}\" at byte {2}", \
      "NUL 문자가 든 메타데이터가 {0}개 있어 그 앞까지만 표시하였습니다. 첫 위치: {1}, {2}바이트.") \
    X("nul-in-metadata", "{0} value(s) hold a NUL and are shown up to it, first \"{1}\" at byte {2}", \
      "NUL 문자가 든 값이 {0}개 있어 그 앞까지만 표시하였습니다. 첫 위치: {1}, {2}바이트.") \
    X("null-metadata", "\"__metadata__\" is null", "\"__metadata__\"의 값이 null입니다.") \
    X("large-header", "the header has {0} bytes, more than the {1} that model hubs accept", \
      "헤더가 {0}바이트로, 모델 저장소가 받아들이는 {1}바이트를 넘습니다.") \
    X("leading-whitespace", "the header begins with a blank instead of {", \
      "헤더가 여는 중괄호가 아니라 공백으로 시작합니다.") \
    /* the index of shards */ \
    X("odd-total-size", "\"total_size\" is not one unsigned integer and is ignored", \
      "색인의 \"total_size\"가 부호 없는 정수가 아니어서 무시하였습니다.") \
    X("odd-total-parameters", "\"total_parameters\" is not a possible number and is ignored", \
      "색인의 \"total_parameters\"가 있을 수 없는 수여서 무시하였습니다.") \
    X("shard-in-subdirectory", "a shard lies in a subdirectory, first \"{0}\" at byte {1}", \
      "조각 파일이 하위 폴더에 있습니다. 첫 위치: {0}, {1}바이트.") \
    X("unknown-index-key", "{0} unknown key(s) in the index, first \"{1}\" at byte {2}", \
      "색인에 알 수 없는 키가 {0}개 있습니다. 첫 위치: {1}, {2}바이트.") \
    X("empty-weight-map", "\"weight_map\" names no tensor", \
      "색인의 \"weight_map\"에 텐서가 없습니다.") \
    /* GGUF */ \
    X("tensor-order", "tensors are not described in the order of their data, first \"{0}\" at byte " \
      "{1}; some loaders refuse that", \
      "텐서가 데이터의 순서대로 적혀 있지 않습니다. 첫 위치: {0}, {1}바이트. 일부 도구는 이러한 " \
      "파일을 거부합니다.") \
    X("unpadded-end", "the padding behind the last tensor is missing; some loaders refuse that", \
      "마지막 텐서 뒤의 채움이 없습니다. 일부 도구는 이러한 파일을 거부합니다.") \
    X("trailing-bytes", "{0} bytes at byte {1} lie behind the last tensor and belong to none", \
      "마지막 텐서 뒤에 어느 텐서에도 속하지 않는 데이터가 {0}바이트 있습니다(위치 {1}바이트).") \
    X("missing-data-section", "the file ends before its data section would begin", \
      "데이터 영역이 시작되기 전에 파일이 끝납니다.") \
    X("old-gguf-version", "GGUF version 1, which most loaders refuse", \
      "GGUF 버전 1이며, 대부분의 도구가 거부합니다.") \
    X("big-endian", "the file is big-endian, which most loaders refuse{0}", \
      "빅 엔디언 파일이며, 대부분의 도구가 거부합니다.") \
    X("unknown-tensor-type", "{0} tensor(s) are of types that are not decoded, first \"{1}\" at byte " \
      "{2} of {3}; how many bytes they need cannot be checked, so they were taken to reach to the " \
      "next tensor", \
      "해독하지 못하는 자료형의 텐서가 {0}개 있습니다. 첫 위치: {1}, {2}바이트, 자료형 {3}. 크기를 " \
      "확인할 수 없어 다음 텐서까지로 보았습니다.") \
    X("odd-key", "{0} key(s) hold other characters than plain ASCII, first \"{1}\" at byte {2}", \
      "ASCII가 아닌 문자가 든 키가 {0}개 있습니다. 첫 위치: {1}, {2}바이트.") \
    X("odd-boolean", "{0} truth value(s) are neither 0 nor 1, first \"{1}\" at byte {2}", \
      "0도 1도 아닌 참·거짓 값이 {0}개 있습니다. 첫 위치: {1}, {2}바이트.") \
    X("metadata-not-utf8", "{0} value(s) are not valid UTF-8, first \"{1}\" at byte {2}", \
      "올바른 UTF-8이 아닌 값이 {0}개 있습니다. 첫 위치: {1}, {2}바이트.") \
    X("nested-array", "{0} array(s) hold arrays, which some loaders refuse, first \"{1}\" at byte " \
      "{2}", \
      "배열이 든 배열이 {0}개 있으며, 일부 도구가 거부합니다. 첫 위치: {1}, {2}바이트.") \
    X("wrong-key-type", "{0} known key(s) hold a value of a wrong type, first \"{1}\" at byte {2}", \
      "자료형이 맞지 않는 값을 가진 키가 {0}개 있습니다. 첫 위치: {1}, {2}바이트.") \
    X("wrong-list-length", "{0} list(s) are not as long as what they describe, first \"{1}\" at byte " \
      "{2}", \
      "길이가 설명 대상과 맞지 않는 목록이 {0}개 있습니다. 첫 위치: {1}, {2}바이트.") \
    X("odd-hyperparameter", "{0} number(s) of the network that cannot be or make loaders fail, first " \
      "\"{1}\" at byte {2}", \
      "있을 수 없거나 도구의 오류를 일으키는 신경망 설정값이 {0}개 있습니다. 첫 위치: {1}, " \
      "{2}바이트.") \
    X("long-tensor-name", "{0} tensor name(s) are longer than the 63 bytes that llama.cpp reads, " \
      "first \"{1}\" at byte {2}", \
      "llama.cpp가 읽는 63바이트보다 긴 텐서 이름이 {0}개 있습니다. 첫 위치: {1}, {2}바이트.") \
    X("odd-tensor-name", "{0} tensor name(s) hold characters that would steer a terminal or deceive " \
      "a reader, first \"{1}\" at byte {2}", \
      "화면을 조작하거나 읽는 사람을 속일 수 있는 문자가 든 텐서 이름이 {0}개 있습니다. 첫 위치: " \
      "{1}, {2}바이트.") \
    X("high-rank", "{0} tensor(s) have more than 4 dimensions, first \"{1}\" at byte {2}", \
      "차원이 5개 이상인 텐서가 {0}개 있습니다. 첫 위치: {1}, {2}바이트.") \
    X("unstored-tensor-type", "{0} tensor(s) are of a type that exists during computations only, " \
      "first \"{1}\" at byte {2}", \
      "계산 중에만 쓰이는 자료형의 텐서가 {0}개 있습니다. 첫 위치: {1}, {2}바이트.") \
    X("hole-between-tensors", "{0} hole(s) between tensors, which belong to none and some loaders " \
      "refuse, first at byte {1}", \
      "텐서 사이에 어느 텐서에도 속하지 않는 구간이 {0}곳 있으며, 일부 도구가 거부합니다. 첫 위치: " \
      "{1}바이트.") \
    X("nonzero-padding", "{0} stretch(es) of padding hold something else than zeros, first at byte " \
      "{1}", \
      "0이 아닌 값이 든 채움 구간이 {0}곳 있습니다. 첫 위치: {1}바이트.") \
    X("padding-not-checked", "{0} stretch(es) of padding too long to be looked at, first at byte {1}", \
      "너무 길어 확인하지 않은 채움 구간이 {0}곳 있습니다. 첫 위치: {1}바이트.") \
    X("odd-alignment", "an alignment of {0}; loaders disagree on whether it is one", \
      "정렬 단위가 {0}이며, 도구에 따라 받아들이지 않을 수 있습니다.") \
    /* documents of a register */ \
    X("evidence-changed", "the document's bytes are not those that were registered", \
      "문서의 내용이 등록한 것과 다릅니다.") \
    X("evidence-unlisted", "the file lies among the documents and is not registered", \
      "증빙 문서와 함께 있으나 등록되지 않은 파일입니다.") \
    X("evidence-missing", "{0}", "등록된 문서를 열 수 없습니다(원인: {0}).") \
    X("evidence-malformed", "{0}", "문서의 형식이 맞지 않습니다(원인: {0}).") \
    /* the signature of a model's files */ \
    X("signature-unvouched", "no key was given or is declared by which the signature could be " \
      "verified", \
      "서명을 확인할 공개 키가 지정되지도 증빙 목록에 등록되지도 않았습니다.") \
    X("signature-invalid", "the signature was not made by the key that was given over these bytes", \
      "지정된 키로 이 내용에 대해 만든 서명이 아닙니다.") \
    X("signature-invalid", "the signature was not made by a declared key over these bytes", \
      "등록된 키로 이 내용에 대해 만든 서명이 아닙니다.") \
    X("signature-unsupported", "{0}", "읽지 않는 종류의 서명입니다(원인: {0}).") \
    X("signed-file-changed", "the file is not as it was signed", \
      "서명 당시와 다른 파일입니다.") \
    X("signed-file-missing", "the signature lists the file, and it is not there", \
      "서명되었으나 없는 파일입니다.") \
    X("signed-file-unlisted", "the signature does not cover this file of weights", \
      "서명 범위에 들지 않은 가중치 파일입니다.")
/* clang-format on */

#endif
