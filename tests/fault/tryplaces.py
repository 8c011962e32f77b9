import sys, traceback
sys.path.insert(0,'/work/wt/faults/tests/fault')
import harness, commands, places, time
p=harness.Place(sys.argv[1], sys.argv[2])
s,_=commands.prepare(p)
for t in places.TESTS:
    if len(sys.argv)>3 and not any(a in t.__name__ for a in sys.argv[3:]): continue
    b=time.time()
    try:
        t(p,s); print("ok", t.__name__, round(time.time()-b,1))
    except harness.Skip as e: print("skip", t.__name__, e)
    except Exception as e:
        print("FAILED", t.__name__, str(e)[:1500]); traceback.print_exc(limit=-2)
