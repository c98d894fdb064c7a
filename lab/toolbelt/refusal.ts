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
const TROUBLE =
  /timeout|timed out|connection (?:reset|refused)|EOF|TLS handshake|no such host|lookup .* (?:on|i\/o)|temporary failure|network is unreachable|dial tcp|stream error|server misbehaving/i;

/** Reads a Go command's stderr. Undefined: it failed for another reason than a download. */
export function refusalOf(stderr: string): Refusal | undefined {
  const lines = stderr.split("\n").filter((line) => !/^go: downloading /.test(line));
  const bad = lines.filter((line) => isDownload(line));
  const line = bad.find((it) => MODULE.test(it)) ?? bad[0];
  if (line === undefined) return undefined;
  const named = MODULE.exec(line) ?? MODULE.exec(stderr);
  const text = lines.slice(lines.indexOf(line)).join("\n");
  const status = STATUS.exec(afterAddress(line));
  const code = status ? Number(status[1]) : undefined;
  const mismatch = /checksum mismatch|SECURITY ERROR|missing go\.sum entry/i.exec(text);
  return {
    ...(named ? { module: `${named[1]}@${trimDot(named[2] as string)}` } : {}),
    reason: mismatch
      ? mismatch[0].toLowerCase()
      : code
        ? `the registry answered ${code}${status?.[2] ? ` ${status[2].trim()}` : ""}`
        : withoutHosts(afterModule(line)),
    again: !mismatch && (code === undefined || code === 408 || code === 429 || code >= 500),
  };
}

function isDownload(line: string): boolean {
  if (/requires go >=/.test(line)) return false;
  if (/checksum mismatch|missing go\.sum entry|SECURITY ERROR/i.test(line)) return true;
  return (
    (/https?:\/\//.test(line) && STATUS.test(afterAddress(line))) ||
    TROUBLE.test(line) ||
    /disabled by GOPROXY/.test(line)
  );
}

/** A version may hold three digits that look like a status: only what follows the address counts. */
const afterAddress = (line: string): string =>
  line.slice(/https?:\/\/\S+/.exec(line)?.index ?? 0).replace(/https?:\/\/\S+/g, "");

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

const trimDot = (version: string): string => version.replace(/[.]+$/, "");
