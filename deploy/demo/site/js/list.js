// A list of cards that is brought up to date rather than drawn anew: cards are kept by key, so a quiet refresh keeps
// scroll position, focus and pictures.

import { card, cardKey, refreshCard, skeleton } from "./card.js";

// options: sizes, eager (how many from the start load at once; the very first gets priority).
export function fillList(list, homes, { sizes, eager = 0 }) {
  const known = new Map([...list.children].map((node) => [node.dataset.key, node]));
  const nodes = homes.map((home, index) => {
    const options = { sizes, eager: index < eager, priority: eager > 0 && index === 0 };
    const node = known.get(cardKey(home));
    if (!node?.home) return card(home, options);
    known.delete(cardKey(home));
    refreshCard(node, home, options);
    return node;
  });
  // Moving a node restarts its picture's fade and drops focus, so nodes already in place are left there.
  nodes.forEach((node, index) => {
    const there = list.children[index];
    if (there !== node) list.insertBefore(node, there ?? null);
  });
  while (list.children.length > nodes.length) list.lastElementChild.remove();
  list.removeAttribute("aria-busy");
}

export function fillSkeletons(list, count) {
  list.setAttribute("aria-busy", "true");
  list.replaceChildren(...Array.from({ length: count }, skeleton));
}

export const columns = (list) => getComputedStyle(list).gridTemplateColumns.split(" ").filter(Boolean).length || 1;
