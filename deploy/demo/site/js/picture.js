// One responsive picture: a box of the right shape holding the colour and the blurred placeholder, and a <picture>
// with every format the API offers, best first. The box never changes size, so a picture that arrives moves nothing.

import { h, icon, safeUrl } from "./dom.js";

const COLOUR = /^#[0-9a-f]{3,8}$/i;
const PLACEHOLDER = /^data:image\/(webp|png|jpeg|gif|avif);base64,[A-Za-z0-9+/=]+$/;
const CANDIDATE = /(\S*[^\s,])(?:\s+(\d+(?:\.\d+)?[wx]))?\s*(?:,|$)/g;

export function safeSrcSet(value) {
  return [...String(value ?? "").matchAll(CANDIDATE)]
    .map(([, url, size]) => [safeUrl(url), size])
    .filter(([url]) => url)
    .map(([url, size]) => (size ? `${url} ${size}` : url))
    .join(", ");
}

// options: sizes (required), ratio (CSS aspect-ratio of the box, else the picture's own), eager, priority, fit, alt,
// testid. A priority picture is probably the largest paint of the page, and is therefore not faded in.
export function picture(image, { sizes, ratio, eager = false, priority = false, fit = "cover", alt, testid } = {}) {
  const box = h("div", { class: `pic pic--${fit}` });
  const width = Number(image?.width) || 3;
  const height = Number(image?.height) || 2;
  box.style.aspectRatio = ratio ?? `${width} / ${height}`;
  if (COLOUR.test(image?.color ?? "")) box.style.backgroundColor = image.color;
  if (PLACEHOLDER.test(image?.placeholder ?? "")) box.style.setProperty("--blur", `url("${image.placeholder}")`);

  const src = safeUrl(image?.src);
  if (!src) {
    box.append(icon("house", 40));
    return box;
  }
  const srcset = safeSrcSet(image.srcSet);
  const img = h("img", {
    width, height, sizes: srcset && sizes, srcset, decoding: "async", "data-testid": testid,
    loading: eager || priority ? "eager" : "lazy", fetchpriority: priority && "high",
  });
  img.alt = alt ?? String(image.alt ?? "");
  const sources = (Array.isArray(image.sources) ? image.sources : [])
    .filter((s) => /^image\/[\w.+-]+$/.test(s?.type ?? "") && safeSrcSet(s.srcSet))
    .map((s) => h("source", { type: s.type, srcset: safeSrcSet(s.srcSet), sizes }));

  const done = () => box.classList.add("is-loaded");
  if (priority) box.classList.add("is-instant");
  img.addEventListener("load", done, { once: true });
  img.addEventListener("error", () => {
    box.classList.add("is-broken");
    box.append(icon("house", 40));
  }, { once: true });
  box.append(h("picture", null, sources, img));
  img.src = src;
  if (img.complete && img.naturalWidth) done();
  return box;
}
