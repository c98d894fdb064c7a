import { forkProbe } from "../fork";

// A parent for the test of what becomes of the probe when its parent dies: starts one on the given URL, and waits.
void forkProbe({ url: process.argv[2] ?? "", rate: 200 }).then(() => setInterval(() => undefined, 1000));
