// The home page: the featured row, the search below it, and the live line at the foot.

import { api } from "./api.js";
import { startAreas } from "./areas.js";
import { $, $$, h, icon } from "./dom.js";
import { startFooter } from "./footer.js";
import { fillList, fillSkeletons } from "./list.js";
import { startSearch } from "./search.js";

const FEATURED_SIZES = "(min-width: 1440px) 416px, (min-width: 1000px) 30vw, (min-width: 640px) 44vw, 82vw";
const landing = document.documentElement.dataset.mode === "home";

async function featured({ fresh = false } = {}) {
  const row = $("#featured-row");
  try {
    const { items } = await api.featured({ fresh });
    if (items.length) fillList(row, items, { sizes: FEATURED_SIZES, eager: 3 });
    else row.replaceChildren(h("li", { class: "row__note" }, "We are choosing today's homes. All of them are in the search below."));
    row.removeAttribute("aria-busy");
  } catch (error) {
    if (fresh) return;
    row.replaceChildren(h("li", { class: "row__note" }, "The featured homes could not be loaded.",
      h("button", { type: "button", class: "btn btn--quiet", onclick: () => { fillSkeletons(row, 6); featured(); } }, "Try again")));
  }
}

if (landing) featured();
const search = startSearch({ nearTop: !landing });
const areas = startAreas();
startFooter((generation) => {
  search.refresh(generation);
  areas.refresh();
  if (landing) featured({ fresh: true });
});

for (const link of $$("[data-jump]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    search.choose(link.dataset.jump);
    $("#homes").scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth" });
    $("#count").focus({ preventScroll: true });
  });
}
for (const button of $$("[data-scroll]")) {
  const step = Number(button.dataset.scroll);
  button.append(icon(step < 0 ? "left" : "right"));
  button.addEventListener("click", () => {
    const row = $("#featured-row");
    row.scrollBy({ left: step * row.clientWidth * 0.9 });
  });
}
