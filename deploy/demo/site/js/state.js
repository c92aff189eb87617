// The search as a plain value, and its two spellings: the address bar and the API use the same parameter names, so a
// shared link, the back button and a request all mean the same thing.

export const PER_PAGE = 12;
const CHANNELS = ["rent", "sale"];
const SORTS = ["newest", "price_asc", "price_desc", "beds_desc"];
const NUMBERS = ["price_min", "price_max", "beds_min", "beds_max"];
const LISTS = ["area", "type"];

export const PRICES = {
  rent: [750, 1000, 1250, 1500, 1750, 2000, 2250, 2500, 3000, 3500, 4000, 5000, 7500, 10000],
  sale: [200000, 300000, 400000, 500000, 600000, 700000, 800000, 1000000, 1250000, 1500000, 2000000, 3000000, 5000000],
};

export const empty = (channel = "rent") => ({
  channel, area: [], type: [], price_min: "", price_max: "", beds_min: "", beds_max: "", sort: "newest", page: 1,
});

// Reads an address that anybody may have written: what is not understood is left out.
export function readState(search) {
  const params = new URLSearchParams(search);
  const pick = (key, allowed) => (allowed.includes(params.get(key)) ? params.get(key) : allowed[0]);
  const state = empty(pick("channel", CHANNELS));
  state.sort = pick("sort", SORTS);
  for (const key of NUMBERS) if (/^\d{1,9}$/.test(params.get(key) ?? "")) state[key] = String(Number(params.get(key)));
  for (const key of LISTS) {
    const values = params.getAll(key).join(",").split(",").filter((v) => /^[a-z0-9_-]{1,64}$/i.test(v));
    state[key] = [...new Set(values)].sort();
  }
  const page = Number(params.get("page"));
  state.page = Number.isInteger(page) && page > 0 && page < 10000 ? page : 1;
  return state;
}

function write(state) {
  const params = new URLSearchParams({ channel: state.channel });
  for (const key of ["area", "price_min", "price_max", "beds_min", "beds_max", "type"]) {
    const value = [].concat(state[key]).join(",");
    if (value) params.set(key, value);
  }
  if (state.sort !== "newest") params.set("sort", state.sort);
  if (state.page > 1) params.set("page", state.page);
  return params;
}

const readable = (params) => params.toString().replaceAll("%2C", ",");

// "" for the untouched search, so that the home page keeps its clean address.
export function pageQuery(state) {
  const params = write(state);
  return params.size === 1 && state.channel === "rent" ? "" : "?" + readable(params);
}

export function apiQuery(state, perPage = PER_PAGE) {
  const params = write(state);
  params.set("per_page", perPage);
  return readable(params);
}

export const money = (value) => "£" + Number(value).toLocaleString("en-GB");

// What the visitor has asked for beyond the channel: the chips, and what the empty state offers to relax.
export function activeFilters(state, nameOf) {
  const without = (change) => ({ ...state, ...change, page: 1 });
  const found = [];
  for (const key of LISTS) {
    for (const value of state[key]) {
      found.push({ label: nameOf(key, value), next: without({ [key]: state[key].filter((v) => v !== value) }) });
    }
  }
  const unit = state.channel === "rent" ? " pcm" : "";
  if (state.price_min) found.push({ label: `From ${money(state.price_min)}${unit}`, next: without({ price_min: "" }) });
  if (state.price_max) found.push({ label: `Up to ${money(state.price_max)}${unit}`, next: without({ price_max: "" }) });
  if (state.beds_min) found.push({ label: `${state.beds_min}+ beds`, next: without({ beds_min: "" }) });
  if (state.beds_max) {
    found.push({ label: state.beds_max === "0" ? "Studios only" : `Up to ${state.beds_max} beds`, next: without({ beds_max: "" }) });
  }
  return found;
}
