// Shows what is found while somebody types. Without this script the form is sent as ever.
"use strict";

// A block of its own: scripts of one page share their names.
{
  const PAUSE_MS = 250;

  const form = document.querySelector("form[data-live-results]");
  const input = form.elements.q;
  const announcer = document.createElement("div");
  announcer.className = "visually-hidden";
  announcer.setAttribute("role", "status");
  document.body.append(announcer);

  let asked = null; // what ends the request that is under way
  let pause = 0;
  let shown = input.value.trim();

  function addressOf(text) {
    const address = new URL(form.action);
    if (text) address.searchParams.set("q", text);
    return address;
  }

  async function show(text) {
    const address = addressOf(text);
    asked?.abort();
    asked = new AbortController();
    const answer = await fetch(address, { headers: { Accept: "text/html" }, signal: asked.signal });
    // Too many words are answered 400, with a page that says so; other refusals are not for here.
    if (!answer.ok && answer.status !== 400) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById(form.dataset.liveResults);
    if (!found || answer.redirected) return;
    document.getElementById(form.dataset.liveResults).replaceWith(document.adoptNode(found));
    document.title = page.title;
    history.replaceState(null, "", address);
    shown = text;
    announcer.textContent = found.querySelector("h2")?.textContent ?? "";
  }

  function typed() {
    clearTimeout(pause);
    const text = input.value.trim();
    if (text === shown) {
      asked?.abort();
      return;
    }
    pause = setTimeout(() => {
      // Aborted, or no network: what is shown stays, and the form can still be sent.
      show(text).catch(() => {});
    }, PAUSE_MS);
  }

  // While letters are being composed the text is not what it will be.
  input.addEventListener("input", (event) => { if (!event.isComposing) typed(); });
  input.addEventListener("compositionend", typed);
  form.addEventListener("submit", () => { clearTimeout(pause); asked?.abort(); });
}
