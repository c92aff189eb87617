// The search as a plain value, and its two spellings: the address bar and the API use the same parameter names, so a
// shared link, the back button and a request all mean the same thing.

export const PER_PAGE = 12;
const CHANNELS = ["rent", "sale"];
const NUMBERS = ["price_min", "price_max", "beds_min", "beds_max", "baths_min", "radius_km"];
const LISTS = ["area", "outcode", "type", "furnishing", "features", "status"];
const FLAGS = ["has_floorplan", "has_tour", "short_let"];
const TEXTS = { q: /^.{1,100}$/, near: /^[\w.,-]{1,64}$/, available_by: /^\d{4}-\d\d-\d\d$/ };
const ORDER = ["q", "area", "outcode", "near", "radius_km", "price_min", "price_max", "beds_min", "beds_max", "baths_min", "type",
  "furnishing", "features", "available_by", "status", ...FLAGS];

export const PRICES = {
  rent: [750, 1000, 1250, 1500, 1750, 2000, 2250, 2500, 3000, 3500, 4000, 5000, 7500, 10000],
  sale: [200000, 300000, 400000, 500000, 600000, 700000, 800000, 1000000, 1250000, 1500000, 2000000, 3000000, 5000000],
};

const SORTS = [["newest", "Newest first"], ["price_asc", "Price, low to high"], ["price_desc", "Price, high to low"],
  ["beds_desc", "Most bedrooms"], ["available", "Soonest available"]];

// What a search can be sorted by, the usual way first.
export function sorts(state) {
  const near = state.near ? [["nearest", "Nearest first"]] : [];
  return [...(state.q ? [["relevance", "Best match"]] : []), ...SORTS, ...near];
}

export function empty(channel = "rent") {
  const state = { channel, sort: "newest", page: 1 };
  for (const key of ORDER) state[key] = LISTS.includes(key) ? [] : "";
  return state;
}

// A change of the search starts at its first page, and in an order that still makes sense.
export function changed(state, change) {
  const next = { ...state, page: 1, ...change };
  const usual = sorts(next)[0][0];
  if (state.sort === sorts(state)[0][0] && !("sort" in change)) next.sort = usual;
  if (!sorts(next).some(([value]) => value === next.sort)) next.sort = usual;
  if (!next.near) next.radius_km = "";
  return next;
}

// Reads an address that anybody may have written: what is not understood is left out.
export function readState(search) {
  const params = new URLSearchParams(search);
  const state = empty(CHANNELS.includes(params.get("channel")) ? params.get("channel") : "rent");
  for (const key of NUMBERS) if (/^\d{1,9}$/.test(params.get(key) ?? "")) state[key] = String(Number(params.get(key)));
  for (const key of FLAGS) if (params.get(key) === "true") state[key] = "true";
  for (const [key, pattern] of Object.entries(TEXTS)) {
    const value = (params.get(key) ?? "").replaceAll(/\s+/g, " ").trim();
    if (pattern.test(value)) state[key] = value;
  }
  for (const key of LISTS) {
    const values = params.getAll(key).join(",").split(",").filter((v) => /^[a-z0-9_-]{1,64}$/i.test(v));
    state[key] = [...new Set(values)].sort();
  }
  const page = Number(params.get("page"));
  return changed(state, {
    sort: params.get("sort") ?? sorts(state)[0][0], page: Number.isInteger(page) && page > 0 && page < 10000 ? page : 1,
  });
}

function write(state) {
  const params = new URLSearchParams({ channel: state.channel });
  for (const key of ORDER) {
    const value = [].concat(state[key]).join(",");
    if (value) params.set(key, value);
  }
  if (state.sort !== sorts(state)[0][0]) params.set("sort", state.sort);
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

// What a suggestion asks for takes the place of the words and places asked for so far.
export function atPlace(state, query) {
  const { q, area, outcode, near } = readState("?" + query);
  return changed(state, { q, area, outcode, near, ...(near ? { sort: "nearest" } : {}) });
}

export const money = (value) => "£" + Number(value).toLocaleString("en-GB");
const day = (date) => new Date(date + "T12:00").toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });

const LABELS = {
  q: (value) => `“${value}”`,
  near: (value, state, nameOf) => `Within ${state.radius_km || 3} km of ${nameOf("near", value)}`,
  price_min: (value, state) => `From ${money(value)}${state.channel === "rent" ? " pcm" : ""}`,
  price_max: (value, state) => `Up to ${money(value)}${state.channel === "rent" ? " pcm" : ""}`,
  beds_min: (value) => `${value}+ beds`,
  beds_max: (value) => (value === "0" ? "Studios only" : `Up to ${value} ${value === "1" ? "bed" : "beds"}`),
  baths_min: (value) => `${value}+ baths`,
  available_by: (value) => `Free by ${day(value)}`,
  has_floorplan: () => "Floor plan",
  has_tour: () => "Virtual tour",
  short_let: () => "Short lets",
};

// What the visitor has asked for beyond the channel: the chips. `key` is the parameter, `next` the search without it.
export function activeFilters(state, nameOf) {
  const found = [];
  for (const key of ORDER) {
    if (LISTS.includes(key)) {
      for (const value of state[key]) {
        found.push({ key, label: nameOf(key, value), next: changed(state, { [key]: state[key].filter((v) => v !== value) }) });
      }
    } else if (state[key] && LABELS[key]) {
      found.push({ key, label: LABELS[key](state[key], state, nameOf), next: changed(state, { [key]: "" }) });
    }
  }
  return found;
}

// The search without these parameters: what the API advises when nothing is found.
export function without(state, keys) {
  return changed(state, Object.fromEntries(keys.filter((key) => key in state).map((key) => [key, LISTS.includes(key) ? [] : ""])));
}
