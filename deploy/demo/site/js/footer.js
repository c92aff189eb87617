// The line at the foot of each page that shows the data is live: which generation is on screen and how old it is.
// Asks every ten seconds, only while somebody is looking, and tells the page when the generation changes.

import { api } from "./api.js";
import { $ } from "./dom.js";

const EVERY_MS = 10000;

export function startFooter(onGeneration) {
  const line = $("#live");
  let generation = 0;
  let born = 0;
  let asking = false;
  let asked = 0;

  async function ask() {
    if (asking) return;
    asking = true;
    asked = Date.now();
    try {
      const health = await api.health();
      born = Date.now() - (Number(health.age_s) || 0) * 1000;
      const next = Number(health.generation) || 0;
      if (generation && next !== generation) onGeneration?.(next);
      generation = next;
      $("#generation").textContent = String(generation);
      line.dataset.state = health.status === "ok" ? "ok" : "stale";
    } catch {
      line.dataset.state = "away";
    } finally {
      asking = false;
      tell();
    }
  }

  function tell() {
    if (line.dataset.state === "away") $("#updated").textContent = ", not reachable just now";
    else if (born) $("#updated").textContent = `, updated ${age((Date.now() - born) / 1000)} ago`;
  }

  setInterval(() => {
    if (document.hidden) return;
    tell();
    if (Date.now() - asked >= EVERY_MS) ask();
  }, 1000);
  document.addEventListener("visibilitychange", () => !document.hidden && Date.now() - asked >= EVERY_MS && ask());
  ask();
}

function age(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 120) return `${s} s`;
  if (s < 7200) return `${Math.floor(s / 60)} min`;
  return s < 172800 ? `${Math.floor(s / 3600)} h` : `${Math.floor(s / 86400)} days`;
}
