// Every area with homes, by town: how to browse without a map. Asked for when somebody comes near it.

import { api } from "./api.js";
import { $, h, plural } from "./dom.js";

export function startAreas() {
  const section = $("#areas");
  const body = $("#areas-body");
  let near = false;

  async function load({ fresh = false } = {}) {
    if (!near) return;
    try {
      const { items } = await api.areas({ fresh });
      section.hidden = items.length === 0;
      body.replaceChildren(...towns(items).map(town));
      body.removeAttribute("aria-busy");
    } catch {
      if (!fresh) section.hidden = true; // the search above does the same
    }
  }

  new IntersectionObserver(([entry], observer) => {
    if (!entry.isIntersecting) return;
    observer.disconnect();
    near = true;
    load();
  }, { rootMargin: "600px" }).observe(section);
  return { refresh: () => load({ fresh: true }) };
}

function towns(areas) {
  const found = Map.groupBy ? Map.groupBy(areas, (area) => area.town) : grouped(areas);
  return [...found].map(([name, items]) => ({ name, items, count: items.reduce((sum, area) => sum + area.count, 0) }))
    .sort((a, b) => b.count - a.count || a.name.localeCompare(b.name));
}

function grouped(areas) {
  const found = new Map();
  for (const area of areas) found.set(area.town, [...(found.get(area.town) ?? []), area]);
  return found;
}

function town({ name, items, count }) {
  return h("section", { class: "town" },
    h("h3", null, name || "Elsewhere", h("small", null, plural(count, "home"))),
    h("ul", null, items.map(area)));
}

function area(one) {
  const link = (channel, range, words) => range.count > 0 && h("a", { href: `/?channel=${channel}&${one.query}`, "data-testid": "area-link" },
    h("span", { class: "sr" }, one.name, ": "), h("span", null, `${range.count} ${words}`), range.low_label && h("small", null, `from ${range.low_label}`));
  return h("li", null, h("b", null, one.name), h("span", null, link("rent", one.rent, "to rent"), link("sale", one.sale, "for sale")));
}
