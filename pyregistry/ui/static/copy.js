// Adds a copy button to every line that is meant for a terminal or a file. Without this script
// the lines can be selected as ever.
"use strict";

const RESET_AFTER_MS = 2000;

// Tells the registry that a command was copied. Nobody waits for it, and nothing depends on it.
function tell(copyable) {
  const { copied, copiedAt, copiedPackage } = copyable.closest("[data-copied]")?.dataset ?? {};
  if (!copied) return;
  const body = new URLSearchParams({ action: copied });
  if (copiedPackage) body.set("package", copiedPackage);
  fetch(copiedAt, { method: "POST", body, keepalive: true, redirect: "manual" }).catch(() => {});
}

// Only secure contexts have a clipboard; elsewhere a selection can be copied.
async function copy(code) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    return true;
  } catch {
    window.getSelection().selectAllChildren(code);
    return document.execCommand("copy");
  }
}

function addButton(copyable) {
  const code = copyable.querySelector("code");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy-button";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy: ${code.parentElement.getAttribute("aria-label")}`);
  let byButton = false;
  button.addEventListener("click", async () => {
    byButton = true;
    // Where nothing may be copied for the reader it is selected, so that a key press copies it.
    const isCopied = await copy(code);
    byButton = false;
    if (isCopied) tell(copyable);
    button.textContent = isCopied ? "Copied" : "Selected";
    announcer.textContent = button.textContent;
    setTimeout(() => { button.textContent = "Copy"; announcer.textContent = ""; }, RESET_AFTER_MS);
  });
  code.addEventListener("copy", () => { if (!byButton) tell(copyable); });
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
