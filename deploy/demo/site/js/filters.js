// The filter bar: shows a search state, and reports what the visitor changes. It holds no state of its own except the
// areas and types it has seen in each channel, so that an option stays, with its name, when its count falls to zero.

import { $, $$, h } from "./dom.js";
import { PRICES, money } from "./state.js";

export function createFilters(form, onChange) {
  const seen = { rent: { area: new Map(), type: new Map() }, sale: { area: new Map(), type: new Map() } };
  const field = (name) => form.elements.namedItem(name);
  const toggle = $("#filters-toggle");
  const more = $("#filters-more");
  let state;

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", ({ target }) => {
    const { name, value } = target;
    if (name === "area" || name === "type") {
      const chosen = new Set(state[name]);
      if (target.checked) chosen.add(value);
      else chosen.delete(value);
      onChange({ [name]: [...chosen].sort() });
    } else if (name === "channel") {
      onChange({ channel: value, price_min: "", price_max: "" });
    } else {
      onChange({ [name]: value });
    }
  });
  toggle.addEventListener("click", () => {
    const open = more.classList.toggle("is-open");
    toggle.setAttribute("aria-expanded", open);
  });

  for (const multi of $$("[data-multi]", form)) popover($("button", multi), $(".multi__panel", multi));

  function prices(select, any, allowed) {
    const chosen = state[select.name];
    const values = new Set(PRICES[state.channel].filter(allowed));
    if (chosen) values.add(Number(chosen));
    setOptions(select, chosen, any, [...values].sort((a, b) => a - b).map((v) => [String(v), money(v)]));
  }

  function multi(name, any, many) {
    const box = $(`[data-multi="${name}"]`, form);
    const panel = $(".multi__panel", box);
    const counts = new Map((state.facets?.[name] ?? []).map((f) => [f.value, f.count]));
    const values = [...new Set([...seen[state.channel][name].keys(), ...state[name]])];
    values.sort((a, b) => nameOf(name, a).localeCompare(nameOf(name, b)));
    const rows = new Map($$("label", panel).map((row) => [row.dataset.value, row]));
    if (values.length !== rows.size || values.some((v) => !rows.has(v))) {
      const focused = panel.contains(document.activeElement) && document.activeElement.value;
      panel.replaceChildren(...values.map((value) => h("label", { "data-value": value },
        h("input", { type: "checkbox", name, value }), h("span"), h("small"))));
      for (const row of $$("label", panel)) rows.set(row.dataset.value, row);
      if (focused) rows.get(focused)?.firstChild.focus();
    }
    for (const value of values) {
      const [input, label, count] = rows.get(value).children;
      input.checked = state[name].includes(value);
      label.textContent = nameOf(name, value);
      count.textContent = counts.get(value) ?? (state.facets ? 0 : "");
      rows.get(value).classList.toggle("is-none", !!state.facets && !counts.get(value));
    }
    const chosen = state[name];
    $(`#${name}-value`).textContent = !chosen.length ? any : chosen.length === 1 ? nameOf(name, chosen[0]) : `${chosen.length} ${many}`;
    box.classList.toggle("is-set", chosen.length > 0);
  }

  const nameOf = (name, value) => seen.rent[name].get(value) ?? seen.sale[name].get(value) ?? value.replaceAll(/[-_]/g, " ").replace(/^./, (c) => c.toUpperCase());

  return {
    nameOf,
    show(next, facets, active) {
      for (const name of ["area", "type"]) for (const f of facets?.[name] ?? []) seen[next.channel][name].set(f.value, f.label);
      state = { ...next, facets };
      for (const radio of field("channel")) radio.checked = radio.value === state.channel;
      // Under a price filter the other channel's count would mislead: a rent is no sale price, so changing channel drops it.
      const priced = state.price_min || state.price_max;
      for (const count of $$("[data-count]", form)) {
        count.textContent = priced ? "" : facets?.channel?.find((f) => f.value === count.dataset.count)?.count ?? "";
      }
      prices(field("price_min"), "No min", (v) => !state.price_max || v < state.price_max);
      prices(field("price_max"), "No max", (v) => !state.price_min || v > state.price_min);
      const withBeds = (n) => (facets?.bedrooms ?? []).reduce((sum, f) => sum + (Number(f.value) >= n ? f.count : 0), 0);
      const beds = [...new Set([1, 2, 3, 4, 5, Number(state.beds_min) || 1])].sort((a, b) => a - b);
      setOptions(field("beds_min"), state.beds_min, "Any", beds.map((n) => [String(n), `${n}+ beds${facets ? ` (${withBeds(n)})` : ""}`]));
      multi("area", "Any area", "areas");
      multi("type", "Any type", "types");
      $("#filters-active").textContent = active || "";
    },
  };
}

// Rewrites the options only when they differ: rewriting closes an open list in some browsers.
function setOptions(select, chosen, any, options) {
  const all = [["", any], ...options];
  const now = [...select.options].map((o) => o.value + o.text).join("|");
  if (now !== all.map(([v, t]) => v + t).join("|")) select.replaceChildren(...all.map(([v, t]) => new Option(t, v)));
  select.value = chosen;
  select.classList.toggle("is-set", chosen !== "");
}

function popover(button, panel) {
  const set = (open) => {
    panel.hidden = !open;
    button.setAttribute("aria-expanded", open);
  };
  button.addEventListener("click", () => set(panel.hidden));
  document.addEventListener("pointerdown", ({ target }) => {
    if (!panel.hidden && !panel.contains(target) && !button.contains(target)) set(false);
  });
  panel.parentElement.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !panel.parentElement.contains(relatedTarget)) set(false);
  });
  panel.parentElement.addEventListener("keydown", (event) => {
    const boxes = $$("input", panel);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape" && !panel.hidden) {
      set(false);
      button.focus();
    } else if (step) {
      event.preventDefault();
      set(true);
      boxes[(boxes.indexOf(document.activeElement) + step + boxes.length) % boxes.length]?.focus();
    }
  });
}
