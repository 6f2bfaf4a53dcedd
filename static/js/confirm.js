// Asks before an act that cannot be undone: <button data-fichetrack-confirm="Supprimer ce brouillon ?">.
// The server asks too when this file does not run, or accepts only what it can undo.
(function () {
  "use strict";

  function makeDialog() {
    const dialog = document.createElement("dialog");
    dialog.className = "ft-dialog";
    dialog.setAttribute("aria-labelledby", "confirmation-texte");
    dialog.innerHTML =
      '<form method="dialog"><p id="confirmation-texte"></p><div class="ft-actions">' +
      '<button class="btn btn-danger" value="yes"></button>' +
      '<button class="btn btn-outline-secondary" value="no">Annuler</button></div></form>';
    document.body.append(dialog);
    return dialog;
  }

  function ask(button, onYes) {
    const dialog = document.querySelector("dialog.ft-dialog") || makeDialog();
    dialog.querySelector("p").textContent = button.dataset.fichetrackConfirm;
    dialog.querySelector("[value=yes]").textContent = button.textContent.trim();
    dialog.returnValue = "";
    dialog.addEventListener("close", () => {
      button.focus();
      if (dialog.returnValue === "yes") onYes();
    }, { once: true });
    dialog.showModal();
    dialog.querySelector("[value=no]").focus();
  }

  // Capture comes before htmx: the click that asks never reaches it, the confirmed one does.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fichetrack-confirm]");
    if (!button || button.dataset.confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(button, () => {
      button.dataset.confirmed = "1";
      button.click();
      delete button.dataset.confirmed;
    });
  }, true);
})();
