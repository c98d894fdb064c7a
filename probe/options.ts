import { type Problem, unusable } from "../shared/errors";
import { CLIENT_KINDS, type ProbeOptions, type ProbePaths } from "./types";

/** Options with their defaults, checked. */
export type Settings = Required<Omit<ProbeOptions, "url" | "paths" | "expectStatus">> & {
  url: URL;
  paths: ProbePaths;
  expects: (status: number) => boolean;
};

/** @throws HitlessError naming every option that cannot be used */
export function settings(options: ProbeOptions): Settings {
  const { rate = 100, clients = ["new-connection", "keep-alive"] } = options;
  const { slowMs = 4000, timeoutMs = 10_000, maxRequests = 1_000_000, expectStatus } = options;
  const paths: ProbePaths = { slow: "/slow?ms={ms}", post: "/orders", websocket: "/ws", ...options.paths };
  const problems: Problem[] = [];
  const within = (where: string, value: number, least: number, most: number, unit: string): void => {
    if (value >= least && value <= most) return;
    problems.push({ where, what: "is out of range", value, allowed: `${least} to ${most} ${unit}` });
  };
  const url = URL.canParse(options.url) ? new URL(options.url) : undefined;
  if (!url || !["http:", "https:"].includes(url.protocol)) {
    const allowed = "http://HOST[:PORT][/PATH] or https://...";
    problems.push({ where: "url", what: "is not an address to probe", value: options.url, allowed });
  }
  within("rate", rate, 0.1, 5000, "requests a second");
  within("slowMs", slowMs, 1, 600_000, "milliseconds");
  within("timeoutMs", timeoutMs, 1, 600_000, "milliseconds");
  within("maxRequests", maxRequests, 1, 1e9, "requests");
  const unknown = clients.filter((kind) => !CLIENT_KINDS.includes(kind));
  if (unknown.length > 0 || clients.length === 0) {
    const what = clients.length === 0 ? "names no client" : "is not a kind of client";
    problems.push({ where: "clients", what, value: unknown.join(", "), allowed: CLIENT_KINDS.join(", ") });
  }
  for (const [name, path] of Object.entries(paths) as [string, string][]) {
    if (!path.startsWith("/"))
      problems.push({ where: `paths.${name}`, what: "is not a path", value: path, allowed: "/..." });
  }
  if (problems.length > 0 || !url) throw unusable("the probe cannot start", problems);
  return {
    url,
    rate,
    clients: CLIENT_KINDS.filter((kind) => clients.includes(kind)),
    paths,
    slowMs,
    timeoutMs,
    maxRequests,
    expects: (status) => expectStatus?.includes(status) ?? (status >= 200 && status < 400),
  };
}
