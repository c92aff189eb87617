// Building blocks for the page. Listing data is treated as hostile everywhere: it reaches the document only as text
// nodes and attributes made here, and a URL only after safeUrl has looked at it.

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  bed: "M3 18v-8m0 5h18v3m0-3v-2a3 3 0 0 0-3-3h-7v5M5.5 11.5a1.5 1.5 0 1 0 3 0 1.5 1.5 0 1 0-3 0",
  bath: "M3 12h18v2a5 5 0 0 1-5 5H8a5 5 0 0 1-5-5v-2Zm3 0V6a2 2 0 0 1 4 0M7 19l-1 2m11-2 1 2",
  sofa: "M5 11V8a2 2 0 0 1 2-2h10a2 2 0 0 1 2 2v3M3 12a2 2 0 0 1 4 0v2h10v-2a2 2 0 0 1 4 0v6H3v-6Zm2 6v2m14-2v2",
  photo: "M4 7h3l2-2h6l2 2h3v12H4V7Zm8 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6",
  left: "M14.5 6 8.5 12l6 6",
  right: "m9.5 6 6 6-6 6",
  close: "m7 7 10 10M17 7 7 17",
  expand: "M9 4H4v5m11-5h5v5M9 20H4v-5m11 5h5v-5",
  plan: "M4 4h16v16H4V4Zm8 0v6m0 4v6M4 13h5m6 0h5",
  tour: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm-2-12 5 3-5 3V9Z",
  file: "M7 3h7l4 4v14H7V3Zm7 0v4h4M10 12h5m-5 4h5",
  phone: "M6 3h4l1.5 5-2.5 1.5a11 11 0 0 0 5.5 5.5L16 12.5l5 1.5v4a2 2 0 0 1-2 2A15 15 0 0 1 4 5a2 2 0 0 1 2-2Z",
  tick: "m5 12.5 4.5 4.5L19 7.5",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Zm4.7-1.8L20 20",
  pin: "M12 21s7-6.2 7-11a7 7 0 0 0-14 0c0 4.8 7 11 7 11Zm0-8.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
  train: "M7 4h10a2 2 0 0 1 2 2v8a3 3 0 0 1-3 3H8a3 3 0 0 1-3-3V6a2 2 0 0 1 2-2Zm-2 7h14M8.5 14h.01m6.99 0h.01M8 17l-2 3.5m10-3.5 2 3.5",
  road: "M8 4 4 20M16 4l4 16M12 5v3m0 3v3m0 3v3",
  house: "M4 11.5 12 4l8 7.5V20h-5v-6H9v6H4v-8.5Z",
};

export function icon(name, size = 20) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  const attributes = { class: "icon", viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true" };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

// h("a", {class: "x", href: "/", onclick: fn}, "text", node): false, null, undefined and "" are left out.
export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === false || value == null || value === "") continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== false && child != null && child !== ""));
  return node;
}

// Pieces of a text, those that match in <mark>; the plain text where there are none.
export function marked(pieces, otherwise) {
  const list = Array.isArray(pieces) && pieces.length ? pieces : [{ text: otherwise, match: false }];
  return list.map(({ text, match }) => (match ? h("mark", null, String(text)) : String(text)));
}

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// An absolute http(s) URL, or "" for anything else (javascript:, data:, relative, broken).
export function safeUrl(value) {
  try {
    const url = new URL(value);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : "";
  } catch {
    return "";
  }
}

export function propertyPath(home) {
  return "/properties/" + encodeURIComponent(home.slug || home.id);
}

export const plural = (n, one, many = one + "s") => `${n.toLocaleString("en-GB")} ${n === 1 ? one : many}`;

// Storage may be switched off or full; the site must work the same without it.
export const memory = {
  get(key) {
    try { return sessionStorage.getItem("hl:" + key); } catch { return null; }
  },
  set(key, value) {
    try { sessionStorage.setItem("hl:" + key, value); } catch { /* nothing is lost but a convenience */ }
  },
};
