/** The words every part agrees on: slots, labels, annotations. */

export type Slot = "blue" | "green";
export const SLOTS: readonly Slot[] = ["blue", "green"];
export const otherSlot = (slot: Slot): Slot => (slot === "blue" ? "green" : "blue");

/** Labels that a slot's pods carry and that its Deployment and the traffic Service select by. */
export const LABEL = {
  app: "app.kubernetes.io/name",
  environment: "hitless.dev/environment",
  slot: "hitless.dev/slot",
} as const;

export const ANNOTATION = {
  /** The app's own shutdown time after SIGTERM, as a duration. */
  shutdown: "hitless.dev/shutdown",
  longestRequest: "hitless.dev/longest-request",
  inFront: "hitless.dev/in-front",
  /** Which config a slot runs: its version and a hash of all that shapes its pods. */
  revision: "hitless.dev/revision",
  /** Changes when the slot's secrets do. */
  secrets: "hitless.dev/secrets",
  /** How often the slot's pods were renewed without any other change. */
  renewals: "hitless.dev/renewals",
  /** On the traffic Service: the number of the config that is live. Grows with every change. */
  generation: "hitless.dev/generation",
  /** On the traffic Service: the revision each served slot is pinned to, as `blue=v1-...,green=...`. */
  pins: "hitless.dev/pins",
  /** On the traffic Service: ready replicas that a slot needs to carry all traffic. */
  capacity: "hitless.dev/capacity",
} as const;

/** What a set of slots is called: an application in one environment. */
export interface AppEnvironment {
  app: string;
  environment: string;
  namespace: string;
}

export const deploymentName = (app: string, slot: Slot): string => `${app}-${slot}`;
export const leaseName = (app: string): string => `${app}-release`;

export const environmentLabels = ({ app, environment }: AppEnvironment): Record<string, string> => ({
  [LABEL.app]: app,
  [LABEL.environment]: environment,
});

export const slotLabels = (at: AppEnvironment, slot: Slot): Record<string, string> => ({
  ...environmentLabels(at),
  [LABEL.slot]: slot,
});

export type Pins = Partial<Record<Slot, string>>;

export const formatPins = (pins: Pins): string =>
  SLOTS.filter((slot) => pins[slot])
    .map((slot) => `${slot}=${pins[slot]}`)
    .join(",");

export function parsePins(text: string | undefined): Pins {
  const pins: Pins = {};
  for (const part of (text ?? "").split(",")) {
    const [slot, revision] = part.split("=");
    if ((slot === "blue" || slot === "green") && revision) pins[slot] = revision;
  }
  return pins;
}
