// Warns before leaving a page whose form [data-fichetrack-unsaved] holds changes that are not saved.
(function () {
  "use strict";

  const isDirty = (form) => form.dataset.dirty === "1";

  document.addEventListener("input", mark);
  document.addEventListener("change", mark);
  function mark(event) {
    const form = event.target.closest("form[data-fichetrack-unsaved]");
    if (form) form.dataset.dirty = "1";
  }

  document.addEventListener("submit", (event) => { delete event.target.dataset.dirty; });
  document.addEventListener("fichetrack:saved", (event) => { delete event.target.dataset.dirty; });
  document.addEventListener("htmx:responseError", (event) => mark({ target: event.detail.elt }));
  document.addEventListener("htmx:sendError", (event) => mark({ target: event.detail.elt }));
  window.addEventListener("beforeunload", (event) => {
    if ([...document.querySelectorAll("form[data-fichetrack-unsaved]")].some(isDirty)) event.preventDefault();
  });
})();
