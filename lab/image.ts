import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { startTime } from "../shared/process";
import type { Progress } from "../shared/progress";
import { cacheDirectory } from "./layout";

/**
 * The two images that the lab has. No registry is reached: the Node.js image is made of this machine's own Node.js
 * and the libraries it needs, under the name of the stock image, so that a manifest that pulls the stock image
 * elsewhere runs here unchanged. It has no shell.
 */
export const NODE_IMAGE = "docker.io/library/node:20-bookworm-slim";
export const PAUSE_IMAGE = "hitless.dev/pause:1";

interface ImageSpec {
  name: string;
  /** Source file by its path in the image. */
  files: Record<string, string>;
  config: { Env: string[]; Cmd?: string[]; Entrypoint?: string[] };
}

/** Path of a tar with both images (OCI layout), made once for a given Node.js. */
export function ensureImages(pausePath: string, progress: Progress): string {
  const key = createHash("sha256")
    .update(JSON.stringify([process.version, identity(process.execPath), identity(pausePath), "layout 1"]))
    .digest("hex")
    .slice(0, 16);
  const file = path.join(cacheDirectory(), "images", `${key}.tar`);
  if (fs.existsSync(file)) return file;
  const step = progress.start("Write the lab's images");
  const folder = path.dirname(file);
  fs.mkdirSync(folder, { recursive: true });
  removeAbandoned(folder);
  const work = fs.mkdtempSync(path.join(folder, `work-${process.pid}-`));
  try {
    writeLayout(work, [
      {
        name: NODE_IMAGE,
        files: { "/usr/local/bin/node": process.execPath, ...libraries(process.execPath) },
        config: {
          Env: ["PATH=/usr/local/bin:/usr/bin:/bin", `NODE_VERSION=${process.versions.node}`],
          Cmd: ["node"],
        },
      },
      {
        name: PAUSE_IMAGE,
        files: { "/pause": pausePath },
        config: { Env: ["PATH=/"], Entrypoint: ["/pause"] },
      },
    ]);
    execFileSync("tar", ["-C", path.join(work, "layout"), "-cf", path.join(work, "images.tar"), "."]);
    fs.renameSync(path.join(work, "images.tar"), file);
    step.done();
    return file;
  } catch (error) {
    step.fail();
    throw error;
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

/** What a killed run was writing. */
function removeAbandoned(folder: string): void {
  for (const name of fs.readdirSync(folder)) {
    const pid = /^work-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && startTime(Number(pid)) === undefined) {
      fs.rmSync(path.join(folder, name), { recursive: true, force: true });
    }
  }
}

const identity = (file: string): string => {
  const { size, mtimeMs } = fs.statSync(file);
  return `${file}:${size}:${mtimeMs}`;
};

/** The shared libraries of a program, by the path at which its loader looks for them. */
function libraries(program: string): Record<string, string> {
  const { stdout } = spawnSync("ldd", [program], { encoding: "utf8" });
  const paths = [...stdout.matchAll(/(\/[^\s]+) \(0x/g)].map((match) => match[1] as string);
  return Object.fromEntries(paths.map((file) => [file, fs.realpathSync(file)]));
}

/** Writes images as an OCI layout: one uncompressed layer each. */
function writeLayout(work: string, images: ImageSpec[]): void {
  const layout = path.join(work, "layout");
  const blobs = path.join(layout, "blobs", "sha256");
  fs.mkdirSync(blobs, { recursive: true });
  const blob = (content: Buffer): { digest: string; size: number } => {
    const hash = createHash("sha256").update(content).digest("hex");
    fs.writeFileSync(path.join(blobs, hash), content);
    return { digest: `sha256:${hash}`, size: content.length };
  };
  const json = (value: unknown) => blob(Buffer.from(JSON.stringify(value)));
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const manifests = images.map(({ name, files, config }, index) => {
    const layer = blob(rootfs(path.join(work, `root-${index}`), files));
    const configuration = json({
      architecture,
      os: "linux",
      config,
      rootfs: { type: "layers", diff_ids: [layer.digest] },
    });
    const manifest = json({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: { mediaType: "application/vnd.oci.image.config.v1+json", ...configuration },
      layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar", ...layer }],
    });
    return {
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      ...manifest,
      annotations: { "io.containerd.image.name": name, "org.opencontainers.image.ref.name": name },
      platform: { architecture, os: "linux" },
    };
  });
  fs.writeFileSync(path.join(layout, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  fs.writeFileSync(path.join(layout, "index.json"), JSON.stringify({ schemaVersion: 2, manifests }));
}

function rootfs(root: string, files: Record<string, string>): Buffer {
  for (const folder of ["etc", "proc", "sys", "dev", "tmp", "root"])
    fs.mkdirSync(path.join(root, folder), { recursive: true });
  fs.chmodSync(path.join(root, "tmp"), 0o1777);
  fs.writeFileSync(
    path.join(root, "etc", "passwd"),
    "root:x:0:0:root:/root:/\nnode:x:1000:1000:node:/tmp:/\n",
  );
  fs.writeFileSync(path.join(root, "etc", "group"), "root:x:0:\nnode:x:1000:\n");
  for (const [target, source] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, target)), { recursive: true });
    fs.copyFileSync(source, path.join(root, target));
    fs.chmodSync(path.join(root, target), 0o755);
  }
  const tar = `${root}.tar`;
  execFileSync("tar", [
    "--numeric-owner",
    "--owner=0",
    "--group=0",
    "--sort=name",
    "--mtime=@0",
    "-C",
    root,
    "-cf",
    tar,
    ".",
  ]);
  return fs.readFileSync(tar);
}
