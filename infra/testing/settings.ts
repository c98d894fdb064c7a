/** A workload that is complete, as the engine hands it over but not yet as text. */
export const workload = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  image: "node:20",
  ports: { http: 8080 },
  replicas: 2,
  probes: { readiness: { path: "/readyz" }, liveness: { path: "/livez" } },
  ...changes,
});

type Settings = Record<string, unknown>;

const asText = (settings: Settings): Record<string, string> =>
  Object.fromEntries(
    Object.entries(settings).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, typeof value === "string" ? value : JSON.stringify(value)]],
    ),
  );

const common = { environment: "dev", app: "shop", namespace: "shop-dev" };

/** A slot stack's settings as the engine hands them over. `undefined` leaves one out. */
export const slotSettings = (changes: Settings = {}): Record<string, string> =>
  asText({ role: "slot", ...common, slot: "blue", version: "v1", workload: workload(), ...changes });

/** A traffic stack's settings as the engine hands them over. `undefined` leaves one out. */
export const trafficSettings = (changes: Settings = {}): Record<string, string> =>
  asText({
    role: "traffic",
    ...common,
    service: { type: "NodePort", port: 80, targetPort: "http", nodePort: 30080 },
    live: ["blue"],
    revisions: { blue: "v1-11111111" },
    generation: 4,
    ...changes,
  });
