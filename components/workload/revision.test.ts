import assert from "node:assert/strict";
import * as fc from "fast-check";
import { canonical, digest, revisionOf } from "./revision";

/** The same value with the keys of each object the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
}

describe("a revision", () => {
  it("is the version and eight digits of what shapes the pods", () =>
    assert.match(revisionOf("v1.2", { image: "a" }), /^v1\.2-[0-9a-f]{8}$/));

  it("does not depend on the order of keys", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => assert.equal(digest(value), digest(reversed(value)))));
  });

  it("depends on the order of lists, and on every value", () => {
    assert.notEqual(digest(["a", "b"]), digest(["b", "a"]));
    assert.notEqual(digest({ a: 1 }), digest({ a: "1" }));
    assert.notEqual(digest({ a: { b: 1 } }), digest({ a: { c: 1 } }));
  });

  it("takes what is undefined as not there, and null as there", () => {
    assert.equal(canonical({ a: undefined, b: 1 }), '{"b":1}');
    assert.equal(canonical({ a: null }), '{"a":null}');
  });

  it("keeps apart what reads alike", () => {
    assert.notEqual(canonical({ a: "1,b:2" }), canonical({ a: "1", b: 2 }));
    assert.notEqual(canonical(["a", "b"]), canonical(['a","b']));
  });
});
