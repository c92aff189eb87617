// One home as a card. Every line is always there and one line high, so that cards, and the skeletons that stand in
// for them, have the same height whatever the data says.

import { h, icon, marked, plural, propertyPath } from "./dom.js";
import { picture } from "./picture.js";

const KINDS = { new: "new", reduced: "reduced", "back on the market": "back", status: "status" };

export const cardKey = (home) => `${home.id}:${home.channel}`;

export function badges(home) {
  const named = (Array.isArray(home.badges) ? home.badges : []).filter((label) => label !== home.status_label);
  const list = named.map((label) => [label, String(label).toLowerCase()]);
  if (!home.is_available && home.status_label) list.unshift([home.status_label, "status"]);
  return list.slice(0, 3).map(([label, kind]) => h("li", { class: `badge badge--${KINDS[kind] ?? "plain"}`, "data-testid": "badge" }, label));
}

function media(home, options) {
  const photos = Number(home.image_count) || 0;
  return h("div", { class: "card__media" },
    picture(home.image, { ...options, ratio: "3 / 2", alt: home.image?.alt || home.title }),
    h("ul", { class: "badges" }, badges(home)),
    photos > 1 && h("span", { class: "card__photos", "aria-label": plural(photos, "photograph") }, icon("photo", 15), String(photos)));
}

// The long form is for screen readers where the short one is only a number.
function fact(name, label, long) {
  return label && h("li", null, icon(name, 18), long ? h("span", { "aria-hidden": "true" }, label) : label, long && h("span", { class: "sr" }, long));
}

function body(home) {
  const note = home.is_available ? [home.available_label, home.furnishing_label] : [home.status_label];
  return h("div", { class: "card__body" },
    h("p", { class: "card__price" }, home.price_label, h("small", null, home.price_weekly_label)),
    h("h3", { class: "card__title" }, h("a", { href: propertyPath(home) }, marked(home.marks?.title, home.title))),
    h("p", { class: "card__line" }, marked(home.marks?.address, home.address)),
    h("ul", { class: "card__facts" },
      fact("bed", home.beds_label),
      fact("bath", home.baths_label),
      home.receptions > 0 && fact("sofa", String(home.receptions), plural(home.receptions, "reception"))),
    h("p", { class: "card__note" }, note.filter(Boolean).join(" · ") || home.type_label));
}

export function card(home, options) {
  const node = h("li", { class: "card", "data-testid": "card", "data-key": cardKey(home), "data-status": home.status },
    media(home, options), body(home));
  node.home = JSON.stringify(home);
  return node;
}

// Takes over new data without touching what has not changed: an unchanged photograph stays as it is, loaded.
export function refreshCard(node, home, options) {
  const json = JSON.stringify(home);
  if (node.home === json) return false;
  const before = JSON.parse(node.home);
  const focused = node.contains(document.activeElement);
  node.querySelector(".card__body").replaceWith(body(home));
  if (JSON.stringify(before.image) !== JSON.stringify(home.image) || before.image_count !== home.image_count) {
    node.querySelector(".card__media").replaceWith(media(home, options));
  } else {
    node.querySelector(".badges").replaceChildren(...badges(home));
  }
  node.dataset.status = home.status;
  node.home = json;
  if (focused) node.querySelector("a").focus({ preventScroll: true });
  if (before.price !== home.price || before.status !== home.status) flash(node);
  return true;
}

function flash(node) {
  node.classList.remove("is-changed");
  void node.offsetWidth;
  node.classList.add("is-changed");
}

export function skeleton() {
  return h("li", { class: "card card--skeleton", "aria-hidden": "true" },
    h("div", { class: "card__media" }), h("div", { class: "card__body" }, h("i"), h("i"), h("i"), h("i")));
}
