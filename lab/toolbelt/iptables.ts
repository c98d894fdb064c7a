import * as fs from "node:fs";
import * as path from "node:path";
import type { Problem } from "../../shared/errors";
import type { Progress } from "../../shared/progress";
import { cacheRoot } from "./cache";
import { hasDebian, unpack, unpacked, type Unpacked } from "./debian";
import { quoted, script } from "./files";
import { onPath, run } from "./run";
import type { Source, Tool } from "./types";

/** One iptables that may work with this kernel. */
interface Candidate {
  /** `iptables`, `iptables-legacy` or `iptables-nft`: the first of the six commands. */
  command: string;
  env: Record<string, string>;
  source: Source;
}

interface Working extends Candidate {
  version: string;
}

/** Not on every user's PATH. */
const SBIN = ["/usr/sbin", "/sbin", "/usr/local/sbin"];
const FLAVOURS = ["", "-legacy", "-nft"];

/** Rules of each kind that kube-proxy and the CNI plugins write. */
const RULES = `*nat
:HITLESS-TRY - [0:0]
-A HITLESS-TRY -m comment --comment "try" -m mark --mark 0x4000/0x4000 -j MASQUERADE --random-fully
-A HITLESS-TRY -m addrtype --dst-type LOCAL -p tcp -m tcp --dport 80 -m statistic --mode random --probability 0.5 -j DNAT --to-destination 10.0.0.1:80
-A HITLESS-TRY -j MARK --or-mark 0x4000
COMMIT
*filter
:HITLESS-TRY - [0:0]
-A HITLESS-TRY -m conntrack --ctstate INVALID -j DROP
-A HITLESS-TRY -p tcp -j REJECT
COMMIT
`;

/** Finds an iptables that works here, unpacking Debian's if there is none; or says what to get. */
export async function findIptables(progress: Progress): Promise<Tool | Problem> {
  const found = await workingIptables();
  if (found) return toolOf(found);
  if (hasDebian() && !unpacked("iptables")) {
    const copy = await unpack("iptables", progress);
    if ("what" in copy) return copy;
    const works = await firstWorking(fromPackage(copy));
    if (works) return toolOf(works);
  }
  return {
    where: "iptables",
    what: "no iptables that works with this kernel",
    allowed: "iptables 1.8 or newer, legacy or nft",
    fix: "install the package `iptables`",
  };
}

/** The iptables that is there already, on the host or in the cache. Changes nothing. */
export async function workingIptables(): Promise<Working | undefined> {
  const copy = unpacked("iptables");
  return firstWorking([...fromHost(), ...(copy ? fromPackage(copy) : [])]);
}

function fromHost(): Candidate[] {
  return FLAVOURS.flatMap((flavour) =>
    onPath(`iptables${flavour}`, process.env.PATH, SBIN).map((command) => ({
      command,
      env: {},
      source: "PATH" as const,
    })),
  );
}

function fromPackage(copy: Unpacked): Candidate[] {
  const libraries = copy.libraries.join(":");
  const plugins =
    copy.libraries.map((dir) => path.join(dir, "xtables")).find((dir) => fs.existsSync(dir)) ?? "";
  return ["-legacy", "-nft"].map((flavour) => ({
    command: path.join(copy.root, "usr", "sbin", `iptables${flavour}`),
    env: { LD_LIBRARY_PATH: libraries, XTABLES_LIBDIR: plugins },
    source: "package" as const,
  }));
}

async function firstWorking(candidates: Candidate[]): Promise<Working | undefined> {
  for (const candidate of candidates) {
    const version = await tryOut(candidate);
    if (version) return { ...candidate, version };
  }
  return undefined;
}

const toolOf = (found: Working): Tool => ({
  name: "iptables",
  path: commands(found),
  version: found.version,
  source: found.source,
});

/** Writes the rules in a network namespace that ends with the command, so that the host's are never touched. */
async function tryOut({ command, env }: Candidate): Promise<string | undefined> {
  const six = ["", "-save", "-restore"].flatMap((end) => [
    command + end,
    command.replace(/iptables(?=[^/]*$)/, "ip6tables") + end,
  ]);
  if (!six.every((file) => fs.existsSync(file))) return undefined;
  const script = `"$0-restore" --noflush <<'RULES' && "$0" --version\n${RULES}RULES\n`;
  const ran = await run("unshare", ["-n", "sh", "-c", script, command], {
    env: { ...process.env, ...env },
    timeout: 10_000,
  }).catch(() => undefined);
  return ran?.code === 0 ? (/v(\d[\d.]*( \(\w+\))?)/.exec(ran.stdout)?.[1] ?? "unknown") : undefined;
}

/** A folder in which the six commands have their plain names, and start with their own libraries; the path of `iptables` in it. */
function commands({ command, env, source }: Candidate): string {
  if (source === "PATH" && path.basename(command) === "iptables") return command;
  const dir = path.join(
    cacheRoot(),
    `${source === "PATH" ? "host" : "debian"}-${path.basename(command)}`,
    "bin",
  );
  for (const family of ["iptables", "ip6tables"]) {
    for (const end of ["", "-save", "-restore"]) {
      const target = command.replace(/iptables(?=[^/]*$)/, family) + end;
      const settings = Object.entries(env).map(([name, value]) => `${name}=${quoted(value)} `);
      script(path.join(dir, family + end), `${settings.join("")}exec ${quoted(target)} "$@"`);
    }
  }
  return path.join(dir, "iptables");
}
