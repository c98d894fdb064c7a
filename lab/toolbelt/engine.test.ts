import assert from "node:assert/strict";
import * as fs from "node:fs";
import { fileURLToPath } from "node:url";
import { engineEnv, HOME, STATE } from "./engine";
import { BIN } from "./pulumi";

describe("the engine's environment", () => {
  const theirs = {
    PATH: "/usr/bin:/bin",
    PULUMI_ACCESS_TOKEN: "secret",
    PULUMI_BACKEND_URL: "https://example.com",
    PULUMI_HOME: "/home/me/.pulumi",
    PULUMI_STACK: "production",
    KUBECONFIG: "/home/me/.kube/config",
    HTTPS_PROXY: "http://example.com:3128",
  };

  it("has nothing of the user's login, stacks or clusters, and all else", () => {
    const env = engineEnv(theirs);
    assert.equal(env.PULUMI_ACCESS_TOKEN, undefined);
    assert.equal(env.PULUMI_STACK, undefined);
    assert.equal(fs.existsSync(env.KUBECONFIG ?? "/"), false);
    assert.equal(env.PULUMI_HOME, HOME);
    assert.equal(env.HTTPS_PROXY, theirs.HTTPS_PROXY);
  });

  it("finds our tools first, then the user's", () => {
    assert.equal(engineEnv(theirs).PATH, `${BIN}:/usr/bin:/bin`);
    assert.equal(engineEnv({}).PATH, BIN);
  });

  it("keeps state in our own folder, unless HITLESS_BACKEND names another place", () => {
    assert.equal(fileURLToPath(engineEnv(theirs).PULUMI_BACKEND_URL ?? ""), STATE);
    const elsewhere = { ...theirs, HITLESS_BACKEND: "s3://states" };
    assert.equal(engineEnv(elsewhere).PULUMI_BACKEND_URL, "s3://states");
  });

  it("has an empty passphrase, unless the user gave one", () => {
    assert.equal(engineEnv(theirs).PULUMI_CONFIG_PASSPHRASE, "");
    assert.equal(engineEnv({ PULUMI_CONFIG_PASSPHRASE: "x" }).PULUMI_CONFIG_PASSPHRASE, "x");
    const file = engineEnv({ PULUMI_CONFIG_PASSPHRASE_FILE: "/run/secret" });
    assert.equal(file.PULUMI_CONFIG_PASSPHRASE, undefined);
    assert.equal(file.PULUMI_CONFIG_PASSPHRASE_FILE, "/run/secret");
  });

  it("a program reaches its engine where a proxy is set, and the user's own exceptions stay", () => {
    assert.equal(engineEnv(theirs).no_grpc_proxy, "127.0.0.1,localhost");
    assert.equal(engineEnv({ no_proxy: "corp.example" }).no_grpc_proxy, "127.0.0.1,localhost,corp.example");
  });

  it("leaves the environment it was made from as it was", () => {
    const before = { ...theirs };
    engineEnv(theirs);
    assert.deepEqual(theirs, before);
  });
});
