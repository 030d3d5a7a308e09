// One stream of news for all tabs of this browser (docs/api.md, "Events"): a shared worker, or one
// tab's own where there are none. The stream is open while a tab can be seen. Tabs that can are
// told what changed, and, with an empty list, that the stream is alive: every 15 seconds it says
// something. One that falls silent is dead, or held back by a proxy: then tabs help themselves.
const EVENTS = new URL("../../api/v1/events?brief=true", location);
const SILENCE = 25_000; // ms
const EVERYTHING = ["everything"];
const tabs = new Map(); // the port of each, and whether it can be seen
let stream; // what ends it, while one is wanted
let newest; // the id of the newest event
const seen = () => [...tabs.values()].includes(true);
const tell = (what) => tabs.forEach((visible, tab) => visible && tab.postMessage(what));
/** Tell what an event is about; its data is the id and the name of a board or an experiment. */
function hear(event) {
  const field = (name) => event.match(new RegExp(`^${name}: (.*)$`, "m"))?.[1];
  newest = field("id") ?? newest;
  const kind = field("event")?.replace("-deleted", "");
  if (kind === "reset") tell(EVERYTHING);
  else tell(kind ? [kind, `${kind}:${JSON.parse(field("data")).id}`] : []);
}
/** Read the stream to its end; fail if it cannot be had or falls silent. */
async function listen() {
  const { signal } = (stream = new AbortController());
  let heard = performance.now();
  const watch = setInterval(() => performance.now() > heard + SILENCE && stream.abort(), 1_000);
  try {
    const headers = newest ? { "Last-Event-ID": newest } : {};
    const answer = await fetch(EVENTS, { headers, signal, cache: "no-store" });
    if (!answer.ok || answer.redirected) throw new Error("there is no stream");
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = "", read; !(read = await reader.read()).done; heard = performance.now()) {
      const events = (text + read.value).split("\n\n");
      text = events.pop();
      events.forEach(hear);
    }
  } finally {
    clearInterval(watch);
  }
}
async function listenWhileSeen() {
  for (let pause = 1_000; seen(); ) {
    const began = performance.now();
    await listen().catch(() => {});
    if (!seen()) break;
    tell(EVERYTHING); // they find out why it ended
    pause = performance.now() > began + 2 * SILENCE ? 2_000 : Math.min(2 * pause, 60_000);
    await new Promise((later) => setTimeout(later, pause * (1 + Math.random() / 4)));
  }
  stream = undefined;
}
/** Serve a tab. It says true or false as it can be seen or not, and null when it is left. */
function serve(tab) {
  tab.onmessage = ({ data: visible }) => {
    if (visible === null) tabs.delete(tab);
    else tabs.set(tab, visible);
    if (!seen()) stream?.abort();
    else if (!stream) listenWhileSeen();
    else if (visible) tab.postMessage(EVERYTHING); // what it missed was told to others
  };
}
if ("onconnect" in self) self.onconnect = ({ ports: [tab] }) => serve(tab);
else serve(self);
