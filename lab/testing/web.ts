/** A Deployment of one small web server that answers "hello" on NodePort 30123, as one list of objects. */
export function web(image: string): object {
  const labels = { app: "web" };
  // The first process of a container gets no SIGTERM that it does not handle.
  const program =
    'require("node:http").createServer((_, r) => r.end("hello")).listen(8080); ' +
    'process.on("SIGTERM", () => process.exit())';
  return {
    apiVersion: "v1",
    kind: "List",
    items: [
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "web" },
        spec: {
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: {
              containers: [
                {
                  name: "web",
                  image,
                  command: ["node", "-e", program],
                  // The kubelet's own: the image has no shell that could sleep.
                  lifecycle: { preStop: { sleep: { seconds: 1 } } },
                  readinessProbe: { httpGet: { path: "/", port: 8080 }, periodSeconds: 1 },
                },
              ],
            },
          },
        },
      },
      {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "web" },
        spec: {
          type: "NodePort",
          selector: labels,
          ports: [{ port: 80, targetPort: 8080, nodePort: 30123 }],
        },
      },
    ],
  };
}
