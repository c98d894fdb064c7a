import assert from "node:assert/strict";
import { layout } from "./layout";

describe("a lab's layout", () => {
  const before = process.env["HITLESS_LAB_NAME"];
  afterEach(() => {
    if (before === undefined) delete process.env["HITLESS_LAB_NAME"];
    else process.env["HITLESS_LAB_NAME"] = before;
  });

  it("differs in everything that the host sees for two checkouts", () => {
    const [one, other] = [layout("lab", "/home/a/hitless"), layout("lab", "/home/b/hitless")];
    for (const key of Object.keys(one) as (keyof typeof one)[]) assert.notEqual(one[key], other[key], key);
  });

  it("differs in everything for two names in one checkout", () => {
    const [one, other] = [layout("one"), layout("two")];
    for (const key of Object.keys(one) as (keyof typeof one)[]) assert.notEqual(one[key], other[key], key);
  });

  it("keeps everything that is deleted with a lab in the lab's own folder", () => {
    const at = layout("lab", "/home/a/hitless");
    assert.equal(at.state, "/home/a/hitless/.hitless/lab");
    for (const inside of [at.kubeconfig, at.backend, at.logs, at.temporary])
      assert(inside.startsWith(`${at.state}/`));
    assert(!at.lockDir.startsWith(`${at.state}/`), "a lock must outlive the folder it guards");
  });

  it("takes its name from HITLESS_LAB_NAME, looked up when it is asked for", () => {
    process.env["HITLESS_LAB_NAME"] = "mine";
    assert.match(layout().name, /^mine-[0-9a-f]{6}$/);
    process.env["HITLESS_LAB_NAME"] = "";
    assert.match(layout().name, /^hitless-lab-[0-9a-f]{6}$/);
  });

  for (const name of ["../x", "a/b", "-a", "a-", "A", "a b", "'", "x".repeat(41)]) {
    it(`refuses the name ${JSON.stringify(name)}, whose folder would be deleted or whose node could not be`, () => {
      assert.throws(() => layout(name), /HITLESS_LAB_NAME: is not a name that a node could have[^]*allowed:/);
    });
  }
});
