// What machines read of a home: title, description, Open Graph, JSON-LD. The server has written the same into the page
// that it sent (property.html); this keeps it true while the page is open, and makes it where a server did not.

import { $, h } from "./dom.js";

const NAME = "Harbour & Lane";

export function describe(home) {
  const title = `${home.title} | ${NAME}`;
  const words = home.summary || home.strapline || home.address;
  document.title = title;
  $('meta[name="description"]').content = words;
  put("link", "rel", "canonical", { href: home.url });
  const tags = {
    "og:type": "website", "og:site_name": NAME, "og:title": `${home.price_label} · ${home.title}`, "og:description": words, "og:url": home.url,
    "og:image": home.og_image, "og:image:width": home.og_image_width, "og:image:height": home.og_image_height, "og:image:alt": home.image_alt,
  };
  for (const [property, content] of Object.entries(tags)) {
    if (content) put("meta", "property", property, { content });
    else document.head.querySelector(`meta[property="${property}"]`)?.remove();
  }
  put("meta", "name", "twitter:card", { content: home.og_image ? "summary_large_image" : "summary" });
  put("script", "type", "application/ld+json", {}).textContent = JSON.stringify(home.json_ld ?? {}).replaceAll("<", "\\u003c");
}

export const hideFromSearch = () => put("meta", "name", "robots", { content: "noindex" });

function put(tag, key, value, attributes) {
  let node = document.head.querySelector(`${tag}[${key}="${value}"]`);
  if (!node) document.head.append((node = h(tag, { [key]: value })));
  for (const [name, content] of Object.entries(attributes)) node.setAttribute(name, content);
  return node;
}
