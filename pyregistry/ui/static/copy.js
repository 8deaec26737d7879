// Adds a copy button to every line that is meant for a terminal. Without this script
// the lines can be selected as ever.
"use strict";

const RESET_AFTER_MS = 2000;

function addButton(copyable) {
  const text = copyable.querySelector("code").textContent;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy-button";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy: ${copyable.dataset.copyLabel}`);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      // Refused, or not a secure context: select it, so that a key press copies it.
      window.getSelection().selectAllChildren(copyable.querySelector("code"));
      button.textContent = "Selected";
    }
    announcer.textContent = button.textContent;
    setTimeout(() => { button.textContent = "Copy"; announcer.textContent = ""; }, RESET_AFTER_MS);
  });
  copyable.append(button);
}

const announcer = document.createElement("div");
announcer.className = "visually-hidden";
announcer.setAttribute("role", "status");
document.body.append(announcer);

for (const copyable of document.querySelectorAll(".copyable")) {
  // A README is somebody else's text: nothing in it becomes a button.
  if (!copyable.closest(".readme")) addButton(copyable);
}
