// Draws the charts of the language that is shown, in the colours of the light or the dark, and again when either changes.
(() => {
  "use strict";
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const touch = matchMedia("(pointer: coarse)");
  const narrow = matchMedia("(max-width: 640px)");
  const darkOf = JSON.parse(document.getElementById("dark-colours").textContent);
  const languages = document.querySelectorAll("input[name=language]");

  function themed(text) {
    return dark.matches ? text.replace(/"(#[0-9a-f]{6})"/g, (all, colour) => `"${darkOf[colour] || colour}"`) : text;
  }

  function draw() {
    for (const holder of document.querySelectorAll("script[data-chart]")) {
      const place = document.getElementById(holder.dataset.chart);
      if (place.offsetParent === null) continue;
      const { data, layout } = JSON.parse(themed(holder.textContent));
      if (touch.matches || narrow.matches) layout.dragmode = false;
      if (narrow.matches) layout.font.size = 11;
      Plotly.react(place, data, layout, { displayModeBar: false, responsive: true });
    }
  }

  function switched() {
    const chosen = document.querySelector("input[name=language]:checked");
    if (chosen) document.documentElement.lang = chosen.value;
    draw();
  }

  document.documentElement.classList.add("drawn");
  for (const choice of languages) {
    choice.addEventListener("change", switched);
    if (choice.value.startsWith("zh") && navigator.language.startsWith("zh")) choice.checked = true;
  }
  dark.addEventListener("change", draw);
  narrow.addEventListener("change", draw);
  switched();
})();
