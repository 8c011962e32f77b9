# SPDX-License-Identifier: Apache-2.0
"""What `sovaudit convert` writes, against published schemas and against itself.

    validate_formats.py SCHEMAS CATALOGUE NAME...

reads NAME.sarif, .xml, .cdx.json, .oscal.json and .csv. Schemas that are absent are passed over, as
is every schema without python3-jsonschema; what the files say of themselves is always checked.
"""
import csv
import json
import os
import sys
import warnings
import xml.etree.ElementTree as xml

try:
    import jsonschema
except ImportError:
    jsonschema = None

warnings.simplefilter("ignore", DeprecationWarning)  # of RefResolver, which Debian 12 needs
schemas, catalogue_path, names = sys.argv[1], sys.argv[2], sys.argv[3:]


if jsonschema is not None:
    class Offline(jsonschema.RefResolver):
        """Knows the schemas beside each other; asks nobody else."""

        def resolve_remote(self, uri):
            raise ValueError(f"no schema at hand for {uri}")


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def validator(path):
    """A function that lists what is wrong with a document, or None."""
    path = os.path.join(schemas, path)
    if jsonschema is None or not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        text = file.read()
    # Python's expressions know no classes of Unicode.
    text = text.replace("\\\\p{L}", "A-Za-z").replace("\\\\p{N}", "0-9")
    text = text.replace("(A-Za-z|_)", "([A-Za-z]|_)").replace("(A-Za-z|0-9|", "([A-Za-z0-9]|")
    schema = json.loads(text)
    folder = os.path.dirname(path)
    own = schema.get("$id") or schema.get("id") or ""
    store = {own: schema, own.rstrip("#"): schema}
    for name in os.listdir(folder):
        if name.endswith(".schema.json") and name != os.path.basename(path):
            other = load(os.path.join(folder, name))
            store[other.get("$id", name)] = other
    kind = jsonschema.validators.validator_for(schema)
    kind = kind(schema, format_checker=jsonschema.FormatChecker(),
                resolver=Offline(own, schema, store=store))
    return lambda document: [f"{list(e.absolute_path)}: {e.message[:200]}"
                             for e in kind.iter_errors(document)]


def every(node, key):
    """All values of a key, at any depth."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == key:
                yield value
            yield from every(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from every(value, key)


def check_sarif(document):
    run = document["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    ids = [rule["id"] for rule in rules]
    files = {file["location"]["uri"] for file in run["artifacts"]}
    assert len(ids) == len(set(ids)), "a rule twice"
    prints = [result["partialFingerprints"]["sovaudit/v1"] for result in run["results"]]
    assert len(prints) == len(set(prints)), "a fingerprint twice"
    for result in run["results"]:
        if "ruleIndex" in result:
            assert ids[result["ruleIndex"]] == result["ruleId"], "a rule's index"
        assert (result["level"] == "none") == (result["kind"] != "fail"), "level and kind"
        for location in result["locations"]:
            place = location["physicalLocation"]["artifactLocation"]
            assert place["uri"] in files, "a result in a file that is not there"
            assert place["uriBaseId"] in run["originalUriBaseIds"]
    kinds = {}
    for result in run["results"]:
        kind = result["kind"] + (", suppressed" if "suppressions" in result else "")
        kinds[kind] = kinds.get(kind, 0) + 1
    return f"{len(rules)} rules, results " + str(dict(sorted(kinds.items())))


def check_cyclonedx(document):
    refs = list(every(document, "bom-ref"))
    assert len(refs) == len(set(refs)), "a bom-ref twice"
    for key in ("claims", "counterClaims", "evidence", "counterEvidence"):
        for value in every(document, key):
            for ref in value:
                assert not isinstance(ref, str) or ref in refs, f"{key}: {ref} is nowhere"
    for key in ("target", "assessor", "requirement"):
        for ref in every(document, key):
            assert ref in refs, f"{key}: {ref} is nowhere"
    ancestors = [a["name"] for a in sum(every(document, "ancestors"), [])]
    return f"ancestors {ancestors}, {len(document['declarations']['claims'])} claims"


def check_oscal(document):
    results = document["assessment-results"]
    result = results["results"][0]
    catalogue = load(catalogue_path)["catalog"]
    statements = {part["id"] for control in catalogue["controls"] for part in control["parts"]}
    defined = [uuid for uuid in every(document, "uuid")]
    assert len(defined) == len(set(defined)), "a UUID twice"
    for key in ("subject-uuid", "actor-uuid", "observation-uuid", "component-uuid", "risk-uuid"):
        for uuid in every(document, key):
            assert uuid in defined, f"{key}: {uuid} is nowhere"
    assert results["import-ap"]["href"][1:] in defined
    states = {}
    for finding in result.get("findings", []):
        target = finding["target"]
        assert target["target-id"] in statements, "a statement that the catalogue lacks"
        risks = [risk["status"] for risk in result.get("risks", [])
                 for one in finding.get("related-risks", []) if one["risk-uuid"] == risk["uuid"]]
        verdict = [p["value"] for p in finding["props"] if p["name"] == "verdict"][0]
        assert (target["status"]["state"] == "satisfied") == (verdict == "pass") == (risks == [])
        seen = " ".join([target["status"]["reason"], verdict, *risks])
        states[seen] = states.get(seen, 0) + 1
    if "findings" in result:
        props = results["back-matter"]["resources"][0]["props"]
        named = [p["value"] for p in props if p["name"] == "catalogue-uuid"]
        assert named == [catalogue["uuid"]], "another catalogue"
    return str(dict(sorted(states.items())))


def check_junit(path):
    root = xml.parse(path).getroot()
    suite = root.find("testsuite")
    cases = suite.findall("testcase")
    seen = {tag: sum(1 for case in cases if case.find(tag) is not None)
            for tag in ("failure", "error", "skipped")}
    assert int(suite.get("tests")) == len(cases) == int(root.get("tests"))
    assert int(suite.get("failures")) == seen["failure"] == int(root.get("failures"))
    assert int(suite.get("errors")) == seen["error"]
    assert int(suite.get("skipped")) == seen["skipped"]
    return f"{len(cases)} cases, {seen}"


def check_csv(path):
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    rows = list(csv.reader(text.splitlines(keepends=True), strict=True))
    assert text.endswith("\r\n") and {len(row) for row in rows} == {8}
    for row in rows[1:]:
        for column, cell in enumerate(row):
            assert column == 6 or cell[:1] not in list("=+-@\t\r"), "a formula"
        assert row[6] == "" or float(row[6]) == float(row[6])
    return "rows of " + ", ".join(sorted({row[0] for row in rows[1:]}))


JSON = (("sarif", "sarif", "sarif/sarif-schema-2.1.0.json", check_sarif),
        ("cyclonedx", "cdx.json", "cyclonedx/bom-1.6.schema.json", check_cyclonedx),
        ("oscal", "oscal.json", "oscal/oscal_assessment-results_schema.json", check_oscal))

for format_, ending, schema_path, check in JSON:
    errors_of = validator(schema_path)
    for name in names:
        document = load(f"{name}.{ending}")
        for wrong in errors_of(document) if errors_of else []:
            print(f"{format_} {name}: {wrong}")
        print(f"{format_} {name}: {check(document)}")
for name in names:
    print(f"junit {name}: {check_junit(name + '.xml')}")
    print(f"csv {name}: {check_csv(name + '.csv')}")
