// What is easier with a script; without one nothing of it is to be seen, and nothing is missing.
const [HOUR, DAY] = [3_600, 86_400]; // seconds
const UNITS = { minute: 60, hour: HOUR, day: DAY, month: 30 * DAY, year: 365 * DAY };
const LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"; // 32, none of which is taken for another
const named = (id) => document.getElementById(id);
let typing; // the timer that runs out when nobody types any more
/** Say how long ago it was, in the words of rendering/figures.py. */
function relative(seconds) {
  const distance = Math.max(Math.abs(seconds), 60);
  if (Math.abs(seconds) < 45) return "just now";
  const [unit, length] = Object.entries(UNITS).findLast((one) => one[1] <= distance);
  const phrase = `${Math.trunc(distance / length)} ${unit}${distance < 2 * length ? "" : "s"}`;
  return seconds > 0 ? `${phrase} ago` : `in ${phrase}`;
}
/** Fill in a password that can be read out: four groups of four letters, 80 bits. */
function generate(field) {
  const bytes = Array.from(crypto.getRandomValues(new Uint8Array(16)));
  const letters = bytes.map((one) => LETTERS[one % LETTERS.length]).join("");
  Object.assign(field, { type: "text", value: letters.match(/.{4}/g).join("-") }).select();
}
async function copy(source, button) {
  if (navigator.clipboard) await navigator.clipboard.writeText(source.value ?? source.textContent);
  else {
    source.select ? source.select() : getSelection().selectAllChildren(source); // without TLS
    if (!document.execCommand("copy")) return;
  }
  named("voice").textContent = button.textContent = "Copied";
}
/** Say how many are chosen, and let the buttons beside be pressed only if some are. */
function count(all, toggled) {
  const boxes = [...all.form.querySelectorAll(`[name="${all.dataset.selectAll}"]`)];
  if (toggled) for (const box of boxes) box.checked = all.checked;
  const chosen = boxes.filter((box) => box.checked).length;
  const every = chosen === boxes.length && chosen > 0;
  Object.assign(all, { checked: every, indeterminate: chosen > 0 && !every });
  for (const bar of all.form.querySelectorAll(".selection")) {
    if (!bar.querySelector("output")) bar.prepend(document.createElement("output"));
    bar.querySelector("output").textContent = `${chosen} selected`;
    const none = chosen === 0 && !bar.querySelector(":checked");
    for (const button of bar.querySelectorAll("button")) button.disabled = none;
  }
}
function search(form) {
  const given = [...new FormData(form)].filter(([, value]) => value !== "");
  history.replaceState(null, "", `${form.action.split("?")[0]}?${new URLSearchParams(given)}`);
  document.dispatchEvent(new Event("page-wanted"));
}
function prepare() {
  const all = (selector) => [...document.querySelectorAll(selector)];
  for (const one of all("[data-generate], [data-copy], [data-select-all]")) one.hidden = false;
  for (const one of all("[data-select-all]")) count(one);
  for (const one of all("time[datetime][title]"))
    one.textContent = relative((Date.now() - Date.parse(one.dateTime)) / 1000);
}
document.addEventListener("click", ({ target }) => {
  if (target.dataset.generate) generate(named(target.dataset.generate));
  if (target.dataset.copy) copy(named(target.dataset.copy), target);
});
document.addEventListener("input", ({ target }) => {
  const all = target.form?.querySelector("[data-select-all]");
  if (all) count(all, target === all);
  clearTimeout(typing);
  if (target.form?.matches("[data-search]")) typing = setTimeout(search, 250, target.form);
});
document.addEventListener("page-taken", prepare);
setInterval(prepare, 60_000);
prepare();
