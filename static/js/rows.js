// Repeatable rows: adds one from the <template> instead of a round trip, and folds away the ones to be removed.
// Without this file the same button and the same checkbox are read by the server.
(function () {
  "use strict";

  const ROW = "[data-fichetrack-row]";

  function nextIndex(list, name) {
    // Indexes are never reused, so that a removed row and a new one cannot be taken for each other.
    const used = [...list.querySelectorAll("[name]")].map((field) => {
      const found = field.name.match(new RegExp(`${name}-(\\d+)-`));
      return found ? Number(found[1]) : -1;
    });
    return Math.max(-1, ...used) + 1;
  }

  function add(editor) {
    const list = editor.querySelector("[data-fichetrack-rows-list]");
    const blank = editor.querySelector("[data-fichetrack-rows-blank]");
    const holder = document.createElement("div");
    holder.append(blank.content.cloneNode(true));
    const index = nextIndex(list, editor.dataset.fichetrackRows);
    for (const element of holder.querySelectorAll("*")) {
      for (const attribute of element.attributes) {
        if (attribute.value.includes("__n__")) attribute.value = attribute.value.replaceAll("__n__", index);
      }
    }
    const row = holder.querySelector(ROW);
    row.querySelector("[data-fichetrack-row-position]").textContent = list.querySelectorAll(ROW).length + 1;
    list.append(row);
    htmx.process(row);
    htmx.trigger(row, "fichetrack:row-added");
    const first = row.querySelector("input:not([type=hidden]), select, textarea");
    if (first) first.focus();
    row.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function announceDeletion(box) {
    const legend = box.closest(ROW).querySelector("legend").textContent.trim();
    const region = document.getElementById("annonces");
    if (region) region.textContent = box.checked ? `${legend} sera supprimée à l’enregistrement.` : `${legend} est gardée.`;
  }

  htmx.onLoad((target) => {
    const editors = [...target.querySelectorAll("[data-fichetrack-rows]")];
    if (target.matches("[data-fichetrack-rows]")) editors.push(target);
    for (const editor of editors) {
      const button = editor.querySelector("[data-fichetrack-rows-add]");
      if (!editor.querySelector("[data-fichetrack-rows-blank]") || button.dataset.ready) continue;
      button.dataset.ready = "1";
      button.addEventListener("click", (event) => { event.preventDefault(); add(editor); });
      editor.addEventListener("change", (event) => {
        if (event.target.matches("[data-fichetrack-row-delete]")) announceDeletion(event.target);
      });
    }
  });
})();
