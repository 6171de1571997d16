"use strict";
const freshness = document.getElementById("freshness");
freshness.textContent = "Live";
freshness.className = "live";

async function refresh() {
  const answer = await fetch("/", {
    headers: { Accept: "text/html" },
    cache: "no-store",
    signal: AbortSignal.timeout(10000),
  });
  if (!answer.ok) throw new Error(answer.statusText);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(part.id);
    // What has not changed is left alone, so that a selection in it stays.
    if (now && now.innerHTML !== part.innerHTML) part.replaceChildren(...now.childNodes);
  }
  return fresh.getElementById("freshness").textContent;
}

let last = "";
function tell(text, kind) {
  // Said once: a screen reader reads out every change.
  if (freshness.textContent !== text) freshness.textContent = text;
  freshness.className = kind;
}

async function follow() {
  try {
    if (!document.hidden) {
      last = await refresh();
      tell("Live", "live");
    }
  } catch {
    tell(`No answer from the emulator. ${last}`, "lost");
  }
  setTimeout(follow, 1000);
}
follow();
