// Keeps the page up to date: takes the sections that changed from the server, and leaves everything else alone.
"use strict";

(() => {
  const RELOAD_MS = 5000;
  const main = document.querySelector("main[data-changes]");
  if (!main || !window.EventSource) return;

  const connected = document.querySelector(".connected");
  const cut = document.querySelector(".cut");
  const say = (on) => {
    connected.hidden = !on;
    cut.hidden = on;
  };

  const address = new URL(main.dataset.changes, location.href);
  for (const section of main.querySelectorAll("section[data-mark]")) {
    address.searchParams.append("seen", `${section.id}.${section.dataset.mark}`);
  }

  const stream = new EventSource(address);
  stream.addEventListener("open", () => say(true));
  stream.addEventListener("error", () => {
    say(false);
    // Refused for good: signed out, or the server is another. The page itself says what to do.
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), RELOAD_MS);
  });
  stream.addEventListener("part", (event) => {
    const part = JSON.parse(event.data);
    const section = document.getElementById(part.name);
    if (!section) return;
    const kept = keep(section);
    section.replaceChildren(...new DOMParser().parseFromString(part.html, "text/html").body.childNodes);
    section.dataset.mark = part.mark;
    restore(section, kept);
  });

  // What the reader did: unfolded, scrolled sideways, focused.
  const FOLDS = "details[id]";
  const FRAMES = ".frame";
  const FOCUSABLE = "a, button, summary, [tabindex]";

  function keep(section) {
    return {
      open: [...section.querySelectorAll(FOLDS)].filter((fold) => fold.open).map((fold) => fold.id),
      scrolled: [...section.querySelectorAll(FRAMES)].map((frame) => frame.scrollLeft),
      focused: [...section.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement),
    };
  }

  function restore(section, kept) {
    for (const fold of section.querySelectorAll(FOLDS)) fold.open = kept.open.includes(fold.id);
    section.querySelectorAll(FRAMES).forEach((frame, i) => (frame.scrollLeft = kept.scrolled[i] || 0));
    const focused = section.querySelectorAll(FOCUSABLE)[kept.focused];
    if (focused) focused.focus({ preventScroll: true });
  }
})();
