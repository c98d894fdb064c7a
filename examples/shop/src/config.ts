/** What the shop reads from its environment. Times are milliseconds. */
export interface ShopConfig {
  /** HOST: the address to listen on. @default every address of the machine */
  host: string | undefined;
  /** PORT: 0 lets the system choose; the log says which. @default 8080 */
  port: number;
  /** HITLESS_SLOT, sent with each answer. @default "none" */
  slot: string;
  /** HITLESS_VERSION, sent with each answer. @default "dev" */
  version: string;
  /** HITLESS_SHUTDOWN: it ends by force this long after SIGTERM. @default 12 s */
  shutdown: number;
  /** HITLESS_LONGEST_REQUEST: no request takes longer. @default 5 s */
  longestRequest: number;
  /** HITLESS_LAME_DUCK: how long it tells clients to go before it stops listening. @default what `shutdown` leaves beside the longest request */
  lameDuck: number;
  faults: Faults;
}

/** Ways to go wrong on purpose, for tests. All off by default. */
export interface Faults {
  /** FAULT_ERROR_RATE: the share of application requests answered with 500, 0 to 1. */
  errorRate: number;
  /** FAULT_START_DELAY: how long before it listens. */
  startDelay: number;
  /** FAULT_NEVER_READY: it listens, but /readyz says 503. */
  neverReady: boolean;
  /** FAULT_CRASH_AFTER: it ends with code 1 this long after it began to listen. */
  crashAfter: number | undefined;
  /** FAULT_EXIT_AT_SIGTERM: what a naive app does. */
  exitAtSigterm: boolean;
}

/** What closing takes once the last request is answered. */
const CLEANUP = 1000;

const FAULTS = [
  "FAULT_ERROR_RATE",
  "FAULT_START_DELAY",
  "FAULT_NEVER_READY",
  "FAULT_CRASH_AFTER",
  "FAULT_EXIT_AT_SIGTERM",
];

/** @throws Error that names every variable that cannot be used, its value and what is allowed */
export function readConfig(env: NodeJS.ProcessEnv): ShopConfig {
  const problems: string[] = [];
  /** The variable's value, or undefined where it is not set or not usable; the latter is noted. */
  const read = <T>(name: string, allowed: string, parse: (text: string) => T | undefined): T | undefined => {
    const text = env[name];
    if (text === undefined) return undefined;
    const value = parse(text);
    if (value === undefined) problems.push(`${name} is "${text}"; allowed: ${allowed}`);
    return value;
  };
  const time = (name: string) => read(name, 'a duration such as "500ms", "30s" or "1m30s"', milliseconds);
  const flag = (name: string) => read(name, "1 or 0", (text) => ({ 1: true, 0: false })[text]) ?? false;
  const number = (name: string, allowed: string, pattern: RegExp, most: number) =>
    read(name, allowed, (text) => (pattern.test(text) && Number(text) <= most ? Number(text) : undefined));

  for (const name of Object.keys(env).filter((one) => one.startsWith("FAULT_") && !FAULTS.includes(one))) {
    problems.push(`${name} is no fault that this app knows; allowed: ${FAULTS.join(", ")}`);
  }
  const shutdown = time("HITLESS_SHUTDOWN") ?? 12_000;
  const longestRequest = time("HITLESS_LONGEST_REQUEST") ?? 5000;
  const config: ShopConfig = {
    host: env["HOST"],
    port: number("PORT", "a whole number from 0 to 65535", /^\d+$/, 65_535) ?? 8080,
    slot: env["HITLESS_SLOT"] ?? "none",
    version: env["HITLESS_VERSION"] ?? "dev",
    shutdown,
    longestRequest,
    lameDuck: time("HITLESS_LAME_DUCK") ?? Math.max(0, shutdown - longestRequest - CLEANUP),
    faults: {
      errorRate: number("FAULT_ERROR_RATE", "a number from 0 to 1", /^\d+(\.\d+)?$/, 1) ?? 0,
      startDelay: time("FAULT_START_DELAY") ?? 0,
      neverReady: flag("FAULT_NEVER_READY"),
      crashAfter: time("FAULT_CRASH_AFTER"),
      exitAtSigterm: flag("FAULT_EXIT_AT_SIGTERM"),
    },
  };
  if (problems.length > 0)
    throw new Error(["The shop cannot start:", ...problems.map((one) => `  - ${one}`)].join("\n"));
  return config;
}

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function milliseconds(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ""] ?? 0), 0);
}
