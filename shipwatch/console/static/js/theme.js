// Runs before the first paint: the theme chosen before, else what the system asks for.
(function () {
  let chosen = null;
  try { chosen = localStorage.getItem("shipwatch-theme"); } catch (refused) { /* no storage: the system's choice */ }
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = chosen === "dark" || chosen === "light" ? chosen : dark ? "dark" : "light";
})();
