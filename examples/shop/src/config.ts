/** What the shop reads from its environment. */
export interface ShopConfig {
  port: number;
  slot: string;
  version: string;
  /** S: it exits by force this long after SIGTERM. Milliseconds. */
  shutdownMs: number;
  /** How long it answers with `Connection: close` before it closes its listener. Milliseconds. */
  lameDuckMs: number;
  longestRequestMs: number;
  faults: {
    /** Share of application requests that are answered with 500. */
    errorRate: number;
    /** Milliseconds before it starts to listen. */
    startDelayMs: number;
    neverReady: boolean;
    /** Milliseconds after which it exits with code 1; 0: never. */
    crashAfterMs: number;
    /** What a naive app does: exit at SIGTERM. */
    exitAtSigterm: boolean;
  };
}

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** @throws Error naming every variable that cannot be used */
export function readShopConfig(env: NodeJS.ProcessEnv): ShopConfig {
  const problems: string[] = [];
  const read = <T>(
    name: string,
    fallback: string,
    allowed: string,
    parse: (text: string) => T | undefined,
  ): T => {
    const text = env[name] ?? fallback;
    const value = parse(text);
    if (value === undefined) problems.push(`${name} is "${text}"; allowed: ${allowed}`);
    return value as T;
  };
  const ms = (name: string, fallback: string) =>
    read(name, fallback, 'a duration such as "500ms", "30s" or "1m30s"', (text) => {
      if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined;
      return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce(
        (sum, [, n, unit]) => sum + Number(n) * (UNITS[unit ?? ""] ?? 0),
        0,
      );
    });
  const flag = (name: string) =>
    read(name, "0", "0 or 1", (text) => (/^[01]$/.test(text) ? text === "1" : undefined));
  const config: ShopConfig = {
    port: read("PORT", "8080", "0 to 65535", (text) =>
      /^\d+$/.test(text) && Number(text) < 65536 ? Number(text) : undefined,
    ),
    slot: env["HITLESS_SLOT"] ?? "none",
    version: env["HITLESS_VERSION"] ?? "dev",
    shutdownMs: ms("HITLESS_SHUTDOWN", "10s"),
    lameDuckMs: ms("HITLESS_LAME_DUCK", "2s"),
    longestRequestMs: ms("HITLESS_LONGEST_REQUEST", "5s"),
    faults: {
      errorRate: read("FAULT_ERROR_RATE", "0", "0 to 1", (text) =>
        Number(text) >= 0 && Number(text) <= 1 ? Number(text) : undefined,
      ),
      startDelayMs: ms("FAULT_START_DELAY", "0s"),
      neverReady: flag("FAULT_NEVER_READY"),
      crashAfterMs: ms("FAULT_CRASH_AFTER", "0s"),
      exitAtSigterm: flag("FAULT_EXIT_AT_SIGTERM"),
    },
  };
  if (problems.length > 0)
    throw new Error(`the shop cannot start:\n${problems.map((one) => `  - ${one}`).join("\n")}`);
  return config;
}
