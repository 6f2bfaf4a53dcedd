// Drafts: posts the form to its autosave address, says when it was saved, shouts when it could not, and keeps the
// text in this browser until the server has it. The answer's contract is in docs/components.md.
(function () {
  "use strict";

  const EVERY_MS = 8000;
  const KEEP_DAYS = 30;
  const SUBMITTED = "fichetrack-submitted";

  class Autosave {
    constructor(form) {
      this.form = form;
      this.url = form.dataset.fichetrackAutosave;
      this.key = `fichetrack:${form.dataset.fichetrackKey || this.url}`;
      form.autosaveKey = this.key;
      this.status = form.querySelector("[data-fichetrack-autosave-status]");
      this.timer = null;
      this.sending = false;
      this.stopped = false;
      this.offerBack();
      form.addEventListener("input", () => this.changed());
      form.addEventListener("change", () => this.changed());
      form.addEventListener("submit", () => this.stop());
      form.addEventListener("htmx:afterRequest", (event) => { if (!event.detail.successful) this.stopped = false; });
      window.addEventListener("online", () => this.form.isConnected && this.pending && this.send());
    }

    // A full save: the copy stays until the next page shows that the server took it (settle, below).
    stop() {
      this.keep();
      this.stopped = true;
      window.clearTimeout(this.timer);
      try { window.sessionStorage.setItem(SUBMITTED, this.key); } catch { /* no storage */ }
    }

    changed() {
      this.pending = true;
      this.keep();
      if (this.stopped) return;
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.send(), Number(this.form.dataset.fichetrackEvery) || EVERY_MS);
    }

    async send() {
      if (this.sending || this.stopped || !this.form.isConnected) return;
      this.sending = true;
      this.pending = false;
      try {
        const answer = await fetch(this.url, { method: "POST", body: new FormData(this.form), headers: this.headers(), redirect: "manual" });
        await this.read(answer);
      } catch {
        this.shout("pas de réponse du serveur. Votre texte est gardé dans ce navigateur et partira au retour du réseau.");
        this.again();
      } finally {
        this.sending = false;
      }
    }

    headers() {
      const token = this.form.elements.csrf_token;
      return { Accept: "application/json", "X-Fichetrack-Autosave": "1", ...(token ? { "X-CSRFToken": token.value } : {}) };
    }

    async read(answer) {
      const body = await answer.json().catch(() => ({}));
      if (answer.ok) return this.saved(body);
      // A redirection here is always the sign-in page.
      if (answer.type === "opaqueredirect" || [400, 401, 403].includes(answer.status)) {
        return this.shout(body.message || "votre session a expiré. Votre texte est gardé dans ce navigateur : reconnectez-vous, puis rouvrez cette page.");
      }
      if (answer.status === 409) {
        this.stopped = true;
        return this.shout(`${body.message || "quelqu’un a modifié cette section entre-temps."} Enregistrez : les deux textes vous seront montrés.`);
      }
      if (answer.status === 422) return this.shout(body.message || "une valeur n’est pas acceptable. Corrigez-la ; votre texte est gardé dans ce navigateur.");
      this.shout("le serveur n’a pas pu répondre. Nouvel essai dans un instant ; votre texte est gardé dans ce navigateur.");
      this.again();
    }

    again() {
      this.pending = true;
      this.timer = window.setTimeout(() => this.send(), 4 * EVERY_MS);
    }

    saved(body) {
      for (const [name, value] of Object.entries(body.fields || {})) {
        const field = this.form.elements[name];
        if (field && field.type === "hidden") field.value = value;
      }
      const clock = new Intl.DateTimeFormat("fr-FR", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Paris" });
      this.say(`Enregistré à ${body.saved_at || clock.format(new Date())}`, false);
      if (this.pending) return;
      this.forget();
      this.form.dispatchEvent(new CustomEvent("fichetrack:saved", { bubbles: true }));
    }

    shout(reason) { this.say(`Non enregistré : ${reason}`, true); }

    say(text, isError) {
      if (!this.status) return;
      this.status.textContent = text;
      this.status.classList.toggle("ft-autosave--error", isError);
      this.status.setAttribute("role", isError ? "alert" : "status");
    }

    // ---- the copy in this browser -------------------------------------------------------------------------------
    values() {
      const hidden = new Set([...this.form.elements].filter((field) => field.type === "hidden").map((field) => field.name));
      return [...new FormData(this.form)].filter(([name, value]) => typeof value === "string" && !hidden.has(name));
    }

    keep() {
      try {
        window.localStorage.setItem(this.key, JSON.stringify({ at: Date.now(), values: this.values() }));
      } catch { /* A full or forbidden storage must not stop somebody from typing. */ }
    }

    forget() { try { window.localStorage.removeItem(this.key); } catch { /* idem */ } }

    kept() {
      try {
        const copy = JSON.parse(window.localStorage.getItem(this.key));
        return copy && Date.now() - copy.at < KEEP_DAYS * 864e5 ? copy : null;
      } catch { return null; }
    }

    offerBack() {
      const copy = this.kept();
      if (!copy || JSON.stringify(copy.values) === JSON.stringify(this.values())) return this.forget();
      const box = document.createElement("div");
      box.className = "ft-restore";
      box.setAttribute("role", "status");
      const when = new Intl.DateTimeFormat("fr-FR", { dateStyle: "long", timeStyle: "short", timeZone: "Europe/Paris" }).format(copy.at);
      box.innerHTML = '<p></p><button type="button" class="btn btn-primary btn-sm">Reprendre ce texte</button><button type="button" class="btn btn-outline-secondary btn-sm">L’effacer</button>';
      box.querySelector("p").textContent = `Ce navigateur garde un texte du ${when} qui n’a pas été enregistré.`;
      const [restore, discard] = box.querySelectorAll("button");
      restore.addEventListener("click", () => { this.restore(copy.values); box.remove(); });
      discard.addEventListener("click", () => { this.forget(); box.remove(); });
      this.form.prepend(box);
    }

    restore(values) {
      this.addMissingRows(values);
      for (const field of this.form.elements) {
        if (!field.name || ["hidden", "file", "submit", "button"].includes(field.type)) continue;
        const mine = values.filter(([name]) => name === field.name).map(([, value]) => value);
        if (["checkbox", "radio"].includes(field.type)) field.checked = mine.includes(field.value);
        else if (field.multiple) for (const option of field.options) option.selected = mine.includes(option.value);
        else if (mine.length) field.value = mine[0];
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
      this.say("Texte repris. Relisez-le, puis enregistrez.", false);
    }

    addMissingRows(values) {
      for (const editor of this.form.querySelectorAll("[data-fichetrack-rows]")) {
        const wanted = new Set(values.map(([name]) => (name.match(new RegExp(`${editor.dataset.fichetrackRows}-(\\d+)-`)) || [])[1]).filter(Boolean));
        const button = editor.querySelector("[data-fichetrack-rows-add]");
        const count = () => editor.querySelectorAll("[data-fichetrack-rows-list] [data-fichetrack-row]").length;
        for (let tries = wanted.size - count(); tries > 0 && button; tries -= 1) button.click();
      }
    }
  }

  // After a full save in this tab: the form is gone and no error or sign-in page came instead, so the copy may go.
  function settle() {
    try {
      const key = window.sessionStorage.getItem(SUBMITTED);
      const open = [...document.querySelectorAll("form[data-fichetrack-autosave]")].some((form) => form.autosaveKey === key);
      if (!key || open || document.querySelector("[data-fichetrack-keep], input[type=password]")) return;
      window.localStorage.removeItem(key);
      window.sessionStorage.removeItem(SUBMITTED);
    } catch { /* no storage */ }
  }

  htmx.onLoad((target) => {
    const forms = [...target.querySelectorAll("form[data-fichetrack-autosave]")];
    if (target.matches("form[data-fichetrack-autosave]")) forms.push(target);
    forms.forEach((form) => new Autosave(form));
    settle();
  });
})();
