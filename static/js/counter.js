// Counts the characters of a text: « 312 caractères sur 400 », and says when there are too many.
(function () {
  "use strict";

  const number = (n) => n.toLocaleString("fr-FR");

  function draw(counter, field) {
    const max = Number(counter.dataset.max);
    const count = [...field.value].length;
    const over = count - max;
    const words = (n) => `${number(n)} caractère${n > 1 ? "s" : ""}`;
    counter.classList.toggle("ft-counter--over", over > 0);
    counter.textContent = over > 0 ? `${words(over)} de trop (${number(count)} sur ${number(max)})` : `${words(count)} sur ${number(max)}`;
  }

  htmx.onLoad((target) => {
    for (const counter of target.querySelectorAll("[data-fichetrack-counter]")) {
      const field = document.getElementById(counter.dataset.fichetrackCounter);
      if (!field) continue;
      field.addEventListener("input", () => draw(counter, field));
      draw(counter, field);
    }
  });
})();
