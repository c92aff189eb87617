// The search: address bar in, results out. It keeps the last good results on the page whatever happens to the next
// request, aborts what has been overtaken, and can refresh quietly when the data behind it has moved on.

import { ApiError, api, isAbort } from "./api.js";
import { $, h, icon, memory, plural } from "./dom.js";
import { createFilters, setOptions } from "./filters.js";
import { columns, fillList, fillSkeletons } from "./list.js";
import { PER_PAGE, activeFilters, apiQuery, atPlace, changed, empty, pageQuery, readState, sorts, without } from "./state.js";
import { createSuggest } from "./suggest.js";

const SIZES = "(min-width: 1440px) 324px, (min-width: 1180px) 30vw, (min-width: 640px) 47vw, 94vw";
const DEBOUNCE_MS = 180;
const BEHIND_MS = 3000;

export function startSearch({ nearTop }) {
  const grid = $("#grid");
  const count = $("#count");
  const message = $("#message");
  const toast = $("#toast");
  const heading = $("#homes-title");
  const results = $("#results");
  const sort = $("#sort");
  let state = readState(location.search);
  let shown = null; // the last good answer, still on the page
  let request = null;
  let timer = 0;

  const filters = createFilters($("#filters"), (change) => go(changed(state, change)));
  const box = createSuggest({
    channel: () => state.channel,
    onPlace(query, label) {
      const { area, outcode, near } = readState("?" + query);
      for (const value of [...area, ...outcode, near].filter(Boolean)) filters.learn(value, label);
      go(atPlace(state, query));
    },
    onText: (words) => go(changed(state, { q: words.slice(0, 100) })),
  });
  const active = () => activeFilters(state, filters.nameOf);
  const noun = (n = 2) => `${n === 1 ? "home" : "homes"} ${state.channel === "rent" ? "to rent" : "for sale"}`;

  function remember() {
    memory.set("search", pageQuery(state));
    const named = ["area", "outcode"].filter((key) => state[key].length === 1)
      .map((key) => ` in ${filters.nameOf(key, state[key][0])}`)[0] ?? (state.near ? ` near ${filters.nameOf("near", state.near)}` : "");
    const title = noun().replace(/^h/, "H") + named;
    document.title = `${title} | Harbour & Lane`;
    if (nearTop) heading.textContent = title; // on the home page it is one part of several
    for (const link of document.querySelectorAll("[data-channel-link]")) {
      const current = location.search && link.dataset.channelLink === state.channel;
      if (current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  function go(next, { scroll = false } = {}) {
    if (next.channel !== state.channel) {
      if (shown) shown = { ...shown, total: undefined, facets: { channel: shown.facets?.channel } }; // the other counts are of the old channel
    }
    state = next;
    const address = location.pathname + pageQuery(state);
    if (address !== location.pathname + location.search) history.pushState({ mode: document.documentElement.dataset.mode }, "", address);
    showControls();
    if (scroll) toTop();
    clearTimeout(timer);
    request?.abort();
    results.classList.add("is-waiting");
    timer = setTimeout(load, DEBOUNCE_MS);
  }

  function toTop() {
    const top = results.getBoundingClientRect().top + scrollY - $("#bar").offsetHeight;
    if (scrollY > top) scrollTo({ top, behavior: "instant" });
    count.focus({ preventScroll: true });
  }

  function showControls() {
    remember();
    const chips = active();
    filters.show(state, shown, chips.length);
    box.show(state.q);
    setOptions(sort, state.sort, null, sorts(state));
    $("#chips").replaceChildren(...chips.map(({ label, next }) => h("button", {
      type: "button", class: "chip", "data-testid": "chip", "aria-label": `Remove filter: ${label}`, onclick: () => go(next),
    }, label, icon("close", 14))), ...(chips.length ? [clearButton("chip chip--clear")] : []));
  }

  const clearButton = (kind) => h("button", {
    type: "button", class: kind, "data-testid": "clear-all", onclick: () => go(changed(empty(state.channel), { sort: state.sort })),
  }, "Clear all");

  async function load({ quiet = false, generation = 0, retried = false } = {}) {
    clearTimeout(timer);
    timer = 0;
    request?.abort();
    const mine = (request = new AbortController());
    results.classList.toggle("is-waiting", !quiet);
    try {
      const answer = await api.properties(apiQuery(state), { signal: mine.signal, fresh: quiet });
      if (mine.signal.aborted) return;
      if (state.page > 1 && !answer.items.length && answer.total > 0) {
        history.replaceState(history.state, "", location.pathname + pageQuery({ ...state, page: answer.pages }));
        state = readState(location.search);
        return load({ quiet });
      }
      show(answer);
      // A cache on the way may still hold the older list: look once more.
      if (quiet && !retried && answer.generation < generation) {
        timer = setTimeout(() => load({ quiet, generation, retried: true }), BEHIND_MS);
      }
    } catch (error) {
      if (isAbort(error) || mine.signal.aborted) return;
      if (!quiet) fail(error);
    } finally {
      if (request === mine) {
        request = null;
        results.classList.remove("is-waiting");
      }
    }
  }

  function show(answer) {
    shown = answer;
    toast.hidden = true;
    message.hidden = true;
    grid.hidden = answer.total === 0;
    results.classList.toggle("is-empty", answer.total === 0);
    memory.set("size:" + apiQuery(state), answer.items.length);
    const marks = new Map((answer.highlights ?? []).map((one) => [one.id, one]));
    const homes = answer.items.map((home) => (marks.has(home.id) ? { ...home, marks: marks.get(home.id) } : home));
    const text = answer.total ? `${answer.total.toLocaleString("en-GB")} ${noun(answer.total)}` : "No homes match";
    if (count.textContent !== text) count.textContent = text;
    fillList(grid, homes, { sizes: SIZES, eager: nearTop ? columns(grid) : 0 });
    showControls();
    showPages(answer);
    if (!answer.total) showEmpty(answer.relax ?? []);
  }

  function showPages({ page, pages, total, per_page }) {
    const nav = $("#pages");
    if (pages < 2) return nav.replaceChildren();
    const link = (n, label, name) => h("a", {
      href: "/" + (pageQuery({ ...state, page: n }) || "?channel=rent"), "aria-current": n === page && !name && "page",
      "aria-label": name || `Page ${n}`, "data-testid": name && "page-" + (n > page ? "next" : "previous"),
      onclick: (event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        go({ ...state, page: n }, { scroll: true });
      },
    }, label);
    const near = Array.from({ length: pages }, (_, i) => i + 1)
      .filter((n) => n === 1 || n === pages || Math.abs(n - page) < 2 || pages < 6);
    const numbers = near.flatMap((n, i) => [i > 0 && n - near[i - 1] > 1 && h("span", null, "…"), link(n, String(n))]);
    nav.replaceChildren(
      h("p", null, `${(page - 1) * per_page + 1} to ${Math.min(page * per_page, total)} of ${total}`),
      h("div", null, page > 1 && link(page - 1, icon("left"), "Previous page"), numbers, page < pages && link(page + 1, icon("right"), "Next page")));
  }

  // Nothing found: the answer says what to give up, and what would be found then.
  function showEmpty(relax) {
    const chips = active();
    const offers = relax.slice(0, 5).map(({ parameters, total }) => {
      const labels = chips.filter(({ key }) => parameters.includes(key)).map(({ label }) => label);
      const names = labels.flatMap((label, n) => [n > 0 && (n === labels.length - 1 ? " and " : ", "), h("b", null, label)]);
      return labels.length > 0 && h("button", {
        type: "button", class: "relax", "data-testid": "relax", onclick: () => { go(without(state, parameters)); count.focus({ preventScroll: true }); },
      }, h("span", null, "Without ", names), h("small", null, plural(total, "home")));
    }).filter(Boolean);
    const words = offers.length ? "Nothing matches all of it. Let one of these go:" : chips.length ? "Nothing matches, whichever of these you let go."
      : "There are no homes in this list at the moment. New ones appear here by themselves.";
    message.replaceChildren(icon("house", 44), h("h3", null, "Nothing quite like that today"), h("p", null, words),
      h("div", { class: "relaxes" }, offers), ...(chips.length ? [clearButton("btn btn--ghost")] : []));
    message.dataset.testid = "empty";
    message.hidden = false;
  }

  // Old results stay; a failure is said in a corner, where it moves nothing. Without old results it takes their place.
  function fail(error) {
    const retry = () => h("button", { type: "button", class: "btn", "data-testid": "retry", onclick: () => load() }, "Try again");
    const words = [h("h3", null, error instanceof ApiError ? error.message : "Something went wrong"), h("p", null, error.detail || "Please try again in a moment.")];
    if (shown) {
      toast.replaceChildren(h("div", null, words[0], h("p", null, "These are the results from before. ", error.detail || "")), retry());
      toast.dataset.testid = "error";
      toast.hidden = false;
      return;
    }
    count.textContent = "Could not load";
    grid.hidden = true;
    const wrong = active().filter(({ key }) => key === error.parameter).map(({ next, label }) => h("button", {
      type: "button", class: "btn btn--ghost", "data-testid": "drop", onclick: () => go(next),
    }, "Search without ", label));
    message.replaceChildren(icon("house", 44), ...words, retry(), ...wrong.slice(0, 1), h("p", { class: "quiet" }, "Or call us on 020 7946 0958."));
    message.dataset.testid = "error";
    message.hidden = false;
  }

  sort.addEventListener("change", () => go(changed(state, { sort: sort.value })));
  addEventListener("popstate", () => {
    state = readState(location.search);
    showControls();
    load();
  });
  addEventListener("online", () => (message.dataset.testid === "error" && !message.hidden) || !toast.hidden ? load() : null);

  if (nearTop) heading.setAttribute("aria-level", "1");
  fillSkeletons(grid, Number(memory.get("size:" + apiQuery(state))) || PER_PAGE);
  showControls();
  load();

  return {
    choose: (channel) => go(channel === state.channel ? state : empty(channel)),
    refresh: (generation) => (shown && !request && !timer ? load({ quiet: true, generation }) : undefined),
  };
}
