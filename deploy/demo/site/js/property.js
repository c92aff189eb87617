// The page of one home, at /properties/<slug>.

import { ApiError, api } from "./api.js";
import { badges } from "./card.js";
import { $, h, icon, memory, safeUrl } from "./dom.js";
import { startFooter } from "./footer.js";
import { gallery, sheets } from "./gallery.js";
import { describe, hideFromSearch } from "./head.js";
import { fillList } from "./list.js";

const SIMILAR_SIZES = "(min-width: 1440px) 324px, (min-width: 1000px) 24vw, (min-width: 640px) 44vw, 82vw";
const slug = decode(location.pathname.split("/").filter(Boolean)[1] ?? "");
const view = $("#view");
let shown = null;
let photographs = null; // kept across a quiet refresh, so that the visitor stays at the same picture

function decode(value) {
  try { return decodeURIComponent(value); } catch { return ""; }
}

async function load({ quiet = false } = {}) {
  try {
    if (!slug) throw new ApiError(404, "", "");
    const home = await api.property(slug, { fresh: quiet });
    if (JSON.stringify(home) !== JSON.stringify(shown)) show(home, quiet);
  } catch (error) {
    if (error.gone) gone();
    else if (!quiet) failed(error);
  }
}

function show(home, quiet) {
  const images = home.images?.length ? home.images : [home.image];
  if (!photographs || JSON.stringify(images) !== JSON.stringify(shown?.images?.length ? shown.images : [shown?.image])) {
    photographs = gallery(images, home.title);
  }
  const main = h("div", { class: "detail__main" }, facts(home), description(home), films(home), features(home),
    h("div", { class: "pair" }, sheets("Floor plan", home.floorplans, "Floor plan"), sheets("Energy performance", home.epcs, "Energy performance certificate")), pastPrices(home));
  const columns = h("div", { class: "detail__cols" }, heading(home), h("aside", { class: "detail__side" }, offer(home)), main);
  // The gallery stays in the document if it is there already: taking it out would lose its scroll position.
  if (photographs.parentElement === view) view.lastElementChild.replaceWith(columns);
  else view.replaceChildren(photographs, columns);
  view.removeAttribute("aria-busy");
  shown = home;

  // An address that the home had before leads to the present one.
  if (home.path && home.path !== location.pathname) history.replaceState(history.state, "", home.path);
  describe(home);
  similar(home, quiet);
}

function heading(home) {
  const line = [["bed", home.beds_label], ["bath", home.baths_label], ["sofa", home.receptions > 0 && `${home.receptions} reception${home.receptions > 1 ? "s" : ""}`]];
  return h("header", { class: "detail__head" },
    h("ul", { class: "badges badges--flow" }, h("li", { class: "badge badge--plain" }, home.channel_label), badges(home)),
    h("h1", { "data-testid": "detail-title" }, home.title),
    h("p", { class: "detail__address" }, home.address),
    h("ul", { class: "detail__line" }, line.filter(([, label]) => label).map(([name, label]) => h("li", null, icon(name, 22), label))),
    h("p", { class: "detail__lead" }, home.summary || home.strapline));
}

function facts(home) {
  const rows = [
    ["Type", home.type_label], ["Availability", home.available_label || home.status_label], ["Furnishing", home.furnishing_label],
    ["Tenure", home.tenure_label], ["Service charge", home.service_charge], ["Council tax band", home.council_tax_band],
    ["Heating", home.heating], ["Floor", home.floor], ["Nearest station", home.station], ["Let", home.short_let && "Short let"],
    ["Area", [home.area, home.outcode].filter(Boolean).join(", ")], ["Reference", home.id],
  ].filter(([, value]) => value);
  return h("section", { class: "block" }, h("h2", null, "Key facts"),
    h("dl", { class: "facts" }, rows.map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, String(value))))));
}

function description(home) {
  const paragraphs = String(home.description ?? "").split(/\n+/).map((p) => p.trim()).filter(Boolean);
  return paragraphs.length > 0 && h("section", { class: "block prose" }, h("h2", null, "About this home"), paragraphs.map((p) => h("p", null, p)));
}

function features(home) {
  return home.features?.length > 0 && h("section", { class: "block" }, h("h2", null, "Features"),
    h("ul", { class: "ticks" }, home.features.map((feature) => h("li", null, icon("tick", 18), feature))));
}

// Nothing is fetched before somebody asks to see it; where its codec is not known, the photo stays, with a link.
function films(home) {
  const shown = (home.videos ?? []).filter(({ src }) => safeUrl(src));
  return shown.length > 0 && h("section", { class: "block", "data-testid": "videos" }, h("h2", null, shown.length > 1 ? "Videos" : "Video"),
    shown.map((video) => h("video", { class: "film", controls: true, playsinline: true, preload: "none", poster: safeUrl(video.poster), width: video.width, height: video.height, "aria-label": video.title },
      h("source", { src: safeUrl(video.src), type: video.type }), h("a", { href: safeUrl(video.src) }, `${video.title} (${video.duration_label})`))));
}

function pastPrices(home) {
  if (!(home.price_history?.length > 1)) return false;
  const day = (date) => new Date(date).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
  return h("section", { class: "block" }, h("h2", null, "Price history"),
    h("ol", { class: "prices" }, home.price_history.map((entry) => h("li", null, h("time", { datetime: entry.date }, day(entry.date)), h("b", null, entry.price_label)))));
}

function offer(home) {
  const others = (home.offers ?? []).filter((o) => o.price_label !== home.price_label);
  const link = (url, name, text) => safeUrl(url) && h("a", { class: "btn btn--quiet", href: safeUrl(url), target: "_blank", rel: "noopener noreferrer" }, icon(name), text);
  return h("div", { class: "offer", "data-status": home.status },
    h("p", { class: "offer__price", "data-testid": "detail-price" }, home.price_label),
    h("p", { class: "offer__weekly" }, home.price_weekly_label || home.channel_label),
    others.map((o) => h("p", { class: "offer__other" }, o.channel === "sale" ? "Also for sale at " : "Also to rent at ", h("b", null, o.price_label))),
    h("p", { class: "offer__state" }, home.is_available ? home.available_label || home.status_label : home.status_label),
    h("a", { class: "btn", href: "tel:+442079460958" }, icon("phone"), home.is_available ? "Call to arrange a viewing" : "Call about homes like this"),
    h("a", { class: "btn btn--ghost", href: `mailto:hello@harbourandlane.example?subject=${encodeURIComponent(`${home.title} (${home.id})`)}` }, "Write to us"),
    h("div", { class: "offer__links" }, link(home.virtual_tour_url, "tour", "Virtual tour"), link(home.brochure_url, "file", "Brochure"), link(home.external_url, "file", "More online")),
    h("p", { class: "quiet" }, "The price is the one figure we ask. Please mention reference ", h("b", null, home.id), "."));
}

// What came with the home first, all of them as soon as they are asked for.
function similar(home, fresh) {
  const fill = (homes) => {
    $("#similar").hidden = homes.length === 0;
    if (homes.length) fillList($("#similar-row"), homes, { sizes: SIMILAR_SIZES });
  };
  fill(home.similar ?? []);
  api.similar(slug, { fresh }).then(({ items }) => items.length && fill(items)).catch(() => {}); // those that came will do
}

function panel(kind, title, words, ...actions) {
  view.removeAttribute("aria-busy");
  view.replaceChildren(h("div", { class: "panel panel--page", "data-testid": kind }, icon("house", 48), h("h1", null, title), h("p", null, words), h("p", { class: "panel__actions" }, actions)));
  $("#similar").hidden = true;
}

function gone() {
  shown = photographs = null;
  document.title = "No longer listed | Harbour & Lane";
  hideFromSearch();
  panel("gone", "This home is no longer listed", "It has been let, sold or withdrawn. Others like it may be in the search.",
    h("a", { class: "btn", href: searchAddress() }, "Back to the search"));
}

function failed(error) {
  panel("error", error instanceof ApiError ? error.message : "Something went wrong", error.detail || "Please try again in a moment.",
    h("button", { type: "button", class: "btn", onclick: () => load() }, "Try again"), h("a", { class: "btn btn--ghost", href: searchAddress() }, "Back to the search"));
}

const searchAddress = () => {
  const kept = memory.get("search");
  return kept?.startsWith("?") ? "/" + kept : "/";
};

const back = $("#back");
back.prepend(icon("left", 18));
back.href = searchAddress();
back.addEventListener("click", (event) => {
  // Coming from the search, going back restores its scroll position as well.
  const from = document.referrer && new URL(document.referrer);
  if (event.metaKey || event.ctrlKey || event.shiftKey || !from || from.origin !== location.origin || from.pathname !== "/" || history.length < 2) return;
  event.preventDefault();
  history.back();
});

load();
startFooter(() => load({ quiet: true }));
