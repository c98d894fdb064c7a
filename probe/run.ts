import { HttpLanes, type Lane, order } from "./http";
import { Load } from "./load";
import { type Settings, settings } from "./options";
import { type Flow, plan } from "./plan";
import { Tally } from "./tally";
import type { ProbeOptions, ProbeResult, RunningProbe } from "./types";
import { SocketClient } from "./websocket";

/**
 * Starts the load in this process. Nothing is retried. An abort of `signal` stops it as `stop` does.
 * @throws HitlessError naming every option that cannot be used
 */
// eslint-disable-next-line @typescript-eslint/require-await -- the same form as forkProbe, which does wait
export async function startProbe(
  options: ProbeOptions,
  { signal }: { signal?: AbortSignal } = {},
): Promise<RunningProbe> {
  const set = settings(options);
  const tally = new Tally(set.clients);
  const load = new Load(tally, set.maxRequests);
  const http = new HttpLanes(set, tally);
  const lanes: Lane[] = [];
  for (const flow of plan(set.rate, set.clients, set.slowMs)) {
    for (let index = 0; index < flow.lanes; index++) {
      const lane = createLane(flow, index, set, http, load);
      lanes.push(lane);
      // Spread evenly: so that at any instant one of them has just asked.
      load.pace(flow, (flow.everyMs * (index + 0.5)) / flow.lanes, () => lane.once());
    }
  }

  let atStop: ProbeResult["lastSlotOf"] | undefined;
  const finish = async (): Promise<ProbeResult> => {
    // Read before they leave.
    atStop ??= tally.lastSlotOf();
    load.end();
    await load.idle;
    const result = { ...tally.result(), lastSlotOf: atStop };
    await Promise.all(lanes.map((lane) => lane.close()));
    return result;
  };
  let finished: Promise<ProbeResult> | undefined;
  const stop = (): Promise<ProbeResult> => (finished ??= finish());
  const onAbort = (): void => void stop();
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted) onAbort();
  const ended = load.idle.then(() => signal?.removeEventListener("abort", onAbort));
  return {
    snapshot: () => finished ?? Promise.resolve(tally.result()),
    stop,
    untilFailures: (count) => Promise.race([tally.untilFailures(count), ended]),
    onFailure: (listener) => tally.onFailure(listener),
    ended,
  };
}

function createLane(flow: Flow, index: number, set: Settings, http: HttpLanes, load: Load): Lane {
  const { url, timeoutMs, slowMs, paths } = set;
  const id = `${flow.client} ${index}`;
  const get = { method: "GET", path: `${url.pathname}${url.search}`, timeoutMs } as const;
  switch (flow.client) {
    case "new-connection":
      return http.fresh(flow.client, get);
    case "keep-alive":
      return http.kept(flow.client, id, () => get);
    case "slow": {
      const path = paths.slow.replace("{ms}", String(slowMs));
      return http.fresh(flow.client, { ...get, path, timeoutMs: timeoutMs + slowMs });
    }
    case "post":
      return http.kept(flow.client, id, () => order(paths.post, timeoutMs));
    case "websocket": {
      const target = new URL(paths.websocket, url);
      target.protocol = url.protocol === "https:" ? "wss:" : "ws:";
      return new SocketClient({ url: target.href, id, timeoutMs }, load);
    }
  }
}
