# SPDX-License-Identifier: Apache-2.0
import os, sys, time
import commands, harness, sweep
place = harness.Place(sys.argv[1], sys.argv[2])
most = int(sys.argv[3])
names = sys.argv[4:]
start, found = commands.prepare(place)
# something else of the same format to take a file's place
found = [c for c in found if not names or any(n in c.name for n in names)]
import shutil
shutil.copy(os.path.join(start, "other", "model.safetensors"), os.path.join(start, "replacement.data"))
s = sweep.Sweep(place, start, found, most)
t = time.time()
n = s.run(2)
import re, collections
m = collections.Counter()
for text, k in s.messages.items():
    m[re.sub(r'\d+', 'N', text.replace(place.scratch, ''))] += k
print(len(m), "messages")
if os.environ.get("MSG"):
    for text, k in m.most_common(): print(k, text)
print(n, "cases", len(s.problems), "wrong", time.time()-t, "s")
for c in found: print(c.name, s.reference[c.name][1]["allocate"], s.reference[c.name][0].code, end="; ")
