// Says on an open page that its board was stopped, deleted or does not come up any more.
// TensorBoard only goes on asking. When it is refused something, the gateway is asked why.
(() => {
  const BETWEEN = 10_000; // ms between two questions
  const bar = document.createElement("div");
  const text = document.createElement("span");
  const link = document.createElement("a");
  let asked = -BETWEEN;
  let due; // the timer of the next question

  function askSoon() {
    due ??= setTimeout(() => ask().catch(() => {}), Math.max(0, asked + BETWEEN - performance.now()));
  }

  async function ask() {
    due = undefined;
    asked = performance.now();
    const answer = await fetch("./", { headers: { Accept: "application/problem+json" } });
    if (answer.ok) bar.remove(); // it was something else
    else show((await answer.json()).detail);
  }

  function show(detail) {
    text.textContent = detail;
    document.body.append(bar);
  }

  bar.setAttribute("role", "status");
  bar.style.cssText =
    "position:fixed;z-index:9999;left:50%;bottom:1rem;transform:translateX(-50%);padding:.6rem 1rem;" +
    "border-radius:6px;background:#18222a;color:#fff;font:14px/1.4 Roboto,sans-serif;max-width:90vw";
  link.textContent = "All boards";
  link.href = new URL(location.pathname.replace(/\/boards\/[^/]+\/.*/s, "/"), location).href;
  link.style.cssText = "color:#62cbc0;margin-left:1rem;white-space:nowrap";
  bar.append(text, link);
  new PerformanceObserver((list) => {
    const answers = list.getEntries().filter((one) => one.name.includes("/data/"));
    if (answers.some((one) => one.responseStatus >= 400)) askSoon();
    else if (answers.some((one) => one.responseStatus === 200)) bar.remove();
  }).observe({ type: "resource" });
})();
