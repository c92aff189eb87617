// The filter bar: shows a search state, and reports what the visitor changes. It holds no state of its own except the
// names it has seen in each channel, so that an option stays, with its name, when its count falls to zero.

import { $, $$, h } from "./dom.js";
import { PRICES, money } from "./state.js";

const CHECKED = ["area", "type", "furnishing", "features", "status"]; // lists shown as boxes to tick
const NAMED = [...CHECKED, "outcode"];
const LEFT_OUT = new Set(["either"]); // no wish of anybody's: such a home is found under each of the others
const IN_MORE = ["furnishing", "features", "status", "baths_min", "beds_max", "available_by", "has_floorplan", "has_tour"];

export function createFilters(form, onChange) {
  const seen = { rent: names(), sale: names(), places: new Map() };
  const field = (name) => form.elements.namedItem(name);
  const toggle = $("#filters-toggle");
  const bar = $("#filters-more");
  let state;

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", ({ target }) => {
    const { name, value, checked, type } = target;
    if (CHECKED.includes(name)) {
      const chosen = new Set(state[name]);
      if (checked) chosen.add(value);
      else chosen.delete(value);
      onChange({ [name]: [...chosen].sort() });
    } else if (name === "channel") {
      onChange({ channel: value, price_min: "", price_max: "" });
    } else if (type !== "date" || target.validity.valid) {
      onChange({ [name]: type === "checkbox" ? (checked ? "true" : "") : value });
    }
  });
  toggle.addEventListener("click", () => {
    const open = bar.classList.toggle("is-open");
    toggle.setAttribute("aria-expanded", open);
  });

  for (const multi of $$("[data-multi]", form)) popover($(":scope > button", multi), $(".multi__panel", multi), multi.dataset.multi !== "more");
  $("#more-done").addEventListener("click", () => $("[data-testid=filter-more]", form).click());

  function prices(select, any, allowed) {
    const chosen = state[select.name];
    const values = new Set(PRICES[state.channel].filter(allowed));
    if (chosen) values.add(Number(chosen));
    setOptions(select, chosen, any, [...values].sort((a, b) => a - b).map((v) => [String(v), money(v)]));
  }

  // The boxes of one list, with a count each; rewritten only when there are others than before.
  function boxes(name, panel) {
    const counts = new Map((state.facets?.[name] ?? []).map((f) => [f.value, f.count]));
    const values = [...new Set([...seen[state.channel][name].keys(), ...state[name]])].filter((v) => !LEFT_OUT.has(v));
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
  }

  function multi(name, any, many) {
    const box = $(`[data-multi="${name}"]`, form);
    boxes(name, $(".multi__panel", box));
    const chosen = state[name];
    $(`#${name}-value`).textContent = !chosen.length ? any : chosen.length === 1 ? nameOf(name, chosen[0]) : `${chosen.length} ${many}`;
    box.classList.toggle("is-set", chosen.length > 0);
  }

  function more() {
    for (const name of ["furnishing", "features", "status"]) boxes(name, $(`[data-boxes="${name}"]`, form));
    for (const name of ["has_floorplan", "has_tour"]) field(name).checked = state[name] === "true";
    field("available_by").value = state.available_by;
    const baths = counted([1, 2, 3, 4], state.baths_min);
    setOptions(field("baths_min"), state.baths_min, "Any", baths.map((n) => [String(n), `${n}+ baths`]));
    const beds = counted([0, 1, 2, 3, 4, 5], state.beds_max);
    setOptions(field("beds_max"), state.beds_max, "No max", beds.map((n) => [String(n), n ? `Up to ${n}` : "Studio"]));
    const count = IN_MORE.reduce((sum, name) => sum + (Array.isArray(state[name]) ? state[name].length : state[name] ? 1 : 0), 0);
    $("#more-value").textContent = count ? `${count} set` : "Any";
    $('[data-multi="more"]', form).classList.toggle("is-set", count > 0);
    $("#more-done").textContent = state.total === undefined ? "Show homes" : `Show ${state.total.toLocaleString("en-GB")} ${state.total === 1 ? "home" : "homes"}`;
  }

  const nameOf = (name, value) => seen.places.get(value) ?? seen.rent[name]?.get(value) ?? seen.sale[name]?.get(value)
    ?? (name === "outcode" ? value.toUpperCase() : value.replaceAll(/[-_]/g, " ").replaceAll(/(^| )[a-z]/g, (c) => (name === "near" || c.length === 1 ? c.toUpperCase() : c)));

  return {
    nameOf,
    // A place whose name came with a suggestion.
    learn: (value, label) => seen.places.set(value, label),
    show(next, answer, active) {
      const facets = answer?.facets;
      for (const name of NAMED) for (const f of facets?.[name] ?? []) seen[next.channel][name].set(f.value, f.label);
      state = { ...next, facets, total: answer?.total };
      for (const radio of field("channel")) radio.checked = radio.value === state.channel;
      // Under a price filter the other channel's count would mislead: a rent is no sale price, so changing channel drops it.
      const priced = state.price_min || state.price_max;
      for (const count of $$("[data-count]", form)) {
        count.textContent = priced ? "" : facets?.channel?.find((f) => f.value === count.dataset.count)?.count ?? "";
      }
      prices(field("price_min"), "No min", (v) => !state.price_max || v < state.price_max);
      prices(field("price_max"), "No max", (v) => !state.price_min || v > state.price_min);
      const withBeds = (n) => (facets?.bedrooms ?? []).reduce((sum, f) => sum + (Number(f.value) >= n ? f.count : 0), 0);
      setOptions(field("beds_min"), state.beds_min, "Any",
        counted([1, 2, 3, 4, 5], state.beds_min).map((n) => [String(n), `${n}+${facets ? ` (${withBeds(n)})` : " beds"}`]));
      multi("area", "Any area", "areas");
      multi("type", "Any type", "types");
      more();
      $("#filters-active").textContent = active || "";
    },
  };
}

const names = () => Object.fromEntries(NAMED.map((name) => [name, new Map()]));
const counted = (usual, chosen) => [...new Set([...usual, ...(chosen ? [Number(chosen)] : [])])].sort((a, b) => a - b);

// Rewrites the options only when they differ: rewriting closes an open list in some browsers.
export function setOptions(select, chosen, any, options) {
  const all = any === null ? options : [["", any], ...options];
  const now = [...select.options].map((o) => o.value + o.text).join("|");
  if (now !== all.map(([v, t]) => v + t).join("|")) select.replaceChildren(...all.map(([v, t]) => new Option(t, v)));
  select.value = chosen;
  if (any !== null) select.classList.toggle("is-set", chosen !== "");
}

// `arrows`: the arrow keys go from box to box.
function popover(button, panel, arrows) {
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
    } else if (step && arrows) {
      event.preventDefault();
      set(true);
      boxes[(boxes.indexOf(document.activeElement) + step + boxes.length) % boxes.length]?.focus();
    }
  });
}
