import { cached, sourceKey } from "./cache";
import { toolsIn } from "./built";
import { hasDebian, unpacked } from "./debian";
import { findGo, wantedGo } from "./go";
import { workingIptables } from "./iptables";
import { type Build, BUILDS } from "./pins";
import { presentEngine, presentProvider } from "./pulumi";
import { run } from "./run";
import { hostRunc } from "./runc";
import type { Finding, Tool } from "./types";

const GET = "`npm start` gets it";

/** What of the toolbelt is there, which version, from where. Builds, downloads and changes nothing. */
export async function inspect(): Promise<Finding[]> {
  const cluster = process.platform === "linux" ? await inspectCluster() : [];
  return [node(), await go(), ...(await inspectEngine()), ...cluster];
}

async function inspectEngine(): Promise<Finding[]> {
  const earlier = (build: Build) => Promise.resolve(inCache(build));
  const engine = await presentEngine(earlier);
  const language: Finding["tool"] = engine?.language
    ? { path: engine.language, version: engine.pulumi.version, source: engine.pulumi.source }
    : { path: "lab/toolbelt/language-host", version: BUILDS.pulumi.version, source: "repository" };
  return [
    finding("pulumi", engine?.pulumi, unbuilt(BUILDS.pulumi)),
    finding("pulumi-resource-kubernetes", await presentProvider(earlier), unbuilt(BUILDS.provider)),
    { name: "pulumi-language-nodejs", tool: language },
  ];
}

async function inspectCluster(): Promise<Finding[]> {
  const builds: Build[] = [BUILDS.kubernetes, BUILDS.containerd, BUILDS.cni, BUILDS.pause];
  const built = builds.flatMap((build) =>
    build.binaries.map((name) =>
      finding(
        name,
        inCache(build)?.find((tool) => tool.name === name),
        unbuilt(build),
      ),
    ),
  );
  return [...built, await runc(), await iptables()];
}

const inCache = (build: Build): Tool[] | undefined => {
  const dir = cached(sourceKey(build));
  return dir ? toolsIn(build, dir, "cache") : undefined;
};

const unbuilt = ({ minutes }: Build): string =>
  `not built yet: \`npm start\` builds it (about ${minutes < 1 ? "half a minute" : `${minutes} min`})`;

const unfetched = (name: string): string =>
  hasDebian()
    ? `not there: ${GET} from Debian, without installing it`
    : `not there: install the package \`${name}\``;

function finding(name: Finding["name"], tool: Finding["tool"], note: string): Finding {
  if (!tool) return { name, note };
  return { name, tool: { path: tool.path, version: tool.version, source: tool.source } };
}

const node = (): Finding => ({
  name: "node",
  tool: { path: process.execPath, version: process.versions.node, source: "running" },
});

async function go(): Promise<Finding> {
  const at = findGo();
  const wanted = Object.values(BUILDS).map(wantedGo).sort(byNumbers).at(-1);
  if (!at)
    return { name: "go", note: `not on PATH: install Go ${wanted} or newer, to build what is missing` };
  const ran = await run(at, ["env", "GOVERSION"], { env: { ...process.env, GOTOOLCHAIN: "local" } });
  return finding(
    "go",
    { path: at, version: ran.stdout.trim().replace(/^go/, "") || "unknown", source: "PATH" },
    "",
  );
}

const byNumbers = (a: string, b: string): number => a.localeCompare(b, "en", { numeric: true });

async function runc(): Promise<Finding> {
  const copy = unpacked("runc");
  const packaged = copy && { path: `${copy.root}/usr/sbin/runc`, version: copy.version, source: "package" };
  return finding("runc", (await hostRunc()) ?? packaged, unfetched("runc"));
}

async function iptables(): Promise<Finding> {
  const found = await workingIptables();
  return finding("iptables", found && { ...found, path: found.command }, unfetched("iptables"));
}

/** The findings as aligned lines: tool, version, source, path. */
export function renderFindings(findings: Finding[]): string[] {
  const rows = findings.map(({ name, tool }) => [name, tool?.version ?? "-", tool?.source ?? "-"]);
  const header = ["tool", "version", "from"];
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: string[], last: string) =>
    [...cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)), last].join("  ").trimEnd();
  return [
    line(header, "path"),
    ...findings.map(({ tool, note }, i) => line(rows[i] ?? [], tool?.path ?? note ?? "")),
  ];
}
