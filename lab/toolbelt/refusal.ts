/** Why a Go command failed to get what it needs. */
export interface Refusal {
  /** `path@version`, where Go says which. */
  module?: string;
  /** In one line, without hosts and addresses. */
  reason: string;
  /** Whether trying again may help: a network that hiccups does, a registry that says no does not. */
  again: boolean;
}

const MODULE = /([a-z0-9][\w.-]*\.[a-z]{2,}(?:\/[\w.~!+-]+)*)@(v\d[\w.+-]*)/i;
const STATUS = /\b([45]\d\d)\b(?: ([A-Z][A-Za-z ]+))?/;
const MISMATCH = /checksum mismatch|missing go\.sum entry/i;
const OFF = /disabled by GOPROXY/;
const TROUBLE =
  /timeout|timed out|connection (?:reset|refused)|EOF|TLS handshake|no such host|lookup .* (?:on|i\/o)|temporary failure|network is unreachable|dial tcp|stream error|server misbehaving/i;

/**
 * Reads a Go command's stderr: one refusal for each module it names, the final ones first.
 * Empty: it failed for another reason than a download.
 */
export function refusalsOf(stderr: string): Refusal[] {
  const lines = stderr.split("\n").filter((line) => !/^go: downloading /.test(line));
  const found = lines.filter(isDownload).map(refusalIn);
  const named = found.filter((it) => it.module);
  const each = new Map((named.length > 0 ? named : found.slice(0, 1)).map((it) => [it.module, it]));
  return [...each.values()].sort((a, b) => Number(a.again) - Number(b.again));
}

function refusalIn(line: string): Refusal {
  const named = MODULE.exec(line);
  const status = STATUS.exec(afterAddress(line));
  const code = status ? Number(status[1]) : undefined;
  const mismatch = MISMATCH.exec(line)?.[0];
  return {
    ...(named ? { module: `${named[1]}@${named[2]?.replace(/[.]+$/, "")}` } : {}),
    reason:
      mismatch?.toLowerCase() ??
      (status
        ? `the registry answered ${code} ${status[2]?.trim() ?? ""}`.trim()
        : withoutHosts(afterModule(line))),
    again:
      !mismatch && !OFF.test(line) && (code === undefined || code === 408 || code === 429 || code >= 500),
  };
}

function isDownload(line: string): boolean {
  if (/requires go >=/.test(line)) return false;
  if (MISMATCH.test(line) || OFF.test(line)) return true;
  return (/https?:\/\//.test(line) && STATUS.test(afterAddress(line))) || TROUBLE.test(line);
}

/** A version may hold three digits that look like a status: only what follows the address counts. */
const afterAddress = (line: string): string =>
  line
    .split(/https?:\/\/\S+/)
    .slice(1)
    .join(" ");

const afterModule = (line: string): string =>
  line.replace(/^go: /, "").replace(new RegExp(`^.*?${MODULE.source}: `, "i"), "");

/** Addresses and hosts say where somebody's registry is: nobody needs that to act on the message. */
export function withoutHosts(text: string): string {
  return text
    .replace(/(?:Get|Head|reading) "?https?:\/\/[^\s"]+"?:?\s*/gi, "")
    .replace(/https?:\/\/[^\s"]+/g, "the registry")
    .replace(/\blookup \S+( on \S+)?:/g, "lookup of the registry:")
    .replace(/\b(?:dial|read|write) (?:tcp|udp)\d? [^:]*(?:->\S+)?:(?:\d+:)? ?/g, "")
    .replace(/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, "the registry")
    .trim();
}
