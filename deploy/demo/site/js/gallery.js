// The photographs of one home: a swipeable stage, thumbnails, arrow keys, and a full-screen view. The stage is a
// native scroller with snap points, so touch works as the visitor's device does it; slides get their picture only
// when they are next to the one being looked at.

import { $$, h, icon, plural } from "./dom.js";
import { picture } from "./picture.js";

const STAGE_SIZES = "(min-width: 1400px) 1010px, (min-width: 960px) 72vw, 100vw";
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export function gallery(images, title) {
  const label = (i) => images[i].alt || `${title}, photograph ${i + 1}`;
  let current = -1;

  const slides = images.map((_, i) => h("li", { class: "slide", "aria-label": `${i + 1} of ${images.length}` }));
  const track = h("ul", { class: "gallery__track", tabindex: "0", "aria-label": "Photographs: use the arrow keys" }, slides);
  const counter = h("span", { class: "gallery__count", "aria-live": "polite" });
  const thumbs = images.map((image, i) => h("li", null, h("button", {
    type: "button", "aria-label": `Photograph ${i + 1}: ${label(i)}`, onclick: () => show(i),
  }, picture(image, { sizes: "132px", ratio: "3 / 2", alt: "" }))));
  const box = lightbox(images, label);
  const one = images.length < 2;
  const arrow = (step, name, text) => h("button", { type: "button", class: `round gallery__${name}`, "aria-label": text, onclick: () => show(current + step) }, icon(name));
  const node = h("section", { class: one ? "gallery gallery--one" : "gallery", "aria-label": plural(images.length, "photograph") },
    h("div", { class: "gallery__stage" }, track, !one && arrow(-1, "left", "Previous photograph"), !one && arrow(1, "right", "Next photograph"), counter,
      h("button", { type: "button", class: "round gallery__expand", "aria-label": "See full screen", onclick: () => box.open(current) }, icon("expand"))),
    !one && h("ul", { class: "gallery__thumbs" }, thumbs), box.node);

  function mount(i) {
    const slide = slides[i];
    if (!slide || slide.firstChild) return;
    const upright = images[i].width / images[i].height < 1.15;
    slide.append(picture(images[i], { sizes: STAGE_SIZES, ratio: "3 / 2", fit: upright ? "contain" : "cover", alt: label(i), eager: true, priority: i === 0 }));
    slide.addEventListener("click", () => box.open(i));
  }

  function mark(i) {
    if (i === current) return;
    current = i;
    [i, i + 1, i - 1].forEach(mount);
    counter.textContent = `${i + 1} / ${images.length}`;
    slides.forEach((slide, n) => {
      slide.toggleAttribute("inert", n !== i);
      const img = slide.querySelector("img");
      if (n === i) img?.setAttribute("data-testid", "gallery-image");
      else img?.removeAttribute("data-testid");
    });
    thumbs.forEach((thumb, n) => thumb.firstChild.setAttribute("aria-current", n === i));
    const strip = thumbs[i].parentElement;
    if (strip) {
      const t = thumbs[i];
      strip.scrollTo({ left: t.offsetLeft - strip.clientWidth / 2 + t.offsetWidth / 2, top: t.offsetTop - strip.clientHeight / 2 + t.offsetHeight / 2 });
    }
  }

  function show(i) {
    const next = (i + images.length) % images.length;
    mount(next);
    const far = Math.abs(next - current) > 1;
    track.scrollTo({ left: next * track.clientWidth, behavior: far || still() ? "instant" : "smooth" });
    mark(next);
  }

  let settling = 0;
  track.addEventListener("scroll", () => {
    clearTimeout(settling);
    settling = setTimeout(() => mark(Math.round(track.scrollLeft / Math.max(1, track.clientWidth))), 90);
  }, { passive: true });
  track.addEventListener("keydown", (event) => {
    const next = { ArrowLeft: current - 1, ArrowRight: current + 1, Home: 0, End: images.length - 1 }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      show(next);
    } else if (event.key === "Enter") box.open(current);
  });
  new ResizeObserver(() => track.scrollTo({ left: current * track.clientWidth, behavior: "instant" })).observe(track);
  mark(0);
  return node;
}

// Full screen, in a native dialog: focus is kept inside and Escape closes it.
export function lightbox(images, label) {
  const frame = h("div", { class: "lightbox__frame" });
  const caption = h("p", { class: "lightbox__caption", "aria-live": "polite" });
  let at = 0;
  const show = (i) => {
    at = (i + images.length) % images.length;
    frame.replaceChildren(picture(images[at], { sizes: "100vw", ratio: "auto", fit: "contain", alt: label(at), eager: true }));
    caption.textContent = `${label(at)}  ·  ${at + 1} / ${images.length}`;
  };
  const button = (name, text, act) => h("button", { type: "button", class: `round lightbox__${name}`, "aria-label": text, onclick: act }, icon(name));
  const node = h("dialog", { class: "lightbox", "aria-label": "Full screen picture" }, frame, caption,
    images.length > 1 && [button("left", "Previous", () => show(at - 1)), button("right", "Next", () => show(at + 1))],
    button("close", "Close", () => node.close()));
  let startX = null;
  node.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step && images.length > 1) show(at + step);
  });
  node.addEventListener("click", ({ target }) => target === frame && node.close());
  node.addEventListener("pointerdown", (event) => (startX = event.clientX));
  node.addEventListener("pointerup", (event) => {
    const moved = startX === null ? 0 : event.clientX - startX;
    if (Math.abs(moved) > 60 && images.length > 1) show(at + (moved < 0 ? 1 : -1));
    startX = null;
  });
  return {
    node,
    open(i) {
      show(i);
      if (!node.open) node.showModal();
    },
  };
}

// Floor plans and certificates: small figures on white that open full screen.
export function sheets(title, images, fallback) {
  if (!images?.length) return "";
  const box = lightbox(images, (i) => images[i].alt || fallback);
  return h("section", { class: "block" }, h("h2", null, title),
    h("div", { class: "sheets" }, images.map((image, i) => h("button", { type: "button", class: "sheet", "aria-label": `Open: ${image.alt || fallback}`, onclick: () => box.open(i) },
      picture(image, { sizes: "(min-width: 960px) 380px, 92vw", ratio: "6 / 5", fit: "contain", alt: image.alt || fallback })))), box.node);
}
