import assert from "node:assert/strict";
import { HitlessError } from "../../shared/errors";
import { silentProgress } from "../../shared/progress";
import { fetching, goEnv, wantedGo } from "./go";
import { type Build, BUILDS } from "./pins";
import type { Ran } from "./run";

const step = silentProgress.start("");
const ok: Ran = { code: 0, stdout: "done", stderr: "" };
const failing = (stderr: string): Ran => ({ code: 1, stdout: "", stderr });
const OVERLOADED = failing(
  "x.org/a@v1.2.3: reading https://proxy.internal/x.org/a/@v/v1.2.3.zip: 503 Service Unavailable",
);
const REFUSED = failing(
  "x.org/a@v1.2.3: reading https://proxy.internal/x.org/a/@v/v1.2.3.zip: 403 Forbidden",
);

function answers(...list: Ran[]): { command: () => Promise<Ran>; calls: () => number } {
  let calls = 0;
  return { command: () => Promise.resolve(list[calls++] as Ran), calls: () => calls };
}

async function failure(command: () => Promise<Ran>): Promise<HitlessError> {
  const error: unknown = await fetching(BUILDS.pulumi, step, command, [0, 0]).catch((it: unknown) => it);
  assert.ok(error instanceof HitlessError);
  return error;
}

describe("fetching Go modules", () => {
  it("an overloaded registry is asked again until it answers", async () => {
    const { command, calls } = answers(OVERLOADED, OVERLOADED, ok);
    assert.equal((await fetching(BUILDS.pulumi, step, command, [0, 0])).stdout, "done");
    assert.equal(calls(), 3);
  });

  it("it is not asked for ever", async () => {
    const { command, calls } = answers(OVERLOADED, OVERLOADED, OVERLOADED, ok);
    const error = await failure(command);
    assert.equal(calls(), 3);
    assert.match(error.message, /in 3 tries/);
    assert.match(error.message, /x\.org\/a@v1\.2\.3: the registry answered 503/);
  });

  it("a refusal names the package and version, without asking again or naming the registry's host", async () => {
    const { command, calls } = answers(REFUSED, ok);
    const error = await failure(command);
    assert.equal(calls(), 1);
    assert.equal(error.code, 2);
    assert.equal(error.problems[0]?.where, "x.org/a@v1.2.3");
    assert.equal(error.problems[0]?.what, "the registry answered 403 Forbidden");
    assert.doesNotMatch(error.message, /proxy\.internal/);
  });

  it("what is no download's failure is shown as Go said it", async () => {
    const error = await failure(answers(failing("main.go:1:1: expected 'package'")).command);
    assert.match(error.message, /expected 'package'/);
  });
});

describe("Go's settings for a build", () => {
  it("a user's GOFLAGS and workspace do not change what is built", () => {
    const env = goEnv(BUILDS.kubernetes, {
      GOFLAGS: "-mod=vendor -tags=x",
      GOWORK: "/home/me/go.work",
      GOPROXY: "https://x.org",
    });
    assert.equal(env.GOFLAGS, "-buildvcs=false");
    assert.equal(env.GOWORK, "off");
    assert.equal(env.CGO_ENABLED, "0");
    assert.equal(env.GOPROXY, "https://x.org");
  });

  it("only Pulumi's modules are left out of the public checksum database, beside the user's own", () => {
    assert.equal(goEnv(BUILDS.kubernetes, {}).GONOSUMDB, undefined);
    assert.equal(goEnv(BUILDS.kubernetes, { GONOSUMDB: "corp.example" }).GONOSUMDB, "corp.example");
    assert.equal(
      goEnv(BUILDS.pulumi, { GONOSUMDB: "corp.example" }).GONOSUMDB,
      "corp.example,github.com/pulumi/*",
    );
  });

  for (const build of Object.values<Build>(BUILDS)) {
    it(`the module ${build.module} says which Go it takes`, () => assert.match(wantedGo(build), /^1\.\d+/));
  }
});
