// Says aloud and in sight what htmx did: swaps are announced, failures are told, an error summary takes the focus.
(function () {
  "use strict";

  const FAILURES = {
    0: "Pas de réponse du serveur : vérifiez votre connexion, puis réessayez. Rien n’a été perdu dans cette page.",
    400: "Ce formulaire a expiré. Votre texte est encore dans cette page : copiez-le, connectez-vous, rechargez la page, collez-le.",
    401: "Votre session a expiré. Votre texte est encore dans cette page : copiez-le, connectez-vous, rechargez la page, collez-le.",
    403: "Action refusée : votre session a peut-être expiré. Ouvrez la connexion dans un autre onglet, puis réessayez.",
    404: "Cet élément n’existe plus, ou vous n’y avez plus accès. Rechargez la page.",
    413: "L’envoi est trop volumineux : 20 Mo au plus pour un fichier, 2 Mo pour un texte. Rien n’a été enregistré.",
    429: "Trop de demandes en peu de temps. Attendez un instant, puis réessayez.",
  };
  const alarm = () => document.getElementById("alarme");

  function announce(text) {
    const region = document.getElementById("annonces");
    region.textContent = "";
    window.setTimeout(() => { region.textContent = text; }, 50);
  }

  function tell(status) {
    alarm().textContent = FAILURES[status] || "La page n’a pas pu être mise à jour. Réessayez dans un instant.";
  }

  document.addEventListener("htmx:afterSettle", (event) => {
    alarm().textContent = "";
    const target = event.detail.elt;
    const spoken = target.matches("[data-fichetrack-announce]") ? target : target.querySelector("[data-fichetrack-announce]");
    if (target.id !== "messages") announce(spoken ? spoken.textContent.trim() : "Page mise à jour");
  });
  document.addEventListener("htmx:responseError", (event) => tell(event.detail.xhr.status));
  document.addEventListener("htmx:sendError", () => tell(0));
  document.addEventListener("htmx:timeout", () => tell(0));

  // What folds is open on a wide screen; on a narrow one it waits, so that the results are seen first.
  const wide = window.matchMedia("(min-width: 62rem)");
  const fold = () => document.querySelectorAll("details[data-fichetrack-fold]").forEach((details) => { details.open = wide.matches; });
  wide.addEventListener("change", fold);
  fold();

  // What arrives takes the focus when it has settled, unless the person has already gone elsewhere in the meantime.
  let focusedAtSwap = null;
  document.addEventListener("htmx:afterSwap", () => { focusedAtSwap = document.activeElement; });
  const hasMoved = () => focusedAtSwap !== null && focusedAtSwap !== document.activeElement;

  htmx.onLoad((target) => {
    const summary = target.matches("[data-fichetrack-focus]") ? target : target.querySelector("[data-fichetrack-focus]");
    if (!summary || hasMoved()) return;
    summary.focus();
    focusedAtSwap = document.activeElement;
  });
})();
