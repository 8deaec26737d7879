// Sends a form once, however often its button is pressed while the answer is on its way. Without
// this script a second press sends it again, as ever.
"use strict";

// A block of its own: scripts of one page share their names.
{
  // Nobody presses a button twice for so long by mistake; and who has stopped the page may go on.
  const PAUSE_MS = 5000;

  let sent = new WeakMap();

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    const now = performance.now();
    if (now - (sent.get(form) ?? -PAUSE_MS) < PAUSE_MS) event.preventDefault();
    else sent.set(form, now);
  });

  // Shown again just as it was left, by the way back.
  window.addEventListener("pageshow", (event) => { if (event.persisted) sent = new WeakMap(); });
}
