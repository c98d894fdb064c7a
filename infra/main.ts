import * as pulumi from "@pulumi/pulumi";
import { connect } from "../components/live/cluster";
import { type LiveEnvironment, readEnvironment } from "../components/live/environment";
import { HitlessError, refused } from "../shared/errors";
import { parseStackConfig, SECRETS_KEY, type StackConfig } from "./config";
import { platform } from "./platform";
import { readSecrets, type Secrets } from "./secrets";
import { slot } from "./slot";
import { traffic } from "./traffic";

/** The name under which a release runs the engine; a plain `pulumi up` has none. */
export const HOLDER_VARIABLE = "HITLESS_RELEASE";

/** This project's settings, without the project's name before each key. */
function ownSettings(): Record<string, string> {
  const prefix = `${pulumi.getProject()}:`;
  const all = JSON.parse(process.env["PULUMI_CONFIG"] ?? "{}") as Record<string, string>;
  return Object.fromEntries(
    Object.entries(all).flatMap(([key, value]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [],
    ),
  );
}

/** The keys of this project's settings that are stored as secrets. */
function secretKeys(): Set<string> {
  const prefix = `${pulumi.getProject()}:`;
  const all = JSON.parse(process.env["PULUMI_CONFIG_SECRET_KEYS"] ?? "[]") as string[];
  return new Set(all.flatMap((key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : [])));
}

/** While a release runs, nobody else changes its stacks. */
function refuseDuringRelease(live: LiveEnvironment): void {
  const holder = live.releasing?.holder;
  if (!holder || holder === process.env[HOLDER_VARIABLE]) return;
  throw refused("a release of this environment is running", [
    {
      what: "its Lease is held",
      value: holder,
      fix: "wait for it (hitless status ENV shows its step); if its process is gone, any hitless command on the environment clears the Lease",
    },
  ]);
}

async function run(config: StackConfig, secrets: Secrets | undefined): Promise<Record<string, unknown>> {
  if (config.role === "platform") return platform(config);
  const live = await readEnvironment(connect(), config);
  refuseDuringRelease(live);
  return config.role === "slot"
    ? slot(config, live, pulumi.getRootDirectory(), secrets)
    : traffic(config, live);
}

export default async function program(): Promise<Record<string, unknown>> {
  try {
    const settings = ownSettings();
    const file = `stacks/Pulumi.${pulumi.getStack()}.yaml`;
    const config = parseStackConfig(settings, file, secretKeys());
    return await run(config, readSecrets(settings[SECRETS_KEY], file));
  } catch (error) {
    // Known refusals are shown as they are; anything else keeps its stack trace.
    if (error instanceof HitlessError) throw new pulumi.RunError(error.message);
    throw error;
  }
}
