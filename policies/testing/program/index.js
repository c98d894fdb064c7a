"use strict";
// The Deployments in objects.json, by resource name. "$later" stands for a value that only the update knows,
// "$secret" for a secret.
const fs = require("node:fs");
const k8s = require("@pulumi/kubernetes");
const pulumi = require("@pulumi/pulumi");

const provider = new k8s.Provider("yaml", { renderYamlToDirectory: "rendered" });
const earlier = new k8s.core.v1.ConfigMap("earlier", { metadata: { name: "earlier" } }, { provider });

const revive = (_, value) => {
  if (value?.$later !== undefined) return earlier.id.apply(() => value.$later);
  return value?.$secret !== undefined ? pulumi.secret(value.$secret) : value;
};

for (const [name, args] of Object.entries(JSON.parse(fs.readFileSync("objects.json", "utf8"), revive))) {
  new k8s.apps.v1.Deployment(name, args, { provider });
}
