// Keeps a page true while it is looked at. Pages are made by the gateway only: on news of what
// <main data-news> names, the page's own URL is fetched anew, and what differs is taken over.
// One with <main data-poll="2"> asks every two seconds instead: its reader may hear no news.
const main = document.querySelector("main");
const script = document.querySelector("script[data-worker]");
const notice = document.getElementById("ended");
const concerns = new Set(["everything", ...(main.dataset.news ?? "").split(" ")]);
const BETWEEN = 1_000; // ms between the beginnings of two fetches
const SILENCE = 25_000; // ms without a sign of the stream of news after which it counts as lost
const [POLL, AGAIN] = [2_000, 5_000]; // ms until a page asks anew without news, without an answer
const here = () => location.href.split("#")[0];
const EVERY = main.dataset.every * 1_000 || Infinity; // ms; what grows old without any news
let [began, heard, over] = [-BETWEEN, 0, false]; // when the last fetch, the last sign of the stream
let due; // the timer of the next fetch
let looks = Promise.resolve(); // one after the other
let said = []; // what is to be read out
/** What tells an element among its siblings; most are told by their place. */
function key(node) {
  const choice = node.type === "checkbox" || node.type === "radio";
  return node.dataset?.live || node.id || (choice ? `${node.name}=${node.value}` : undefined);
}
/** Make `old` like `fresh`. What is alike is not touched: focus and what was typed stay. */
function merge(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== Node.ELEMENT_NODE) return void (old.nodeValue = fresh.nodeValue);
  for (const name of new Set([...old.getAttributeNames(), ...fresh.getAttributeNames()])) {
    const value = fresh.getAttribute(name);
    if (name === "open" || name === "type") continue; // what is unfolded; passwords that are shown
    if (value === null) old.removeAttribute(name);
    else if (value !== old.getAttribute(name)) old.setAttribute(name, value);
  }
  mergeChildren(old, fresh);
  const lead = old.closest("[data-live]")?.querySelector(".lead, h1, h2")?.textContent ?? "";
  if (old.matches(".state")) said.push(`${lead} ${old.textContent}`);
  if (old.matches(".count")) said.push(old.parentElement.textContent);
}
function mergeChildren(old, fresh) {
  const wanted = new Set([...fresh.childNodes].map(key));
  const left = [...old.childNodes].filter((node) => wanted.has(key(node)) || node.remove());
  const put = old.moveBefore ?? old.insertBefore; // the latter takes the focus away
  let place = old.firstChild;
  for (const node of fresh.childNodes) {
    const at = left.findIndex((one) => one.nodeName === node.nodeName && key(one) === key(node));
    const match = left.splice(at, at < 0 ? 0 : 1)[0];
    while (match && place !== match && place?.nodeName === "#text") place = place.nextSibling;
    if (match && place === match) place = place.nextSibling;
    else if (match) put.call(old, match, place);
    else old.insertBefore(document.importNode(node, true), place);
    if (match) merge(match, node);
  }
  for (const node of left) node.remove();
}
/** Fetch the page. It comes as a document, in which no script runs; no text is made into HTML. */
function fetched(url) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const told = { onload: () => resolve(request), onerror: reject, ontimeout: reject };
    const opens = () => main.dataset.poll && request.status === 200; // it is TensorBoard's page
    request.onreadystatechange = () => opens() && (request.abort(), location.reload());
    request.open("GET", url);
    request.setRequestHeader("Accept", "text/html");
    Object.assign(request, told, { responseType: "document", timeout: 30_000 }).send();
  });
}
const look = () => (looks = looks.then(lookNow).catch(lost));
const lost = () => (end("The gateway does not answer.", "Reload", here(), false), lookSoon(AGAIN));
function lookSoon(within = 0) {
  due ??= setTimeout(look, Math.max(within, began + BETWEEN - performance.now()));
}
async function lookNow() {
  due = clearTimeout(due);
  if (over || document.hidden) return; // who comes back looks at once
  began = performance.now();
  const url = here();
  const { status, response, responseURL } = await fetched(url);
  const fresh = response?.querySelector("main");
  const signIn = new URL(responseURL).pathname.endsWith("/ui/sign-in");
  if (here() !== url) return; // somebody typed on
  if (status === 401 || signIn) end("You are signed out.", "Sign in", url);
  else if (status === 405) over = true; // this page is the answer to a form
  else if (status === 429 || (status >= 500 && !fresh)) throw new Error("no answer");
  else if (responseURL !== url) location.replace(responseURL); // it was renamed
  else if (main.dataset.poll && !fresh?.dataset.poll) location.reload(); // it is over
  else if (status < 400 || main.dataset.poll) takeOver(fresh);
  else end(fresh.querySelector(".detail").textContent, "All boards", script.dataset.home);
}
function takeOver(fresh) {
  said = [];
  notice.hidden = true; // it was about a gateway that did not answer
  mergeChildren(main, fresh);
  const text = said.length > 3 ? `${said.length} changes` : said.join(". ");
  if (text) document.getElementById("voice").textContent = text;
  document.dispatchEvent(new Event("page-taken"));
}
/** Say why the page is not kept true, for good or until it is again; what was typed stays. */
function end(text, action, href, forGood = true) {
  over = forGood;
  notice.querySelector("p").textContent = text;
  Object.assign(notice.querySelector("a"), { textContent: action, href });
  notice.hidden = false;
}
function listen() {
  const policy = globalThis.trustedTypes?.createPolicy("worker", { createScriptURL: (url) => url });
  const url = policy?.createScriptURL(script.dataset.worker) ?? script.dataset.worker;
  const worker = globalThis.SharedWorker ? new SharedWorker(url) : new Worker(url);
  const port = worker.port ?? worker;
  const tell = () => port.postMessage(!document.hidden, void (heard = performance.now()));
  port.onmessage = ({ data }) => {
    if (!data.includes("everything")) heard = performance.now(); // a stream begins with that
    if (data.some((one) => concerns.has(one))) lookSoon();
  };
  addEventListener("visibilitychange", () => (tell(), look()));
  addEventListener("pagehide", () => port.postMessage(null));
  const outdated = () => performance.now() > Math.min(heard + SILENCE, began + EVERY);
  setInterval(() => outdated() && lookSoon(), POLL);
  tell();
}
document.addEventListener("page-wanted", look);
// The answer to a form stays: its address leads elsewhere, and what it shows is shown once.
if (main.dataset.poll) setInterval(lookSoon, main.dataset.poll * 1000);
else if (main.dataset.news && !main.querySelector("[data-once]")) listen();
