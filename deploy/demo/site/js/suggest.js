// The box for places and words: an editable combobox with a list of suggestions, as the ARIA Authoring Practices have
// it. Focus stays in the box; the arrow keys move aria-activedescendant; Enter takes what is marked, or the words.

import { api, isAbort } from "./api.js";
import { $, h, icon, marked, plural } from "./dom.js";

const PAUSE_MS = 120;
const KINDS = { area: ["pin", "Area"], outcode: ["pin", "Postcode"], station: ["train", "Station"], street: ["road", "Street"] };

// onPlace is given a query of the list and its label, onText the words.
export function createSuggest({ channel, onPlace, onText }) {
  const input = $("#q");
  const list = $("#suggestions");
  const said = $("#suggestions-said");
  const clear = $("#q-clear");
  let options = [];
  let active = -1;
  let request = null;
  let timer = 0;

  function mark(index) {
    options[active]?.node.removeAttribute("aria-selected");
    active = index;
    const option = options[active];
    option?.node.setAttribute("aria-selected", "true");
    option?.node.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.node.id);
    else input.removeAttribute("aria-activedescendant");
  }

  function close() {
    clearTimeout(timer);
    request?.abort();
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    mark(-1);
  }

  function take(option) {
    close();
    if (!option) return onText(input.value.trim());
    input.value = option.place ? "" : input.value.trim();
    buttons();
    if (option.place) onPlace(option.place.query, option.place.label);
    else onText(input.value);
  }

  function row(index, place, words) {
    const [name, kind] = place ? KINDS[place.kind] ?? KINDS.area : ["search", ""];
    const node = h("li", { role: "option", id: `suggestion-${index}`, class: "suggest__item", "data-testid": "suggestion", onclick: () => take(options[index]) },
      icon(name, 20),
      h("span", { class: "suggest__label" }, place ? marked(place.pieces, place.label) : ["All adverts with ", h("q", null, words)]),
      place && h("small", null, `${kind} · ${plural(place.count, "home")}`));
    node.addEventListener("pointerdown", (event) => event.preventDefault()); // focus stays in the box
    return { node, place };
  }

  function offer(places, words) {
    const before = options[active];
    options = [...places, null].map((place, index) => row(index, place, words));
    list.replaceChildren(...options.map(({ node }) => node));
    active = -1;
    // Whoever was on a place stays there when the next letters' answer has it too.
    mark(before ? options.findIndex(({ place }) => place?.query === before.place?.query) : -1);
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    said.textContent = places.length ? `${plural(places.length, "place")} found; use the arrow keys` : "No place found; Enter searches all adverts";
  }

  async function look() {
    const words = input.value.trim();
    request?.abort();
    if (!words) return close();
    const mine = (request = new AbortController());
    try {
      const { items } = await api.suggest(words, channel(), { signal: mine.signal });
      if (!mine.signal.aborted && document.activeElement === input) offer(items, words);
    } catch (error) {
      if (!isAbort(error) && !mine.signal.aborted && document.activeElement === input) offer([], words); // words can still be searched
    }
  }

  const buttons = () => (clear.hidden = input.value === "");
  const step = (by) => mark(((active + by + (active < 0 && by < 0 ? 1 : 0)) % options.length + options.length) % options.length);

  input.addEventListener("input", () => {
    buttons();
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const open = !list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (open) step(event.key === "ArrowDown" ? 1 : -1);
      else look();
    } else if (event.key === "Enter") {
      event.preventDefault();
      take(open ? options[active] : undefined);
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (open) close();
      else {
        input.value = "";
        buttons();
      }
    } else if (event.key === "Tab") close();
    else if (event.key === "Home" || event.key === "End" || event.key.startsWith("Arrow")) mark(-1);
  });
  input.addEventListener("blur", close);
  input.form.addEventListener("submit", (event) => {
    event.preventDefault();
    take(undefined);
  });
  clear.append(icon("close", 18));
  clear.addEventListener("click", () => {
    input.value = "";
    input.focus();
    take(undefined);
    buttons();
  });
  $("#q-go").append(icon("search", 20));

  return {
    // What the address says stands in the box, unless somebody is typing there.
    show(words) {
      if (document.activeElement === input && !list.hidden) return;
      input.value = words;
      buttons();
    },
  };
}
