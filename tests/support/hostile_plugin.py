"""A TensorBoard plugin whose frontend attacks everything else on its origin.

It is a package with an entry point, as a third party's is, in a directory for PYTHONPATH. What its
module tries is told in the element `#findings`: the name of each attack, and what it brought home.
"""

import base64
from pathlib import Path

NAME = "hostile"

PLUGIN = """
import base64
import json

from tensorboard.plugins import base_plugin
from werkzeug import Response, wrappers

SCRIPT = base64.b64decode("@SCRIPT@").decode()
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
GREEDY = {
    "Access-Control-Allow-Origin": "*",
    "Clear-Site-Data": '"*"',
    "Cross-Origin-Opener-Policy": "unsafe-none",
    "Link": "</api/v1/boards>; rel=preload; as=fetch",
    "NEL": "{}",
    "Refresh": "0; url=/",
    "Reporting-Endpoints": 'x="/api/v1/boards"',
    "Service-Worker-Allowed": "/",
    "Set-Cookie": "a=b; Path=/",
    "SourceMap": "/api/v1/boards",
    "Strict-Transport-Security": "max-age=1",
    "X-Accel-Redirect": "/",
}
# By its own policy it may do whatever it likes.
PAGE = (
    "<!doctype html><title>bare</title><button id=go>go</button>"
    "<script type=module src=index.js></script><p id=findings></p>"
)


class HostilePlugin(base_plugin.TBPlugin):
    plugin_name = "hostile"

    def __init__(self, context):
        self.files = {
            "/index.js": (SCRIPT, "text/javascript"),
            "/bare.html": (PAGE, "text/html"),
            "/secret.png": (PIXEL, "image/png"),
            "/secret.json": (json.dumps({"secret": "of a board"}), "application/json"),
            "/secret.css": ("body { --secret: 1 }", "text/css"),
        }

    def get_plugin_apps(self):
        apps = {path: self.serve for path in self.files}
        return {**apps, "/away": self.away}

    def is_active(self):
        return True

    def frontend_metadata(self):
        return base_plugin.FrontendMetadata(es_module_path="/index.js", tab_name="Hostile")

    @wrappers.Request.application
    def serve(self, request):
        content, kind = self.files["/" + request.path.rpartition("/")[2]]
        return Response(content, content_type=kind, headers=GREEDY)

    @wrappers.Request.application
    def away(self, request):
        return Response(status=302, headers={"Location": request.args["to"]})
"""

SCRIPT = """
const [, root, own] = location.pathname.match(/^(.*)[/]boards[/]([^/]+)[/]/);
const mine = `${root}/boards/${own}/data/plugin/hostile/`;
const other = `${root}/boards/beta/`;
const theirs = `${other}data/plugin/hostile/`;
const api = `${root}/api/v1/boards`;
const patience = 4000;

const text = async (answer) => `${answer.status} ${(await answer.text()).slice(0, 200)}`;
const loaded = (element) => new Promise((resolve, reject) => {
  element.onload = () => resolve(element);
  element.onerror = () => reject(new Error("not loaded"));
  document.body.append(element);
});
const make = (tag, attributes) => Object.assign(document.createElement(tag), attributes);
const work = (source) => new Promise((resolve, reject) => {
  const worker = new Worker(source);
  worker.onmessage = (message) => resolve(message.data);
  worker.onerror = () => reject(new Error("no worker"));
});
const code = (lines) => URL.createObjectURL(new Blob([lines], {type: "text/javascript"}));
const json = {method: "POST", headers: {"Content-Type": "application/json"}};

const attacks = {
  fetchApi: async () => text(await fetch(api)),
  postApi: async () => text(await fetch(api, {...json, body: '{"name": "stolen"}'})),
  fetchUi: async () => text(await fetch(`${root}/`)),
  fetchBoard: async () => text(await fetch(`${other}data/runs`)),
  postBoard: async () => text(await fetch(`${theirs}secret.json?posted`, json)),
  followRedirect: async () => text(await fetch(`${mine}away?to=../../../../beta/data/runs`)),
  importJson: async () => JSON.stringify(
    (await import(`${theirs}secret.json`, {with: {type: "json"}})).default),
  importApi: async () => JSON.stringify((await import(api, {with: {type: "json"}})).default),
  importScript: async () => Object.keys(await import(`${theirs}index.js`)).join(),
  readPixels: async () => {
    const image = await loaded(make("img", {src: `${theirs}secret.png`}));
    const canvas = make("canvas", {width: 1, height: 1}).getContext("2d");
    canvas.drawImage(image, 0, 0);
    return canvas.getImageData(0, 0, 1, 1).data.join();
  },
  readFrame: async () => {
    const frame = await loaded(make("iframe", {src: `${theirs}bare.html`}));
    return frame.contentDocument.title;
  },
  readFrameOfFrame: async () => {
    const frame = document.body.appendChild(make("iframe", {srcdoc: "<p>"}));
    await new Promise((resolve) => { frame.onload = resolve; });
    return text(await frame.contentWindow.fetch(`${other}data/runs`));
  },
  readStyle: async () => {
    const sheet = await loaded(make("link", {rel: "stylesheet", href: `${theirs}secret.css`}));
    return sheet.sheet.cssRules[0].cssText;
  },
  runScript: async () => (await loaded(make("script", {src: api}))).src,
  work: () => work(`${theirs}index.js?worker`),
  workFromBlob: () => work(code(
    `fetch("${location.origin}${other}data/runs").then(a => a.text()).then(postMessage)`)),
  serveForEver: async () => (await navigator.serviceWorker.register(`${mine}index.js`)).scope,
  listen: () => new Promise((resolve, reject) => {
    const source = new EventSource(`${api}?stream`);
    source.onopen = () => resolve("open");
    source.onerror = () => reject(new Error("no stream"));
  }),
  talk: () => new Promise((resolve, reject) => {
    const socket = new WebSocket(`${location.origin.replace("http", "ws")}${api}?socket`);
    socket.onopen = () => resolve("open");
    socket.onerror = () => reject(new Error("no socket"));
  }),
  // What follows brings nothing home; the gateway's log tells whether it arrived.
  beacon: async () => void navigator.sendBeacon(`${api}?beacon`, "x"),
  submit: async () => {
    document.body.append(make("iframe", {name: "sink"}));
    const form = make("form", {method: "post", action: `${api}?form`, target: "sink"});
    document.body.append(form);
    form.submit();
  },
  ping: async () => {
    const link = make("a", {href: `${location.href.split("#")[0]}#x`, ping: `${api}?ping`});
    document.body.append(link);
    link.click();
  },
  prefetch: async () => void document.head.append(
    make("link", {rel: "prefetch", href: `${other}data/runs?prefetch`}),
    make("link", {rel: "manifest", href: `${theirs}secret.json?manifest`}),
    make("link", {rel: "icon", href: `${theirs}secret.png?icon`})),
  play: async () => void document.body.append(make("video", {src: `${theirs}secret.png?video`})),
  embed: async () => void document.body.append(
    make("object", {data: `${theirs}bare.html?object`}),
    make("embed", {src: `${theirs}bare.html?embed`})),
};

const inTime = (trial) => Promise.race([
  trial(),
  new Promise((_, reject) => setTimeout(() => reject(new Error("nothing came")), patience)),
]);

export async function render() {
  const findings = document.querySelector("#findings")
    || document.body.appendChild(make("p", {id: "findings"}));
  const found = {};
  await Promise.all(Object.entries(attacks).map(async ([name, trial]) => {
    try {
      const brought = await inTime(trial);
      if (brought !== undefined) found[name] = String(brought);
    } catch (error) {
      found[name] = `failed: ${error.message}`;
    }
  }));
  findings.textContent = JSON.stringify(found);
  findings.dataset.done = "yes";
}

if (location.pathname.endsWith("bare.html") && location.search === "?attack") render();
"""

METADATA = "Metadata-Version: 2.1\nName: hostile-plugin\nVersion: 1.0\n"
ENTRY_POINTS = "[tensorboard_plugins]\nhostile = hostile_plugin:HostilePlugin\n"


def write_hostile_plugin(directory: Path) -> None:
    """Put the plugin into a directory, as an installer would."""
    package, installed = directory / "hostile_plugin", directory / "hostile_plugin-1.0.dist-info"
    package.mkdir(parents=True)
    installed.mkdir()
    script = base64.b64encode(SCRIPT.encode()).decode()
    (package / "__init__.py").write_text(PLUGIN.replace("@SCRIPT@", script))
    (installed / "METADATA").write_text(METADATA)
    (installed / "entry_points.txt").write_text(ENTRY_POINTS)
