// Runs before the first paint (a classic script, on purpose): says whether the page opens as the home page or as a
// search somebody shared, so that the right parts are laid out from the start and nothing moves later.
(() => {
  const params = new URLSearchParams(location.search);
  const root = document.documentElement;
  root.dataset.mode = params.size ? "search" : "home";
  if (["area", "price_min", "price_max", "beds_min", "beds_max", "type"].some((k) => params.get(k))) root.dataset.filtered = "";
})();
