// Runs before the first paint (a classic script, on purpose): says whether the page opens as the home page or as a
// search, so that the right parts are laid out from the start and nothing moves later. A search made on the home page
// says so in its history entry, and coming back to it finds the same page.
document.documentElement.dataset.mode = history.state?.mode ?? (location.search.length > 1 ? "search" : "home");

// What the home page shows first is asked for beside the modules that show it, not after them.
if (document.documentElement.dataset.mode === "home") {
  const hint = { rel: "preload", as: "fetch", crossOrigin: "anonymous", href: "/api/framer/featured" };
  document.head.append(Object.assign(document.createElement("link"), hint));
}
